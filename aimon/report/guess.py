"""What two files' columns are taken for when nobody said. In: Parquet files of both sides. Out: a spec, and why.

Only exact names give a role: `prediction`, and beside it `score` and `label`. Nothing is taken for a protected
attribute. A column of one file only is not compared, and neither is one that looks like an identifier.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from aimon.errors import DataError
from aimon.lake.rows import RowsFile
from aimon.metrics.numerals import listing
from aimon.profile.build import infer_kinds
from aimon.profile.infer import Inferred
from aimon.spec.model import Columns, Kind, ModelSpec, Task

PREDICTION, SCORE, LABEL = "prediction", "score", "label"
NAME = "comparison"
MOST_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Guess:
    """The spec that the comparison goes by, what each column was taken for, and what was left out.

    Without a `prediction` column one of the features stands in its place in the spec: `stand_in` is then true, and
    what is only true of predictions is not reported.
    """

    spec: ModelSpec
    inferred: dict[str, Inferred]
    left_out: tuple[str, ...]
    stand_in: bool


def guess(reference: Sequence[RowsFile], current: Sequence[RowsFile]) -> Guess:
    """Decide on roles and kinds from names and from the reference's values."""
    before, after = columns_of(reference), columns_of(current)
    shared = [name for name in before if name in after and name]
    if not shared:
        raise DataError(
            f"the two files have no column in common: the reference has {listing(list(before))}, "
            f"the current one has {listing(list(after))}"
        )
    inferred = infer_kinds(_spec(shared[0], Task.GENERATIVE, tuple(shared)), list(reference))
    counted = {name: each.kind for name, each in inferred.items() if each.kind is not None}
    if not counted:
        raise DataError("none of the columns that both files have can be compared: each looks like an identifier")
    left_out = [f"{name}: {each.reason}" for name, each in inferred.items() if each.kind is None]
    left_out += [f"{name}: only the reference has it" for name in before if name not in (*after, LABEL, "")]
    left_out += [f"{name}: only the current file has it" for name in after if name not in (*before, "")]
    left_out += ["a column without a name"] * ("" in before or "" in after)
    spec = _with_roles(counted, before, reference, current)
    return Guess(spec, inferred, tuple(left_out), stand_in=spec.task is Task.GENERATIVE)


def columns_of(files: Sequence[RowsFile]) -> list[str]:
    """The columns of Parquet files, each once."""
    return list(dict.fromkeys(name for file in files for name in schema_of(file).names))


def schema_of(file: RowsFile) -> pa.Schema:
    """The Arrow schema of a Parquet file."""
    try:
        return file.metadata().schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).split(". ")[0]
        raise DataError(
            f"{file}: cannot be read as Parquet ({reason}); is the path right and the file whole?"
        ) from error


def _with_roles(
    counted: dict[str, Kind], before: Sequence[str], reference: Sequence[RowsFile], current: Sequence[RowsFile]
) -> ModelSpec:
    if PREDICTION not in counted:
        return _spec(next(iter(counted)), Task.GENERATIVE, counted)
    label = LABEL if LABEL in before else None
    task = _task(counted[PREDICTION], [*reference, *current], [PREDICTION] if label is None else [PREDICTION, LABEL])
    score = SCORE if counted.get(SCORE) is Kind.NUMERIC and task is not Task.REGRESSION else None
    features = {name: kind for name, kind in counted.items() if name not in (PREDICTION, score, label)}
    return _spec(PREDICTION, task, features, score=score, label=label)


def _task(kind: Kind, files: Sequence[RowsFile], names: Sequence[str]) -> Task:
    """Two classes are binary, a few are multiclass, and many numbers a regression."""
    classes = _classes(files, names)
    if kind is Kind.NUMERIC and classes is None:
        return Task.REGRESSION
    return Task.BINARY if classes is not None and len(classes) <= 2 else Task.MULTICLASS


def _classes(files: Sequence[RowsFile], names: Sequence[str]) -> set[object] | None:
    """The different values of the columns; None once they are too many for classes, or are no whole numbers."""
    classes: set[object] = set()
    for file in files:
        reader = file.open()
        present = [name for name in names if name in reader.schema_arrow.names]
        for batch in reader.iter_batches(columns=present) if present else ():
            for column in batch.columns:
                classes.update(column.unique().to_pylist())
            classes.discard(None)
            if len(classes) > MOST_CLASSES or any(isinstance(each, float) and each % 1 for each in classes):
                return None
    return classes


def _spec(
    prediction: str,
    task: Task,
    features: tuple[str, ...] | dict[str, Kind],
    *,
    score: str | None = None,
    label: str | None = None,
) -> ModelSpec:
    columns = Columns(prediction=prediction, features=features, score=score, label=label)
    return ModelSpec(model=NAME, task=task, columns=columns)
