"""What is wrong with the demo's data, on which days, and how it must show. Nothing else in the data is wrong."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Signal:
    """A kind of result; None stands for any. An attribute matches alone and inside an intersection."""

    family: str
    metric: str | None = None
    column: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault: `signals` are what finds it, `echoes` what it drags along and nobody should call false."""

    model: str
    what: str
    signals: tuple[Signal, ...]
    echoes: tuple[Signal, ...]
    share_of_days: float
    first_day: date | None = None
    last_day: date | None = None

    def dated(self, last_day: date, days: int) -> "Fault":
        """The fault on a calendar: it holds through the last part of the period."""
        length = max(1, round(days * self.share_of_days))
        return replace(self, first_day=last_day - timedelta(length - 1), last_day=last_day)

    def day_number(self, day: date) -> int | None:
        """How many days the fault has lasted on this day; None where it is not there."""
        if self.first_day is None or self.last_day is None or not self.first_day <= day <= self.last_day:
            return None
        return (day - self.first_day).days


FAULTS: tuple[Fault, ...] = (
    Fault(
        model="loan-approval",
        what="a rule after the model declines one in three Black applicants whom the model would approve",
        signals=(
            Signal("fairness", "demographic_parity_difference", "race"),
            Signal("fairness", "disparate_impact", "race"),
            Signal("fairness", "equal_opportunity_difference", "race"),
        ),
        echoes=(Signal("fairness", None, "race"),),
        share_of_days=1 / 3,
    ),
    Fault(
        model="card-fraud",
        what="the amount arrives in leva instead of euros",
        signals=(Signal("drift", None, "amount"),),
        echoes=(Signal("drift", "domain_auc"),),
        share_of_days=0.4,
    ),
    Fault(
        model="support-assistant",
        what="every call resends the whole conversation, and the conversations grow",
        signals=(Signal("operations", "cost_usd"),),
        echoes=(Signal("operations", "tokens"),),
        share_of_days=0.27,
    ),
)


def dated_faults(last_day: date, days: int) -> tuple[Fault, ...]:
    """The planted faults of a period of `days` that ends with `last_day`."""
    return tuple(fault.dated(last_day, days) for fault in FAULTS)


def write_faults(path: Path, faults: Iterable[Fault], *, seed: int) -> None:
    """Write `planted.json`."""
    document = {"seed": seed, "faults": [asdict(fault) for fault in faults]}
    path.write_text(json.dumps(document, indent=2, default=date.isoformat) + "\n", encoding="utf-8")


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Read `planted.json` back."""

    def signals(items: list[dict[str, str | None]]) -> tuple[Signal, ...]:
        return tuple(Signal(**item) for item in items)  # type: ignore[arg-type]

    return tuple(
        Fault(
            model=fault["model"],
            what=fault["what"],
            signals=signals(fault["signals"]),
            echoes=signals(fault["echoes"]),
            share_of_days=fault["share_of_days"],
            first_day=date.fromisoformat(fault["first_day"]),
            last_day=date.fromisoformat(fault["last_day"]),
        )
        for fault in json.loads(path.read_text(encoding="utf-8"))["faults"]
    )
