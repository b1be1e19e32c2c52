"""Columns as numbers in Ibis. In: a column of any type. Out: a floating-point expression, and where it is no number.

Text is parsed by the same pattern as in the streaming kernel. Times are whole microseconds divided once, like there.
"""

from dataclasses import dataclass
from typing import Any

from aimon.profile.numbers import NUMBER_TEXT, TIME_TEXT
from aimon.spec.model import Kind

SQL_NUMBER = f"^ *{NUMBER_TEXT.removeprefix('^').removesuffix('$')} *$"
INFINITE = {"inf": ("inf", "+inf", "infinity"), "-inf": ("-inf", "-infinity"), "nan": ("nan",)}
OFFSET_TEXT = "[+-]([0-9]{2}):?([0-9]{2})$"
MICROSECONDS = {"duckdb": "epoch_us", "pyspark": "unix_micros"}


@dataclass(frozen=True, slots=True)
class Reals:
    """A column's numbers: `value` may be null, NaN or infinite; where `unreadable` is true it means nothing."""

    value: Any
    unreadable: Any

    @property
    def known(self) -> Any:
        """Whether the row has a number, be it infinite; never null."""
        import ibis

        return ibis.cases(
            (self.unreadable, False), (self.value.isnan(), False), (self.value.isnull(), False), else_=True
        )

    @property
    def finite(self) -> Any:
        """Whether the row has a finite number; never null."""
        import ibis

        value = self.value
        return ibis.cases(
            (self.unreadable, False),
            (value.isnan(), False),
            (value.isnull(), False),
            (value.abs() == number(float("inf")), False),  # not `isinf`, which Spark reads otherwise
            else_=True,
        )


def number(value: float) -> Any:
    """A literal that every engine reads as exactly this double: text, cast."""
    import ibis

    return ibis.literal(repr(float(value))).cast("float64")


def matches(column: Any, pattern: str) -> Any:
    """Whether the whole text matches; for Java alone, `$` is also before a line break at the end."""
    return column.re_search(pattern) & ~column.contains("\n")


def read_reals(column: Any, kind: Kind, backend: str) -> Reals:
    """The column's numbers as its kind counts them."""
    import ibis

    dtype = column.type()
    nothing = Reals(ibis.null("float64"), ibis.cases((column.isnull(), False), else_=True))
    if kind is Kind.TEXT:
        return Reals(column.length().cast("float64"), ibis.literal(False)) if dtype.is_string() else nothing
    if kind is Kind.DATETIME:
        if dtype.is_timestamp() or dtype.is_date():
            return Reals(_seconds(column, backend), ibis.literal(False))
        return _parsed_times(column) if dtype.is_string() else nothing
    if dtype.is_boolean():
        return Reals(ibis.cases((column, number(1.0)), (~column, number(0.0))), ibis.literal(False))
    if dtype.is_numeric():
        return Reals(column.cast("float64"), ibis.literal(False))
    return _parsed(column) if dtype.is_string() else nothing


def _parsed(column: Any) -> Reals:
    import ibis

    bare = column.re_replace("[ +]", "")  # a plus sign that passed the pattern means nothing
    trimmed = column.re_replace("^ +", "").re_replace(" +$", "").lower()
    is_number = matches(column, SQL_NUMBER)
    specials = [(trimmed.isin(words), number(float(name))) for name, words in INFINITE.items()]
    value = ibis.cases((is_number, ibis.cases((is_number, bare), else_="0").cast("float64")), *specials)
    known = is_number | trimmed.isin([word for words in INFINITE.values() for word in words])
    return Reals(value, ibis.cases((column.isnull(), False), (known, False), else_=True))


def _seconds(column: Any, backend: str) -> Any:
    """Seconds since 1970, of a date or a timestamp; one without a time zone is UTC."""
    import ibis

    stamp = column.cast("timestamp") if column.type().is_date() else column
    if backend == "postgres":
        return call("date_part", "float64", ibis.literal("epoch"), stamp)
    if backend == "pyspark":
        stamp = stamp.cast("timestamp('UTC')")
    return call(MICROSECONDS[backend], "int64", stamp).cast("float64") / number(1e6)


def call(function: str, returns: str, *arguments: Any) -> Any:
    """A call of a function that the database has and Ibis does not know."""
    import ibis

    def one(first: Any) -> None:
        """Declare one argument."""

    def two(first: Any, second: Any) -> None:
        """Declare two arguments."""

    signature = (tuple(argument.type() for argument in arguments), returns)
    return ibis.udf.scalar.builtin(two if len(arguments) == 2 else one, name=function, signature=signature)(*arguments)


def _parsed_times(column: Any) -> Reals:
    """Times in text, by arithmetic on their digits: engines disagree on everything else."""
    import ibis

    is_time = matches(column, TIME_TEXT)
    safe = ibis.cases((is_time, column), else_="1970-01-01")
    clock = safe.substr(11)

    def whole(text: Any) -> Any:
        return ("0" + ibis.coalesce(text, "")).cast("int64")

    year, month, day = (whole(safe.substr(start, length)) for start, length in ((0, 4), (5, 2), (8, 2)))
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    exists = ibis.cases(
        (day <= 28, True), (month == 2, (day == 29) & leap), (month.isin([4, 6, 9, 11]), day <= 30), else_=True
    )
    seconds = whole(clock.re_extract("^[0-9:]{5}:([0-9]{2})", 1))
    digits = clock.re_extract("[.]([0-9]+)", 1)
    fraction = (ibis.coalesce(digits, "") + "000000").left(6).cast("int64")
    offset = whole(clock.re_extract(OFFSET_TEXT, 1)) * 60 + whole(clock.re_extract(OFFSET_TEXT, 2))
    offset = ibis.cases((clock.re_search("-"), -offset), else_=offset)
    minutes = (_days(year, month, day) * 24 + whole(clock.substr(0, 2))) * 60 + whole(clock.substr(3, 2)) - offset
    microseconds = (minutes * 60 + seconds) * 1_000_000 + fraction
    good = is_time & exists & (year >= 1)
    value = ibis.cases((good, microseconds.cast("float64") / number(1e6)))
    return Reals(value, ibis.cases((column.isnull(), False), (good, False), else_=True))


def _days(year: Any, month: Any, day: Any) -> Any:
    """Days since 1970 of a Gregorian date: March begins the year, 400 years have 146,097 days."""
    import ibis

    year = ibis.cases((month <= 2, year - 1), else_=year)
    month = ibis.cases((month > 2, month - 3), else_=month + 9)
    in_year = _whole(month * 153 + 2, 5) + day - 1
    return year * 365 + _whole(year, 4) - _whole(year, 100) + _whole(year, 400) + in_year - 719_468


def _whole(value: Any, divisor: int) -> Any:
    return (value / divisor).floor().cast("int64")
