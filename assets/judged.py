"""From records to a check: did this family alarm, what was worst, and the table that the Dagster UI shows."""

from collections import Counter
from collections.abc import Sequence

import dagster as dg

from aimon.daily.judging import Judged, worst_first
from aimon.verdict.record import Verdict
from assets.made import Judgement, Metadata

WORST_SHOWN = 10
COLUMNS = ("metric", "column", "segment", "group", "value", "low", "high", "threshold", "verdict")


def text(value: object) -> str:
    """A cell of the table; Dagster's tables hold neither nulls nor lists."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " x ".join(text(part) for part in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(judged: Sequence[Judged]) -> dg.TableMetadataValue:
    """The given results as a table, in their order."""
    rows = [
        dg.TableRecord({"window": each.window} | {name: text(getattr(each.record, name)) for name in COLUMNS})
        for each in judged
    ]
    columns = [dg.TableColumn(name) for name in ("window", *COLUMNS)]
    return dg.MetadataValue.table(rows, dg.TableSchema(columns))


def metadata(judged: Sequence[Judged]) -> Metadata:
    """How many results there are of each verdict, and the worst of them."""
    verdicts = Counter(each.record.verdict.value for each in judged)
    return {**verdicts, "worst": table(worst_first(judged)[:WORST_SHOWN])}


def judgement(judged: Sequence[Judged]) -> Judgement:
    """Failed when anything alarms: an error when something is critical, a warning otherwise."""
    alarms = [each for each in judged if each.record.verdict.alarms]
    critical = any(each.record.verdict is Verdict.CRITICAL for each in alarms)
    return Judgement(
        passed=not alarms,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=describe(worst_first(alarms)),
        metadata=metadata(judged),
    )


def describe(alarms: Sequence[Judged]) -> str:
    """The worst alarm in words."""
    if not alarms:
        return "Nothing beyond its limit."
    worst = alarms[0]
    record = worst.record
    place = " ".join(text(part) for part in (record.column, record.group, record.segment) if part is not None)
    more = f" and {len(alarms) - 1} more" if len(alarms) > 1 else ""
    return (
        f"{record.metric} {place} is {text(record.value)} over {worst.window} (limit {text(record.threshold)}){more}."
    ).replace("  ", " ")
