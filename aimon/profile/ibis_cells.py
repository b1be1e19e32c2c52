"""Keys in Ibis. In: a grid and an Ibis table of any backend. Out: one integer expression a key.

The same arithmetic as the streaming kernel, operation by operation, so that DuckDB, PostgreSQL and Spark round alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aimon.errors import DataError
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis, magic_number
from aimon.profile.blocks import LARGEST_OUTCOME, SLOT_SECONDS, category_cells
from aimon.profile.canonical import raw_number, raw_texts
from aimon.profile.distinct import BUCKET_DIGITS, RANK_DIGITS
from aimon.profile.grid import Grid
from aimon.profile.ibis_numbers import Reals, call, matches, number, read_reals
from aimon.profile.key import Key, Source
from aimon.profile.sums import BOUND, LEAST_LABEL, MOST_LABEL, NEGLIGIBLE
from aimon.profile.tables import DISTINCT_BUCKETS, DISTINCT_RANKS
from aimon.spec.model import Kind

TIMESTAMP = "\0timestamp"
TINY = 1e-12
"""Beside a scale, a distance this small lies in the middle step; PostgreSQL refuses divisions that underflow."""
WHOLE_TEXT = r"^(0|-?[1-9][0-9]*)[.]0$"
NO_ERROR_TEXTS = ("", "false", "False", "FALSE", "0", "0.0")


@dataclass(frozen=True, slots=True)
class Expressions:
    """The keys of a prepared table, in which `numbers` were read once: their values and whether they are unreadable."""

    grid: Grid
    table: Any
    numbers: tuple[str, ...]

    @classmethod
    def prepared(cls, grid: Grid, data: Any, columns: Iterable[str], timestamp: str | None) -> "Expressions":
        """Read the numbers of the columns, and of the timestamp last, into columns of their own."""
        backend = data.get_backend().name
        read = {column: read_reals(data[column], grid.kinds[column], backend) for column in columns}
        if timestamp is not None:
            read[TIMESTAMP] = read_reals(data[timestamp], Kind.DATETIME, backend)
        made: dict[str, Any] = {}
        for place, reals in enumerate(read.values()):
            made |= {f"value_{place}": reals.value.cast("float64"), f"unreadable_{place}": reals.unreadable}
        return cls(grid, data.mutate(**made), tuple(read))

    def key(self, key: Key) -> Any:
        """The key's cell of each row."""
        column = self.table[key.column]
        match key.source:
            case Source.CELL:
                cell = self._cell(key.column)
            case Source.HOUR | Source.WEEKDAY:
                cell = self._turns(key)
            case Source.DISTINCT:
                cell = self._distinct(key.column)
            case Source.EMPTY:
                cell = _empty(column)
            case Source.ERROR:
                cell = _error(column)
            case Source.CORRECT:
                cell = self._correct()
            case Source.RESIDUAL:
                cell = self._residual()
            case Source.OF_CLASS:
                cell = self._of_class(key.column)
            case Source.COVERED:
                cell = self._covered()
        return cell.cast("int32")

    def slot(self) -> Any:
        """The 6-hour slot of the row's timestamp; 0 where it was not asked for."""
        if TIMESTAMP not in self.numbers:
            return _literal(0).cast("int32")
        reals = self.reals(TIMESTAMP)
        turns = (reals.value / SLOT_SECONDS).floor().cast("int64")
        return _cases((reals.finite, _modulo(turns, 4)), else_=0).cast("int32")

    def reals(self, column: str) -> Reals:
        """The column's numbers."""
        place = self.numbers.index(column)
        return Reals(self.table[f"value_{place}"], self.table[f"unreadable_{place}"])

    def residuals(self) -> Reals:
        """Prediction minus label; null where either is no finite number."""
        predicted, actual = self.reals(self.grid.prediction), self.reals(self.grid.label or "")
        small = (predicted.value.abs() < number(LARGEST_OUTCOME)) & (actual.value.abs() < number(LARGEST_OUTCOME))
        both = _cases((predicted.finite & actual.finite, small), else_=False)
        difference = _cases((both, predicted.value - actual.value))
        return Reals(difference, _literal(False))

    def relative_errors(self) -> Reals:
        """The size of each residual as a share of its label; null where there is none. Beyond the bound, above it."""
        residuals, label = self.residuals(), self.reals(self.grid.label or "").value.abs()
        size = residuals.value.abs()
        usable = _cases((residuals.finite, (label >= number(LEAST_LABEL)) & (label <= number(MOST_LABEL))), else_=False)
        share = _cases(
            (size > label * number(BOUND), number(2 * BOUND)),
            (size < label * number(NEGLIGIBLE), number(0.0)),
            else_=size / label,
        )
        return Reals(_cases((usable, share)), _literal(False))

    def _cell(self, column: str) -> Any:
        axis = self.grid.axes[column]
        if isinstance(axis, CategoryAxis):
            return _category(self.table[column], axis)
        return _step(self.reals(column), axis)

    def _residual(self) -> Any:
        assert self.grid.residual is not None  # noqa: S101 - the key exists only where the axis does
        return _step(self.residuals(), self.grid.residual)

    def _correct(self) -> Any:
        predicted, actual = self.grid.prediction, self.grid.label or ""
        axis, truth = self.grid.axes[predicted], self.grid.axes[actual]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        assert isinstance(truth, CategoryAxis)  # noqa: S101 - classes only
        left, right = self._cell(predicted), self._cell(actual)
        return _cases(
            ((left == axis.null) | (right == truth.null), 2),
            (left != right, 0),
            (left >= axis.tail_cell, 2),
            else_=1,
        )

    def _of_class(self, column: str) -> Any:
        label = self.grid.label or ""
        axis, actual = self.grid.axes[label], self._cell(label)
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        return _cases((actual == axis.null, 2), (actual == self.grid.class_cell(column), 1), else_=0)

    def _covered(self) -> Any:
        grid = self.grid
        lower, upper, actual = (self.reals(name or "") for name in (grid.lower, grid.upper, grid.label))
        known = _cases((actual.finite, _cases((lower.known, upper.known), else_=False)), else_=False)
        side = _cases((actual.value < lower.value, 0), (actual.value > upper.value, 2), else_=1)
        return _cases((known, side), else_=3)

    def _turns(self, key: Key) -> Any:
        reals = self.reals(key.column)
        seconds, period, shift = (3_600, 24, 0) if key.source is Source.HOUR else (86_400, 7, 3)
        turns = (reals.value / seconds).floor().cast("int64") + shift
        return _cases((reals.finite, _modulo(turns, period)), else_=period)

    def _distinct(self, column: str) -> Any:
        text = _canonical(self.table[column], column)
        digest = call("md5", "string", text)
        bucket = _hexadecimal(digest.left(BUCKET_DIGITS)) % DISTINCT_BUCKETS
        digits = digest.substr(BUCKET_DIGITS, RANK_DIGITS)
        zeros = digits.re_extract("^(0*)", 1).length()
        bits = digits.re_extract("^0*(.?)", 1).cases(("1", 3), ("2", 2), ("3", 2), *((d, 1) for d in "4567"), else_=0)
        rank = _cases((zeros >= RANK_DIGITS, DISTINCT_RANKS - 1), else_=zeros * 4 + bits)
        return _cases((text.isnull(), DISTINCT_BUCKETS * DISTINCT_RANKS), else_=bucket * DISTINCT_RANKS + rank)


