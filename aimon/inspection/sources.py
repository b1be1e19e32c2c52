"""What `aimon check` asks of a model's source and baseline file: can they be read, have they the declared columns."""

from collections.abc import Iterator
from pathlib import Path

from aimon.errors import SourceError, UserError
from aimon.intake.source import open_source
from aimon.spec.fault import Fault
from aimon.spec.model import CsvSource, FileBaseline, ModelSpec, ParquetSource
from aimon.spec.rules import intersections_of
from aimon.spec.sealed import SealedSource
from aimon.spec.wording import did_you_mean, quoted


def inspect_source(spec: ModelSpec, root: Path) -> tuple[list[str], list[Fault]]:
    """The columns the source has, and what is wrong with it."""
    try:
        columns = open_source(spec, root).columns()
    except UserError as error:
        return [], [Fault(("source",), str(error))]
    return columns, [*_missing(spec, columns), *_unknown(spec, columns)]


def inspect_baseline(spec: ModelSpec, root: Path) -> Iterator[Fault]:
    """What is wrong with the file that the model is compared with."""
    if not isinstance(spec.baseline, FileBaseline):
        return
    path = spec.baseline.path
    source = CsvSource(kind="csv", path=path) if path.endswith(_CSV) else ParquetSource(kind="parquet", path=path)
    try:
        open_source(spec.model_copy(update={"source": source}), root).columns()
    except SourceError as error:
        yield Fault(("baseline", "path"), str(error))


def inspect_sealed(spec: ModelSpec, root: Path) -> Iterator[Fault]:
    """What is wrong with the plan and the counts that a sealed model's file names."""
    from aimon.sealed.reference import join_layout, model_plan, model_scores, sealed_reference

    if not isinstance(spec.source, SealedSource) or spec.source.plan is None:
        return
    try:
        if spec.source.release == "scores":
            model_scores(root, spec)
        else:
            model_plan(root, spec)
    except UserError as error:
        yield Fault(("source", "plan"), str(error))
        return
    if spec.source.evaluation is not None and not (root / spec.source.evaluation).is_file():
        yield Fault(("source", "evaluation"), f"{root / spec.source.evaluation} is not there")
    if spec.source.join is not None:
        try:
            join_layout(root, spec)
        except UserError as error:
            yield Fault(("source", "join", "layout"), str(error))
    if spec.baseline is not None:
        try:
            sealed_reference(root, spec)
        except UserError as error:
            yield Fault(("baseline", "counts"), str(error))


_CSV = (".csv", ".csv.gz", ".tsv")


def _missing(spec: ModelSpec, present: list[str]) -> Iterator[Fault]:
    """Declared columns that the source does not have."""
    numbers: dict[str, int] = {}
    for role, column in spec.columns.declared():
        several = getattr(spec.columns, role)
        number = numbers[role] = numbers.get(role, -1) + 1
        place = () if isinstance(several, str) else (list(several)[number],) if isinstance(several, dict) else (number,)
        if column not in present:
            said = f"the source has no column {quoted(column)}; {did_you_mean(column, present, 'it has')}"
            yield Fault(("columns", role, *place), said)


def _unknown(spec: ModelSpec, present: list[str]) -> Iterator[Fault]:
    """Columns with limits or weights of their own that neither the source has nor `columns` declares."""
    if spec.columns.features is not None:
        return
    intersections = intersections_of(spec)
    for metric, threshold in spec.thresholds.items():
        for column in threshold.columns:
            if column not in present and column not in intersections:
                said = f"the source has no column {quoted(column)}; {did_you_mean(column, present, 'it has')}"
                yield Fault(("thresholds", metric, "columns", column), said)
    for column in spec.importance:
        if column not in present:
            said = f"the source has no column {quoted(column)}; {did_you_mean(column, present, 'it has')}"
            yield Fault(("importance", column), said)
