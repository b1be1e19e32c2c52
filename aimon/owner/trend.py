"""The line through the last days' counts, opened at the owner. In: a weighted sum. Out: records of where it leads.

What cannot be opened is left out and told here alone, as with labels: the server learns nothing from a reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from aimon.clock import now
from aimon.daily.judging import Judged, keep_records
from aimon.daily.reference import ensure_reference
from aimon.daily.window import OWN, current_slot
from aimon.errors import SealedError
from aimon.metrics.drift import drift
from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Family
from aimon.owner.server import NotThereError, Server, Waiting
from aimon.platform import Platform
from aimon.profile.profile import Profile, TableKey
from aimon.sealed.gate import DecryptGate, Trend
from aimon.sealed.reference import sealed_reference
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.verdict.evaluate import Found, records_of

AHEAD = timedelta(days=7)


def trend_records(
    platform: Platform, server: Server, gate: DecryptGate, spec: ModelSpec, waiting: Waiting
) -> tuple[list[Judged], str | None]:
    """What the trend tells of the day, and why it is left out, if it is; nothing where none is declared or made."""
    if not isinstance(spec.source, SealedSource) or spec.source.trend is None:
        return [], None
    try:
        found = server.trend(waiting)
        line = gate.open_trend(found, server.named(found.manifest.inputs))
    except NotThereError:
        return [], None
    except SealedError as error:
        return [], str(error)
    _, baseline, _ = sealed_reference(platform.root, spec)
    estimates = list(forecasts(gate, line, baseline))
    return [Judged(OWN.name, record) for record in records_of(spec, estimates)], None


def keep_told(platform: Platform, spec: ModelSpec, waiting: Waiting, judged: Sequence[Judged]) -> None:
    """Keep the day's records at the owner, with those of the trend among them."""
    reference = ensure_reference(platform, spec)
    for family in (Family.DRIFT, Family.OPERATIONS):
        keep_records(
            platform,
            spec,
            reference,
            waiting.day,
            family,
            [each for each in judged if each.record.family is family],
            as_of=current_slot(now()),
            run_id=None,
        )


def forecasts(gate: DecryptGate, line: Trend, baseline: Profile) -> Iterator[Found]:
    """Rows a day, and a week after the last day: the rows, and the PSI of each column."""
    ahead = line.days[-1] + AHEAD
    expected = Profile(
        gate.layout.grid.id,
        {
            key: np.maximum(np.rint(line.forecast(key.table, ahead, key.segment)), 0).astype(np.int64)
            for key in line.level
            if key.segment is None
        },
    )
    rows = line.slope.get(TableKey("rows"))
    slope = 0.0 if rows is None else float(rows.ravel()[0])
    yield Found(Family.OPERATIONS, None, Estimate(metric="volume_slope", value=slope))
    yield Found(Family.OPERATIONS, None, Estimate(metric="volume_forecast", value=float(expected.rows)))
    for each in drift(gate.layout.grid, baseline, expected, detailed=False):
        if each.value is not None:
            told = Estimate(metric="psi_forecast", column=each.column, value=each.value, n_reference=each.n_reference)
            yield Found(Family.DRIFT, None, replace(told, labels=each.labels))
