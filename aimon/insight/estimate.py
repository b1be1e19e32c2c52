"""Performance without labels: what the model's own scores, calibrated on the reference, say of unlabelled rows.

In: a grid, the baseline's and the window's counts, sampled rows of both. Out: estimates with intervals, or why there
is none. The calibration is learnt anew for the window, from reference rows weighted by how dense the window is around
them, so it may move with the rows. What no method can see without labels is a changed relation of rows and labels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aimon.insight.estimate_errors import errors_of_window
from aimon.insight.estimate_expected import Expected
from aimon.insight.estimate_rows import Evidence
from aimon.insight.estimate_scores import ScoreModel
from aimon.insight.estimate_verdict import (
    LEAST_ROWS,
    NO_SAMPLE,
    SMALL_SAMPLE,
    Obstruction,
    shares,
    sizes,
    support_estimate,
    told,
    unable,
    unsupported,
)
from aimon.insight.trackrecord import TrackRecord
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import Measure
from aimon.metrics.metric import Basis
from aimon.metrics.performance import performance
from aimon.profile.axis import CategoryAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import Task

NONE_COUNTS = Obstruction(Obstacle.NO_DENOMINATOR, "no row is expected to count in it")
_OF_TASK = {
    Task.BINARY: ("accuracy", "precision", "recall", "f1", "roc_auc"),
    Task.MULTICLASS: ("accuracy",),
    Task.REGRESSION: ("mae", "rmse"),
}


@dataclass(frozen=True)
class PerformanceEstimator:
    """Estimates of one window. `evidence` is None without samples; `track` is the past of each metric and segment."""

    grid: Grid
    baseline: Profile
    current: Profile
    evidence: Evidence | None
    track: Mapping[tuple[str, str | None], TrackRecord] = field(default_factory=dict)

    def estimates(self, segment: str | None = None) -> list[Estimate]:
        """`support_share`, then each `estimated_` metric and the coverage of earlier ones; none without outcomes."""
        names = self.names(segment)
        if not names:
            return []
        found = self._found(segment)
        estimates = [self._support(segment), *self._estimated(names, found, segment)]
        tracks = ((name, self.track.get((name, segment))) for name in names)
        return estimates + [track.estimate(f"estimated_{name}") for name, track in tracks if track is not None]

    def names(self, segment: str | None) -> tuple[str, ...]:
        """The measures that the task, and the baseline's tables, allow."""
        grid, task = self.grid, self.grid.task
        table = "residual_by_prediction" if task is Task.REGRESSION else "score_label"
        if task not in _OF_TASK or self.baseline.get(table, segment) is None or not self._rows(segment):
            return ()
        if task is Task.REGRESSION:
            return _OF_TASK[task]
        if grid.score is None or isinstance(grid.axes[grid.score], CategoryAxis):
            return ()
        return _OF_TASK[task] if grid.selects or task is Task.MULTICLASS else ("roc_auc",)

    def _estimated(
        self, names: tuple[str, ...], found: dict[str, Expected] | Obstruction, segment: str | None
    ) -> Iterator[Estimate]:
        rows = self._rows(segment)
        before = self._before(segment)
        errors = self.grid.task is Task.REGRESSION
        for name in names:
            metric = f"estimated_{name}"
            expected = None if isinstance(found, Obstruction) else found.get(name)
            if expected is None:
                yield unable(metric, found if isinstance(found, Obstruction) else NONE_COUNTS, rows)
                continue
            measure = sizes(expected, rows) if errors else shares(expected, rows)
            basis = Basis.GROWTH if errors else Basis.DROP
            yield told(metric, measure, before.get(name), self.track.get((name, segment)), basis=basis)

    def _found(self, segment: str | None) -> dict[str, Expected] | Obstruction:
        """What is expected of these rows, unless something speaks against any estimate of them."""
        rows = self._rows(segment)
        if rows < LEAST_ROWS:
            return Obstruction(Obstacle.TOO_FEW_ROWS, f"it rests on {rows} rows; {LEAST_ROWS} are the least")
        if self.evidence is None:
            return NO_SAMPLE
        share = self._share(segment)
        if self.evidence.support is None or share is None or not share.n:
            return SMALL_SAMPLE
        why = unsupported(self.evidence.support, share)
        if why is not None:
            return why
        if self.grid.task is Task.REGRESSION:
            return errors_of_window(self.grid, self.baseline, self.current, self.evidence, segment)
        return self._scores.expected(segment)

    @cached_property
    def _scores(self) -> ScoreModel:
        assert self.evidence is not None  # noqa: S101 - `_found` looked
        return ScoreModel(self.grid, self.baseline, self.current, self.evidence)

    def _support(self, segment: str | None) -> Estimate:
        support = None if self.evidence is None else self.evidence.support
        return support_estimate(support, self._share(segment), NO_SAMPLE if self.evidence is None else SMALL_SAMPLE)

    def _share(self, segment: str | None) -> Measure | None:
        if self.evidence is None or self.evidence.support is None:
            return None
        return self.evidence.support.share(self.evidence.current.inside(segment))

    def _before(self, segment: str | None) -> dict[str, Measure]:
        """What the baseline's labels say of the same measures."""
        found = performance(self.grid, self.baseline, self.baseline, segment)
        return {
            each.metric: Measure(each.value, each.low, each.high, each.n_current or 0)
            for each in found
            if each.group is None and each.obstacle is None
        }

    def _rows(self, segment: str | None) -> int:
        """The window's rows with what estimates are made of: a score, or the prediction of a regression."""
        column = self.grid.prediction if self.grid.task is Task.REGRESSION else self.grid.score
        counts = self.current.get(f"column:{column}", segment)
        return 0 if counts is None else int(counts.sum())
