"""Multivariate drift: whether the columns together moved, by how much, and which of them carry it.

In: the reference's sample and the current one. Out: estimates for the judge, and sentences. Two methods that have
nothing in common look: a classifier that raises the alarm, and principal components as a second opinion.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from aimon.insight.classifier import LEAST_ROWS, Separation, separate
from aimon.insight.reconstruction import Reconstruction, reconstruct
from aimon.insight.sample_columns import encoded, telling
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.spec.model import Kind

NAMED = 3


@dataclass(frozen=True, slots=True)
class MultivariateDrift:
    """Both opinions; None where there are too few rows, or no columns."""

    separation: Separation | None
    reconstruction: Reconstruction | None
    columns: tuple[str, ...]
    n_reference: int
    n_current: int

    @property
    def estimates(self) -> Iterator[Estimate]:
        """`domain_auc` and `reconstruction_shift`, ready to be judged."""
        found, second = self.separation, self.reconstruction
        yield Estimate(
            metric="domain_auc",
            value=None if found is None else found.auc,
            low=None if found is None else found.low,
            high=None if found is None else found.high,
            p_value=None if found is None else found.p_value,
            n_reference=self.n_reference,
            n_current=self.n_current,
            primary=True,
            obstacle=None if found is not None else Obstacle.TOO_FEW_ROWS,
            note=self._obstacle if found is None else self.sentence,
        )
        yield Estimate(
            metric="reconstruction_shift",
            value=None if second is None else second.shift,
            low=None if second is None else second.low,
            high=None if second is None else second.high,
            p_value=None if second is None else second.p_value,
            n_reference=self.n_reference,
            n_current=self.n_current,
            described=True,
            obstacle=None if second is not None else Obstacle.TOO_FEW_ROWS,
            note=self._obstacle if second is None else None,
        )

    @property
    def sentence(self) -> str:
        """What was found, for people."""
        found = self.separation
        if found is None:
            return f"Whether the columns together moved cannot be told: {self._obstacle}."
        area = f"AUC {found.auc:.3f}, {found.low:.3f} to {found.high:.3f}"
        if found.p_value > 0.05:
            return f"A classifier cannot tell current rows from reference rows ({area})."
        return f"A classifier tells current rows from reference rows ({area}); {self._carried}."

    @property
    def _carried(self) -> str:
        names = [carrier.column for carrier in self.separation.carriers] if self.separation is not None else []
        if not names:
            return "no single column carries it"
        shown = ", ".join(names[:NAMED])
        more = len(names) - NAMED
        return f"carried by {shown}" + (f" and {more} more" if more > 0 else "")

    @property
    def _obstacle(self) -> str:
        if not self.columns:
            return "there is no column to look at"
        return (
            f"{self.n_reference} reference and {self.n_current} current rows; at least {LEAST_ROWS} of each are needed"
        )


def multivariate_drift(
    reference: pa.Table,
    current: pa.Table,
    columns: Iterable[str],
    *,
    kinds: Mapping[str, Kind] | None = None,
    seed: int = 0,
) -> MultivariateDrift:
    """Compare the named columns of two samples; left out are columns that one lacks, instants, constants."""
    pairs = telling(encoded(reference, current, columns, kinds))
    return MultivariateDrift(
        separate(pairs, seed=seed),
        reconstruct(pairs, seed=seed),
        tuple(column.name for column in pairs),
        reference.num_rows,
        current.num_rows,
    )
