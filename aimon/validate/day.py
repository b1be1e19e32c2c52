"""Validation of a day in the lake: its rows read, held against the model's suite, the findings kept beside it.

validation/model=<m>/date=<d>.json
"""

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from aimon.clock import DAY, days, now
from aimon.errors import LakeError
from aimon.lake.lake import Lake
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import ModelSpec
from aimon.validate.facts import Facts
from aimon.validate.finding import Validation, validation_of
from aimon.validate.history import PastDay
from aimon.validate.quarantine import quarantined
from aimon.validate.suite import Suite

MOST_ROWS = 2_000_000
"""Of a day with more rows every second, third, ... is looked at, so that memory stays bounded."""
PAST_DAYS = 28
READERS = 8


class Suites:
    """The suites of a process, each built once; the ones used last are kept."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], Suite] = OrderedDict()

    def of(self, spec: ModelSpec, grid: Grid, baseline_id: str, baseline: Profile) -> Suite:
        """The suite of the model as it is declared now, on this baseline."""
        key = (spec.model_dump_json(), grid.id, baseline_id)
        suite = self._kept.pop(key, None) or Suite(spec, grid, baseline)
        self._kept[key] = suite
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return suite


def validate_day(lake: Lake, suite: Suite, model: str, day: date, *, as_of: datetime) -> Validation:
    """Validate the lake's copy of the day and keep the findings, in the place of the day's earlier ones."""
    manifest = lake.manifest(model, day)
    if manifest is None:
        raise LakeError(f"{model} {day}: the lake has no rows of this day to validate; materialise it first")
    facts = Facts(
        as_of=as_of,
        read_at=max(as_of, now()),
        duplicates=manifest.duplicates,
        quarantined=quarantined(lake, model, day),
        history=list(past_days(lake, model, day)),
        rows=manifest.rows,
    )
    found = suite.run(_rows(lake, suite, model, day, manifest.rows), day, facts)
    lake.write_bytes(_key(model, day), found.to_bytes())
    return found


def read_validation(lake: Lake, model: str, day: date) -> Validation | None:
    """What was found when the day was validated last; None where it never was, or where that expired."""
    key = _key(model, day)
    return validation_of(lake.read_bytes(key)) if lake.exists(key) else None


def past_days(lake: Lake, model: str, day: date) -> Iterator[PastDay]:
    """How rows came on the days before, of those that were validated."""
    with ThreadPoolExecutor(READERS) as pool:
        before = days(day - PAST_DAYS * DAY, day - DAY)
        for found in pool.map(lambda each: read_validation(lake, model, each), before):
            if found is not None:
                yield PastDay(found.day, found.slots, found.lag)


def _rows(lake: Lake, suite: Suite, model: str, day: date, rows: int) -> pa.Table:
    """The columns that the suite looks at, of all rows or of every n-th."""
    step, offset = -(-rows // MOST_ROWS) or 1, 0
    present = lake.day_file(model, day).names()
    reader = lake.read_day(model, day, [name for name in suite.columns if name in present])
    taken = []
    for batch in reader:
        if step == 1:
            taken.append(batch)
        else:
            wanted = np.arange(-offset % step, batch.num_rows, step)
            taken.append(batch.take(pa.array(wanted)))
        offset += batch.num_rows
    return pa.Table.from_batches(taken, reader.schema)


def _key(model: str, day: date) -> str:
    return f"validation/model={model}/date={day.isoformat()}.json"
