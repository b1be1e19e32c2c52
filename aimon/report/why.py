"""Why a day alarms, in sentences: the records that explain others, by what they tell. In: records. Out: titled lists.

Explaining records are no findings of their own, so they are left out where findings are made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aimon.metrics.catalogue.explanation import EXPLAINING
from aimon.metrics.names import metric_name
from aimon.metrics.numerals import several
from aimon.report.sentences import VERDICTS
from aimon.verdict.record import Record

TITLES = {
    "root_cause": "What it costs, by column",
    "data_fault": "Damaged columns",
    "worst_segment": "Where it gathers",
    "change_point": "Since when",
}
MOST = 10
COVERAGE, AGE = "estimate_coverage", "explanation_age"


@dataclass(frozen=True, slots=True)
class Reasons:
    """Sentences of one kind, the most telling first."""

    title: str
    sentences: tuple[str, ...]
    more: int = 0


def explains(record: Record) -> bool:
    """Whether the record explains others."""
    return record.metric in EXPLAINING


def why(records: Sequence[Record]) -> list[Reasons]:
    """What explains the alarms; nothing where nothing alarms."""
    found = []
    for metric, title in TITLES.items():
        sentences = [_ended(record.reason) for record in records if record.metric == metric and record.reason]
        if sentences:
            found.append(Reasons(title, tuple(sentences[:MOST]), max(0, len(sentences) - MOST)))
    return found


def searched(records: Iterable[Record]) -> str:
    """When causes and segments were last searched, where that was not for this day, and what was not found."""
    for record in records:
        if record.metric == AGE:
            ago = (
                f"The same alarms were explained {several(int(record.value or 0), 'day')} ago." if record.value else ""
            )
            return " ".join(filter(None, [_ended(record.reason or ""), ago]))
    return ""


def estimate_words(records: Iterable[Record]) -> str:
    """How far the estimates may be believed: their track record, and why there is none."""
    return " ".join(dict.fromkeys(_estimate_words(records)))


def _estimate_words(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        if record.metric == COVERAGE and record.reason and record.segment is None:
            name = metric_name(str(record.column))
            yield f"{name[:1].upper()}{name[1:]}: {_ended(record.reason)}"
        elif record.value is None and record.reason and record.segment is None and record.group is None:
            yield _ended(f"{VERDICTS[record.verdict].capitalize()}: {record.reason}")


def _ended(text: str) -> str:
    """A clause with a full stop."""
    return text if not text or text.endswith(".") else f"{text}."
