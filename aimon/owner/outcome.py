"""What became of a question that waited at the server, as the agent tells it line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from aimon.daily.judging import Judged
from aimon.owner.server import Waiting


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sum. `page` is the owner's own report; `faulty` where it did not pass the checks."""

    waiting: Waiting
    said: str
    page: str | None = None
    faulty: bool = False


def handed(release: str, judged: Sequence[Judged]) -> str:
    """What was handed back, and how many alarms are among it."""
    return f"{release} handed back; {sum(each.record.verdict.alarms for each in judged)} alarms"