def _step(reals: Reals, axis: NumericAxis | ProbabilityAxis) -> Any:
    value = reals.value
    specials = [(reals.unreadable, axis.unreadable), (value.isnan(), axis.nan), (value.isnull(), axis.null)]
    if isinstance(axis, ProbabilityAxis):
        specials.append(((value < 0) | (value > 1), axis.outside))
        a, b = value.sqrt().sqrt(), (1 - value).sqrt().sqrt()
        return _cases(*specials, else_=_nearest(a / (a + b), axis.steps - 1, 0))
    infinity = number(float("inf"))
    specials += [(value == infinity, axis.positive_infinity), (value == -infinity, axis.negative_infinity)]
    d, half = value - number(axis.center), axis.steps // 2
    specials.append((d.abs() <= number(axis.scale * TINY), half))
    return _cases(*specials, else_=_nearest(d / (number(axis.scale) + d.abs()), half, half))


def _nearest(t: Any, parts: int, middle: int) -> Any:
    magic = number(magic_number(parts))
    return ((t + magic - magic) * parts).cast("int64") + middle


def _category(column: Any, axis: CategoryAxis) -> Any:
    dtype, cells = column.type(), category_cells(axis)
    known: list[tuple[Any, int]]
    if dtype.is_date():
        column, dtype = column.cast("string"), column.cast("string").type()
    if dtype.is_string():
        known = [(raw, cell) for text, cell in cells.items() for raw in raw_texts(text)]
    elif dtype.is_boolean():
        known = [(text == "true", cells[text]) for text in ("true", "false") if text in cells]
    elif dtype.is_integer():
        numbers = [(raw_number(text), cell) for text, cell in cells.items()]
        known = [(each, cell) for each, cell in numbers if isinstance(each, int) and abs(each) < 2**63]
    elif dtype.is_numeric():
        numbers = [(raw_number(text), cell) for text, cell in cells.items()]
        known = [(number(each), cell) for each, cell in numbers if each is not None]
        column = column.cast("float64")
    else:
        raise DataError(f"column {column.get_name()!r} of type {dtype} cannot be counted as categories in SQL")
    return _cell_of(column, known, axis)


