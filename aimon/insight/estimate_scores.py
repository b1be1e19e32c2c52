"""What the scores of a window promise: its rows on the score's cells, and the calibration that holds for them.

In: a grid, the baseline's and the window's counts, sampled rows of both. Out: expected measures, or why there are none.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from aimon.insight.calibration import LEAST_OF_EACH, Calibration, Tally, calibrate
from aimon.insight.estimate_expected import Expected, Window, of_answers, of_decisions, of_ranking
from aimon.insight.estimate_rows import Evidence, positions
from aimon.insight.estimate_verdict import Obstruction
from aimon.metrics.estimate import Obstacle
from aimon.profile.axis import Cells, folding
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Task

Floats = NDArray[np.float64]

MOST_UNSCORED = 0.05
LEAST_WEIGHTED = 100
SEGMENT_SPREAD = (0.5, 0.25)
"""Standard deviations of how far the calibration of a segment may be shifted and tilted away from that of all rows."""
WINDOW_SPREAD = (1.0, 0.5)
CAUTION = 1.5
"""The weights are estimated too, which the covariance of a weighted fit does not know."""


@dataclass(frozen=True)
class ScoreModel:
    """The scores of one window of one model; each segment is asked for by name."""

    grid: Grid
    baseline: Profile
    current: Profile
    evidence: Evidence

    def expected(self, segment: str | None) -> dict[str, Expected] | Obstruction:
        """Every measure that the scores promise, by its name without `estimated_`."""
        table, counts = self.baseline.get("score_label", segment), self.current.get(self._column, segment)
        calibration = None if table is None else self._calibration(table, segment)
        if calibration is None or counts is None:
            note = f"the reference has fewer than {LEAST_OF_EACH} labelled rows of either outcome"
            return Obstruction(Obstacle.TOO_FEW_ROWS, note)
        window = self._window(counts, segment)
        why = self._unlike_labelled(window, int(counts.sum()))
        if why is not None:
            return why
        if self.grid.task is Task.MULTICLASS:
            return {"accuracy": of_answers(window, calibration)}
        ranking = of_ranking(window, calibration)
        return of_decisions(window, calibration) | ({} if ranking is None else {"roc_auc": ranking})

    def _calibration(self, table: Counts, segment: str | None) -> Calibration | None:
        """The reference's curve; tilted for the segment; tilted again for the window by the weighted reference rows."""
        found = self._whole
        if found is None:
            return None
        if segment is not None:
            tally = _tally(self._coarse_positions, table)
            found = found.tilted(tally.at((tally.rows > 0) & np.isfinite(tally.position)), spread=SEGMENT_SPREAD)
        weighted = self._weighted(segment)
        return found if weighted is None else found.tilted(weighted, spread=WINDOW_SPREAD, caution=CAUTION)

    @cached_property
    def _whole(self) -> Calibration | None:
        table = self.baseline.get("score_label")
        return None if table is None else calibrate(_tally(self._positions, table))

    def _weighted(self, segment: str | None) -> Tally | None:
        """Labelled rows of the reference's sample, as dense as the window is; None where there are too few."""
        rows, support = self.evidence.reference, self.evidence.support
        if support is None or not rows.has(self.grid.score, self.grid.label):
            return None
        position, true = self._positions[rows.scores], rows.true
        kept = rows.inside(segment) & np.isfinite(position) & np.isfinite(true)
        weight = support.ratio[kept]
        if kept.sum() < LEAST_WEIGHTED or weight.sum() <= 0:
            return None
        tally = Tally(position[kept], np.ones(len(weight)), true[kept], weight / weight.mean())
        return tally if tally.rarer >= LEAST_OF_EACH else None

    def _window(self, counts: Counts, segment: str | None) -> Window:
        """The window's scores on fine cells; a segment's coarse counts are spread as those of all rows in a cell."""
        rows, order = counts.astype(float), np.arange(len(counts))
        if segment is not None:
            fold = self._fold
            everything = self.current.get(self._column)
            fine = np.full(len(fold), 1e-6) + (0.0 if everything is None else everything)
            rows, order = rows[fold] * fine / np.bincount(fold, fine)[fold], fold
        used = (rows > 0) & np.isfinite(self._positions)
        selected = self._selected(segment)
        return Window(self._positions[used], rows[used], None if selected is None else selected[used], order[used])

    def _selected(self, segment: str | None) -> Floats | None:
        """The selected share of each fine cell of the score, by the sampled rows; between these, interpolated."""
        rows = self.evidence.current
        if not self.grid.selects or not rows.has(self.grid.score, self.grid.prediction):
            return None
        known = np.isfinite(rows.selected) & np.isfinite(self._positions[rows.scores])
        inside = known & rows.inside(segment)
        kept = inside if inside.sum() >= LEAST_WEIGHTED else known
        if not kept.any():
            return None
        cells = len(self._positions)
        drawn = np.bincount(rows.scores[kept], minlength=cells)
        chosen = np.bincount(rows.scores[kept], rows.selected[kept], cells)
        seen = np.flatnonzero(drawn)
        return np.interp(np.arange(cells), seen, chosen[seen] / drawn[seen])

    def _unlike_labelled(self, window: Window, rows: int) -> Obstruction | None:
        """Whether too many rows have no score, or one that lies beyond those of all labelled reference rows."""
        unscored = 1.0 - float(window.rows.sum()) / rows
        if unscored > MOST_UNSCORED:
            return Obstruction(Obstacle.ASSUMPTION, f"{unscored:.0%} of the rows have no score")
        table = self.baseline.get("score_label")
        seen = np.isfinite(self._positions) & (True if table is None else table.sum(axis=1) > 0)
        labelled = self._positions[seen]
        beyond = (window.position < labelled.min()) | (window.position > labelled.max())
        share = float(window.rows[beyond].sum() / window.rows.sum())
        if share > MOST_UNSCORED:
            return Obstruction(Obstacle.ASSUMPTION, f"{share:.0%} of the scores lie beyond all labelled reference rows")
        return None

    @property
    def _column(self) -> str:
        return f"column:{self.grid.score}"

    @cached_property
    def _positions(self) -> Floats:
        return positions(self.grid.axes[self.grid.score or ""])

    @cached_property
    def _fold(self) -> Cells:
        return folding(self.grid.axes[self.grid.score or ""])

    @cached_property
    def _coarse_positions(self) -> Floats:
        """The mean position of the reference's rows in each coarse cell."""
        counts = self.baseline.get(self._column)
        weight = np.where(np.isfinite(self._positions), 1e-6 + (0.0 if counts is None else counts), 0.0)
        total = np.bincount(self._fold, weight)
        mean = np.bincount(self._fold, weight * np.nan_to_num(self._positions)) / np.maximum(total, 1e-300)
        return np.where(total > 0, mean, np.nan)


def _tally(position: Floats, table: Counts) -> Tally:
    return Tally(position, table.sum(axis=1).astype(float), table[:, 1].astype(float))
