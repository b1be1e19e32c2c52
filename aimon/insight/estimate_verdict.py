"""An expectation made into an estimate for the judge. In: value and errors. Out: interval, change, or why not."""

import math
from dataclasses import dataclass

from aimon.insight.estimate_expected import Expected
from aimon.insight.support import LEAST_CURRENT, LEAST_REFERENCE, LEAST_SHARE, Support
from aimon.insight.trackrecord import TrackRecord
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import Measure, compare
from aimon.metrics.metric import Basis
from aimon.metrics.proportions import Z95

LEAST_ROWS = 30
_LARGEST_HALF = 30.0


@dataclass(frozen=True, slots=True)
class Obstruction:
    """Why no estimate is given."""

    obstacle: Obstacle
    note: str


def shares(expected: Expected, rows: int) -> Measure:
    """A measure between 0 and 1, with its 95 % interval on the logit scale."""
    value = min(max(expected.value, 1e-9), 1.0 - 1e-9)
    middle, half = math.log(value / (1.0 - value)), Z95 * expected.error / (value * (1.0 - value))
    half = min(half, _LARGEST_HALF)
    low, high = (1.0 / (1.0 + math.exp(-bound)) for bound in (middle - half, middle + half))
    return Measure(expected.value, low, high, rows)


def sizes(expected: Expected, rows: int) -> Measure:
    """A measure above 0, with its 95 % interval on the logarithmic scale."""
    if expected.value <= 0.0:
        return Measure(expected.value, expected.value, expected.value, rows)
    factor = math.exp(min(Z95 * expected.error / expected.value, _LARGEST_HALF))
    return Measure(expected.value, expected.value / factor, expected.value * factor, rows)


def told(
    metric: str, measure: Measure, baseline: Measure | None, track: TrackRecord | None, *, basis: Basis = Basis.DROP
) -> Estimate:
    """The measure as an estimate, with the track record's sentence beside it."""
    if track is not None and not track.trusted:
        return unable(
            metric, Obstruction(Obstacle.ASSUMPTION, f"earlier estimates failed: {track.sentence}"), measure.n
        )
    noted = Measure(measure.value, measure.low, measure.high, measure.n, note=None if track is None else track.sentence)
    return compare(metric, noted, baseline, basis=basis)


def unable(metric: str, why: Obstruction, rows: int) -> Estimate:
    """The estimate that is not given."""
    return Estimate(metric=metric, n_current=rows, obstacle=why.obstacle, note=why.note)


def support_estimate(found: Support | None, share: Measure | None, why: Obstruction) -> Estimate:
    """`support_share`, which describes: what it forbids are the estimates beside it."""
    if found is None or share is None or share.n == 0:
        return Estimate(metric="support_share", described=True, obstacle=why.obstacle, note=why.note)
    return Estimate(
        metric="support_share",
        value=share.value,
        low=share.low,
        high=share.high,
        n_reference=len(found.ratio),
        n_current=share.n,
        described=True,
        note=f"the window lacks {', '.join(found.lacking)}" if found.lacking else None,
    )


NO_SAMPLE = Obstruction(Obstacle.ASSUMPTION, "there is no sample of whole rows to show whether it may be trusted")
SMALL_SAMPLE = Obstruction(
    Obstacle.TOO_FEW_ROWS,
    f"whether it may be trusted takes {LEAST_REFERENCE:,} sampled reference rows and {LEAST_CURRENT} current ones",
)


def unsupported(found: Support, share: Measure) -> Obstruction | None:
    """Why rows outside the reference's support forbid an estimate."""
    if found.lacking:
        return Obstruction(Obstacle.ASSUMPTION, f"the window lacks the columns {', '.join(found.lacking)}")
    if share.value is None or share.value >= LEAST_SHARE:
        return None
    return Obstruction(
        Obstacle.ASSUMPTION,
        f"{1.0 - share.value:.0%} of the rows lie where the reference has next to none; at most "
        f"{1.0 - LEAST_SHARE:.0%} may",
    )