def _cell_of(column: Any, known: list[tuple[Any, int]], axis: CategoryAxis) -> Any:
    own = [(column == raw, cell) for raw, cell in known if cell != axis.tail_cell]
    tail = [raw for raw, cell in known if cell == axis.tail_cell]
    nan = [(column.isnan(), axis.null)] if column.type().is_floating() else []
    others = [(column.isin(tail), axis.tail_cell)] if tail else []
    return _cases(*nan, (column.isnull(), axis.null), *own, *others, else_=axis.unseen)


def _canonical(column: Any, name: str) -> Any:
    dtype = column.type()
    if dtype.is_integer() or dtype.is_date():
        return column.cast("string")
    if dtype.is_boolean():
        return _cases((column, "true"), (~column, "false"))
    if not dtype.is_string():
        raise DataError(
            f"column {name!r} of type {dtype} has too many categories to be counted in SQL; store it as text"
        )
    whole = matches(column, WHOLE_TEXT)
    return _cases(
        (whole, column.left(column.length() - 2)),
        (column.isin(["True", "TRUE"]), "true"),
        (column.isin(["False", "FALSE"]), "false"),
        else_=column,
    )


def _empty(column: Any) -> Any:
    if not column.type().is_string():
        return _literal(2)
    return _cases((column.isnull(), 2), (column.re_search("[^ ]"), 0), else_=1)


def _error(column: Any) -> Any:
    dtype = column.type()
    if dtype.is_boolean():
        return _cases((column, 1), else_=0)
    if dtype.is_string():
        return _cases((column.isnull(), 0), (column.isin(NO_ERROR_TEXTS), 0), else_=1)
    if dtype.is_numeric():
        value = column.cast("float64")
        return _cases((value.isnan(), 0), (value.isnull(), 0), (value == 0, 0), else_=1)
    return _cases((column.isnull(), 0), else_=1)


def _hexadecimal(digits: Any) -> Any:
    """The number that four hexadecimal digits write, by looking each one up: engines share no function for it."""
    known = _literal("0123456789abcdef")
    values = [known.find(digits.substr(place, 1)) for place in range(BUCKET_DIGITS)]
    return ((values[0] * 16 + values[1]) * 16 + values[2]) * 16 + values[3]


def _modulo(value: Any, period: int) -> Any:
    """The remainder that is never negative."""
    return ((value % period) + period) % period


def _cases(*branches: tuple[Any, Any], else_: Any = None) -> Any:
    import ibis

    return ibis.cases(*branches, else_=else_)


def _literal(value: Any) -> Any:
    import ibis

    return ibis.literal(value)
