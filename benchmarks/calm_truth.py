"""From which day on a planted fault can be found: when the day's counts would show it if chance played no part.

The expected counts of the day, of two thirds of its rows and with 85 % of the fault, are judged as in production. Not
all of both, because on the day on which the expected counts only just alarm, half of all real days do not.
"""

from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from aimon.clock import days
from aimon.daily.judging import per_window
from aimon.daily.window import OWN
from aimon.profile.profile import Profile
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Family, Maturity
from benchmarks.calm_fleet import Fault, Model, baseline_of

ROOM, FAINTER = 2 / 3, 0.85
TOLD = ("silence", "failed step")
"""Faults that no count shows: they are found because somebody says so."""

FAMILIES = {
    "drift": Family.DRIFT,
    "data": Family.QUALITY,
    "unfair": Family.FAIRNESS,
    "performance": Family.PERFORMANCE,
    "labels": Family.PERFORMANCE,
    "operations": Family.OPERATIONS,
    "budget": Family.OPERATIONS,
}


class Certain:
    """Draws what is expected."""

    def normal(self, mean: float, _: float, size: int | None = None) -> float | NDArray[np.float64]:
        return mean if size is None else np.full(size, mean)

    def random(self) -> float:
        return 0.5

    def multinomial(self, rows: int, law: NDArray[np.float64]) -> NDArray[np.int64]:
        """The sums are rounded, not the parts: of a fine grid every part of a small day would be rounded to nothing."""
        return np.diff(np.rint(rows * np.cumsum(law)), prepend=0).astype(np.int64)

    def binomial(self, rows: int, share: float) -> int:
        return round(rows * share)


def detectable(model: Model, fault: Fault, first: date) -> date | None:
    """The day whose judging can find it first; none where no single day can. The baseline ends at `first`."""
    if fault.kind in TOLD:
        return fault.first
    sure = replace(model, random=Certain(), faults=[])  # type: ignore[arg-type]
    broken = replace(sure, rows=int(model.rows * ROOM), faults=[replace(fault, size=fault.size * FAINTER)])
    baseline = baseline_of(sure, first)
    shows = (day for day in days(fault.first, fault.last) if _shows(broken, baseline, fault, day))
    day = next(shows, None)
    return None if day is None else day + fault.horizon


def _shows(model: Model, baseline: Profile, fault: Fault, day: date) -> bool:
    features, outcomes = model.draw(model.state(day))
    current = Profile(model.grid.id, features | outcomes)
    found = evaluate(per_window(model.spec, OWN), model.grid, baseline, current, maturity=Maturity.MATURE)
    return any(record.verdict.alarms and record.family is FAMILIES[fault.found_as[0]] for record in found)
