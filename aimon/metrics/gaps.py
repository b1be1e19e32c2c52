"""The gaps between groups that fairness is judged by. In: groups' counts. Out: each gap, bounded, as an estimate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.estimate import Change, Estimate, Obstacle, Pair
from aimon.metrics.groups import Groups
from aimon.metrics.interval import Measure
from aimon.metrics.parity import Gap, difference, ratio, spread
from aimon.metrics.proportions import mover

Ints = NDArray[np.int64]

GAPS = {
    "demographic_parity_difference": False,
    "disparate_impact": False,
    "equal_opportunity_difference": True,
    "fpr_difference": True,
    "equalized_odds_difference": True,
    "predictive_parity_difference": True,
    "calibration_difference": True,
}
"""The gaps in order, and whether each needs labels."""
LEAST_TRIALS = 10
"""A group's rate on fewer rows is not estimable."""
NO_PAIR = "fewer than two groups have rows to compare"
NEVER = "no group was selected, so their ratio is undefined"


@dataclass(frozen=True, slots=True)
class Between:
    """A gap between groups, and the trials of each group that it rests on."""

    gap: Gap | None
    trials: Ints


Gaps = dict[str, Between]


def gaps(groups: Groups, calibrations: list[Measure] | None) -> Gaps:
    """Every gap that the groups' tables can show."""
    selected, predicted = groups.selected, groups.predicted
    found = {
        "demographic_parity_difference": Between(difference(selected, predicted), predicted),
        "disparate_impact": Between(ratio(selected, predicted), predicted),
    }
    if groups.outcome is not None:
        (tn, fn), (fp, tp) = np.moveaxis(groups.outcome, 0, -1)
        opportunity = Between(difference(tp, tp + fn), tp + fn)
        false_alarms = Between(difference(fp, tn + fp), tn + fp)
        found |= {
            "equal_opportunity_difference": opportunity,
            "fpr_difference": false_alarms,
            "equalized_odds_difference": _larger(opportunity, false_alarms),
            "predictive_parity_difference": Between(difference(tp, tp + fp), tp + fp),
        }
    if calibrations is not None:
        trials = np.array([0 if measure.low is None else measure.n for measure in calibrations])
        values = np.array([measure.value or 0.0 for measure in calibrations])
        errors = np.array([((measure.high or 0.0) - (measure.low or 0.0)) / 2.0 for measure in calibrations])
        found["calibration_difference"] = Between(spread(values, errors, trials), trials)
    return found


def _larger(opportunity: Between, false_alarms: Between) -> Between:
    """Equalized odds: the larger of the TPR gap and the FPR gap, with the larger of both bounds."""
    a, b = opportunity.gap, false_alarms.gap
    if a is None or b is None:
        return Between(None, opportunity.trials)
    value, trials = (a, opportunity.trials) if a.value >= b.value else (b, false_alarms.trials)
    p_values = [p for p in (a.p_value, b.p_value) if p is not None]
    both = min(1.0, 2.0 * min(p_values)) if p_values else None
    low, high = max(a.low, b.low), max(a.high, b.high)
    return Between(Gap(value.lowest, value.highest, value.value, low, high, both), trials)


def gap_estimate(metric: str, now: Groups, between: Between, earlier: Between | None) -> Estimate:
    """The gap as an estimate; `groups` names the lowest and the highest group."""
    gap, trials = between.gap, between.trials
    column, labels = now.column, GAPS[metric]
    n_reference = None if earlier is None else int(earlier.trials.sum())
    n_current = int(trials.sum())
    if gap is None:
        compared = int((trials > 0).sum())
        note = NEVER if metric == "disparate_impact" and compared > 1 else f"{NO_PAIR}{_counts(now, trials)}"
        return Estimate(
            metric=metric,
            column=column,
            n_reference=n_reference,
            n_current=n_current,
            labels=labels,
            obstacle=Obstacle.NO_DENOMINATOR,
            note=note,
        )
    pair: Pair = (now.names[gap.lowest], now.names[gap.highest])  # type: ignore[assignment]
    small = [place for place in (gap.lowest, gap.highest) if trials[place] < LEAST_TRIALS]
    return Estimate(
        metric=metric,
        column=column,
        groups=pair,
        value=gap.value,
        low=gap.low,
        high=gap.high,
        p_value=gap.p_value,
        n_reference=n_reference,
        n_current=n_current,
        labels=labels,
        obstacle=Obstacle.NO_DENOMINATOR if small else None,
        note=f"too few rows to compare{_counts(now, trials, small)}" if small else None,
    )


def _counts(groups: Groups, trials: Ints, places: list[int] | None = None) -> str:
    """The rows of these groups, or of the first few, in words."""
    shown = list(range(len(groups.names)))[:6] if places is None else places
    return "".join(
        f"{':' if first == 0 else ','} {name(groups.names[place])} {int(trials[place])}"
        for first, place in enumerate(shown)
    )


def name(group: str | tuple[str, ...]) -> str:
    """A group's name in a sentence."""
    return group if isinstance(group, str) else " & ".join(group)


def shift_estimate(metric: str, now: Groups, between: Between, earlier: Between) -> Estimate:
    """How far the gap moved since the baseline: current less baseline."""
    gap, past = between.gap, earlier.gap
    moved: Change | None = None
    if gap is not None and past is not None:
        low, high = mover(past.value, (past.low, past.high), gap.value, (gap.low, gap.high))
        moved = Change(baseline=past.value, value=gap.value - past.value, low=float(low), high=float(high))
    return Estimate(
        metric=f"{metric}_shift",
        column=now.column,
        value=None if moved is None else moved.value,
        low=None if moved is None else moved.low,
        high=None if moved is None else moved.high,
        n_reference=int(earlier.trials.sum()),
        n_current=int(between.trials.sum()),
        labels=GAPS[metric],
        obstacle=Obstacle.NO_DENOMINATOR if moved is None else None,
        note="the gap is not known on both sides" if moved is None else None,
    )
