"""Evidently's report on samples of the reference and of a day, as one page. In: two tables of rows. Out: HTML.

It draws whole rows where our own report draws counts, so it expires with samples. What each column is comes from the
model's grid: Evidently's own guess drops integers with gaps and Arrow columns.
"""

import os
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.errors import DataError
from aimon.insight.sample_columns import categories, numbers
from aimon.profile.grid import Grid
from aimon.spec.model import Kind

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = (Kind.NUMERIC,)
CATEGORIES = (Kind.CATEGORICAL, Kind.BOOLEAN)
SHOWN = (*NUMBERS, *CATEGORIES)


def render_evidently(grid: Grid, reference: pa.Table, current: pa.Table) -> bytes:
    """How the columns that both tables have differ, and what each holds; texts and dates are left to our own page.

    Raises `DataError` where there is nothing to compare.
    """
    names = [name for name in kinds_of(grid) if name in reference.column_names and name in current.column_names]
    if not names or not reference.num_rows or not current.num_rows:
        raise DataError("Evidently needs rows on both sides with a numeric or categorical column in common")
    kinds = {name: kind for name, kind in kinds_of(grid).items() if name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses parts of NumPy and pandas that are on their way out
        return _rendered(frame(reference, kinds), frame(current, kinds), kinds)


def _rendered(reference: "pd.DataFrame", current: "pd.DataFrame", kinds: dict[str, Kind]) -> bytes:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    definition = DataDefinition(
        numerical_columns=[name for name, kind in kinds.items() if kind in NUMBERS],
        categorical_columns=[name for name, kind in kinds.items() if kind in CATEGORIES],
    )
    before, after = (Dataset.from_pandas(side, data_definition=definition) for side in (reference, current))
    html: str = Report([DataDriftPreset(), DataSummaryPreset()]).run(after, before).get_html_str(as_iframe=False)
    return html.encode()


def kinds_of(grid: Grid) -> dict[str, Kind]:
    """The columns that Evidently is given: numbers and what has categories, but no protected attribute.

    Its page holds rows; how these attributes drift and what they do to fairness stands in our own report as counts.
    """
    scores = {grid.score: Kind.NUMERIC} if grid.score is not None else {}
    known = {**grid.kinds, **scores}
    return {name: kind for name, kind in known.items() if kind in SHOWN and name not in grid.protected}


def frame(table: pa.Table, kinds: dict[str, Kind]) -> "pd.DataFrame":
    """The columns as Evidently reads them: floats with NaN, and texts."""
    import pandas as pd

    columns = {}
    for name, kind in kinds.items():
        values = table.column(name)
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        columns[name] = numbers(values) if kind in NUMBERS else _texts(values)
    return pd.DataFrame(columns)


def _texts(values: pa.ChunkedArray) -> NDArray[np.object_]:
    indices, texts = categories(values)
    return np.array(texts, object)[indices]
