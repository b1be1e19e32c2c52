"""Two files, compared. In: paths of Parquet or CSV, and a spec or none. Out: grid, counts, records, in one object."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from aimon.errors import DataError
from aimon.lake.rows import RowsFile
from aimon.metrics.numerals import listing
from aimon.profile.build import build_grid, infer_kinds
from aimon.profile.count import count_all
from aimon.profile.files import CSV_ENDINGS, as_parquet
from aimon.profile.grid import Grid
from aimon.profile.infer import Inferred
from aimon.profile.profile import Profile
from aimon.report.guess import columns_of, guess
from aimon.spec.model import ModelSpec
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record

MAGIC = b"PAR1"
MOST_NAMES = 16
OF_PREDICTIONS = {"class_shift"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is known after comparing; `inferred` and `left_out` say what the columns were taken for."""

    spec: ModelSpec
    grid: Grid
    baseline: Profile
    current: Profile
    records: tuple[Record, ...]
    inferred: dict[str, Inferred]
    left_out: tuple[str, ...]
    stand_in: bool

    def understood(self, *, reasons: bool) -> list[str]:
        """What the columns were taken for, one line a kind; with `reasons`, one line a column."""
        counted = {name: each for name, each in self.inferred.items() if each.kind is not None}
        if reasons:
            lines = [f"{name}: {each.kind}, {each.reason}" for name, each in counted.items()]
        else:
            by_kind: dict[str, list[str]] = {}
            for name, each in counted.items():
                by_kind.setdefault(str(each.kind), []).append(name)
            lines = [f"{kind}: {listing(names, MOST_NAMES)}" for kind, names in by_kind.items()]
        return [*self._roles(), *lines, *(f"not compared: {left}" for left in self.left_out)]

    def _roles(self) -> list[str]:
        """Which columns have a role beyond being a feature."""
        roles = self.spec.columns
        if self.stand_in:
            return ["no column is named prediction, so every column is a feature"]
        scores = listing(list((roles.class_scores or {}).values())) or None
        ends = f"{roles.lower} to {roles.upper}" if roles.lower else None
        named = (
            *(("prediction", roles.prediction), ("interval", ends), ("score", roles.score)),
            *(("scores of classes", scores), ("label", roles.label)),
        )
        said = [f"{self.spec.task} model; " + ", ".join(f"{role}: {name}" for role, name in named if name is not None)]
        if roles.label is not None and not self.has_labels:
            said.append(f"the current file has no {roles.label}, so performance is not measured")
        return said

    @property
    def has_labels(self) -> bool:
        """Whether any current row has a label."""
        counts = self.current.get("labelled")
        return counts is not None and int(counts[0]) > 0


def compare_files(reference: str, current: str, spec: ModelSpec | None = None) -> Comparison:
    """Read both files once or twice in bounded memory, and judge the current one by the reference."""
    for path in (reference, current):
        _check_format(path)
    with ExitStack() as stack:
        before, after = (stack.enter_context(as_parquet([path])) for path in (reference, current))
        if spec is None:
            guessed = guess(before, after)
            return _compared(guessed.spec, before, after, guessed.inferred, guessed.left_out, stand_in=guessed.stand_in)
        _check_columns(spec, columns_of(after), current)
        return _compared(spec, before, after, infer_kinds(spec, before), (), stand_in=False)


def _compared(
    spec: ModelSpec,
    before: Sequence[RowsFile],
    after: Sequence[RowsFile],
    inferred: dict[str, Inferred],
    left_out: tuple[str, ...],
    *,
    stand_in: bool,
) -> Comparison:
    grid = build_grid(spec, list(before))
    baseline, current = count_all(grid, list(before)), count_all(grid, list(after))
    for side, counted in (("reference", baseline), ("current", current)):
        if counted.rows == 0:
            raise DataError(f"the {side} file has a header and no rows; there is nothing to compare")
    records = evaluate(spec, grid, baseline, current)
    kept = (record for record in records if not (stand_in and record.metric in OF_PREDICTIONS))
    return Comparison(spec, grid, baseline, current, tuple(kept), inferred, left_out, stand_in)


def _check_columns(spec: ModelSpec, present: Sequence[str], path: str) -> None:
    """Refuse a current file without any of the declared columns; one that lacks some is compared and says so."""
    declared = {name for _, name in spec.columns.declared()}
    if declared.isdisjoint(present):
        raise DataError(
            f"{path}: none of the columns that the spec of {spec.model} declares is in this file; it has: "
            f"{', '.join(present) or 'none'}"
        )


def _check_format(path: str) -> None:
    """Refuse a local file that is neither Parquet nor called CSV."""
    file = Path(path)
    if "://" in path or not file.is_file():
        return
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(MAGIC))
    except OSError as error:
        raise DataError(f"{path}: cannot be opened ({error.strerror})") from error
    if not magic:
        raise DataError(f"{path}: the file is empty; give a Parquet or CSV file with rows")
    if magic != MAGIC and not path.lower().endswith(CSV_ENDINGS):
        raise DataError(f"{path}: is no Parquet file; give Parquet, or CSV with a name that ends in .csv")
