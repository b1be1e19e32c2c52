from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.faults import data_faults
from aimon.insight.faults_named import DataFault, FaultKind
from aimon.spec.model import Kind

Rng = np.random.Generator
Values = np.ndarray
Damage = Callable[[Values, Rng], object]
ROWS = 4_000
CITIES = np.array(["Boston", "San José", "Doña Ana", "Chicago", "self employed"])


def columns(rng: Rng, rows: int = ROWS) -> dict[str, Values]:
    """Columns as they come in life; none of them is damaged."""
    return {
        "money": np.round(np.exp(rng.normal(8.0, 0.9, rows)), 2),
        "age": np.round(np.clip(rng.normal(43.0, 14.0, rows), 18, 95)),
        "balance": rng.normal(200.0, 400.0, rows),
        "share": rng.beta(2.0, 5.0, rows),
        "celsius": rng.normal(11.0, 8.0, rows),
        "count": rng.poisson(1.3, rows).astype(float),
        "gaps": np.where(rng.random(rows) < 0.05, np.nan, rng.gamma(2.0, 30.0, rows)),
        "city": rng.choice(CITIES, rows, p=[0.4, 0.2, 0.1, 0.2, 0.1]),
        "grade": rng.choice(["A", "B", "C", "D"], rows, p=[0.1, 0.4, 0.3, 0.2]),
        "flag": rng.choice(["true", "false"], rows, p=[0.3, 0.7]),
    }


def table(values: dict[str, object]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(each, mask=np.isnan(each))
            if isinstance(each, np.ndarray) and each.dtype.kind == "f"
            else pa.array(each)
            for name, each in values.items()
        }
    )


def found(name: str, damage: Damage, seed: int = 1) -> list[DataFault]:
    """The faults of two samples, of which the current one has one damaged column."""
    rng = np.random.default_rng(seed)
    reference, current = columns(rng), columns(rng)
    current[name] = damage(current[name], rng)  # type: ignore[assignment]
    return data_faults(table(reference), table(current), reference)


def some(values: Values, rng: Rng, share: float, other: object) -> Values:
    return np.where(rng.random(len(values)) < share, other, values)


def in_letters(values: Values, _: Rng) -> object:
    return np.where(values == "true", "Y", "N")


def garbled(values: Values, _: Rng) -> object:
    return np.array([text.encode().decode("latin-1") for text in values])


def in_ascii(values: Values, _: Rng) -> object:
    return np.array([text.encode("ascii", "replace").decode() for text in values])


def in_digits(values: Values, _: Rng) -> object:
    return [f"{value:.0f}" for value in values]


def partly_in_digits(values: Values, rng: Rng) -> object:
    return [f"{value:.0f}" if rng.random() < 0.7 else "?!" for value in values]


def with_commas(values: Values, _: Rng) -> object:
    return [f"{value:.2f}".replace(".", ",") for value in values]


DAMAGES: list[tuple[str, FaultKind, str, Damage]] = [
    ("money", FaultKind.NULLS, "12 % of the values of money are missing, none", lambda x, r: some(x, r, 0.12, np.nan)),
    ("gaps", FaultKind.NULLS, " % of the values of gaps are missing, ", lambda x, r: some(x, r, 0.2, np.nan)),
    ("city", FaultKind.NULLS, "of city are missing", lambda x, r: np.where(r.random(len(x)) < 0.1, None, x)),
    ("money", FaultKind.UNIT, "the values of money look multiplied by 100 (a hundred times", lambda x, _: x * 100),
    ("share", FaultKind.UNIT, "as cents for whole units or percent for shares", lambda x, _: x * 100),
    ("money", FaultKind.UNIT, "money look multiplied by 0.001 (a thousandth", lambda x, _: x / 1000),
    ("money", FaultKind.UNIT, "multiplied by 1.95583 (as leva or marks for euros)", lambda x, _: x * 1.95583),
    ("money", FaultKind.UNIT, "(as kilometres for miles)", lambda x, _: x * 1.609344),
    ("money", FaultKind.UNIT, "times what they were, large and small alike: another unit", lambda x, _: x * 7.7),
    ("money", FaultKind.UNIT, "of the values of money look multiplied by 100", lambda x, r: some(x, r, 0.15, x * 100)),
    ("celsius", FaultKind.UNIT, "look converted, as Fahrenheit for Celsius", lambda x, _: x * 1.8 + 32),
    ("celsius", FaultKind.UNIT, "as kelvin for Celsius", lambda x, _: x + 273.15),
    ("gaps", FaultKind.UNIT, "gaps arrives standardised", lambda x, _: (x - np.nanmean(x)) / np.nanstd(x)),
    ("balance", FaultKind.OFFSET, "was added to every value of balance", lambda x, _: x + 10_000),
    ("balance", FaultKind.SIGN, "the values of balance have the opposite sign", lambda x, _: -x),
    ("money", FaultKind.SIGN, "the values of money have the opposite sign", lambda x, _: -x),
    ("money", FaultKind.SIGN, "% of the values of money have the opposite sign", lambda x, r: some(x, r, 0.2, -x)),
    ("balance", FaultKind.STALE, "balance is stuck at 17.3: 100 % of the rows", lambda x, _: np.full(len(x), 17.3)),
    ("city", FaultKind.STALE, "city is stuck at 'Boston'", lambda x, r: some(x, r, 0.95, "Boston")),
    ("money", FaultKind.STAND_IN, "money is -999 in 8 % of the rows, never", lambda x, r: some(x, r, 0.08, -999.0)),
    ("age", FaultKind.STAND_IN, "age is -1 in ", lambda x, r: some(x, r, 0.05, -1.0)),
    ("balance", FaultKind.STAND_IN, "balance is 0 in 10 % of the rows", lambda x, r: some(x, r, 0.1, 0.0)),
    ("grade", FaultKind.STAND_IN, "grade is 'N/A' in", lambda x, r: some(x, r, 0.05, "N/A")),
    ("grade", FaultKind.STAND_IN, "grade is an empty text in", lambda x, r: some(x, r, 0.05, "")),
    ("money", FaultKind.CAPPED, "money above 8,000 are cut to it", lambda x, _: np.minimum(x, 8_000.0)),
    ("money", FaultKind.CAPPED, "the values of money above ", lambda x, r: r.choice(x[x < 8_000], len(x))),
    ("celsius", FaultKind.CAPPED, "celsius below 0 are cut to it", lambda x, _: np.maximum(x, 0.0)),
    ("money", FaultKind.ROUNDED, "money arrive rounded: decimals are gone", lambda x, _: np.round(x)),
    ("balance", FaultKind.ROUNDED, "every value is a multiple of 10", lambda x, _: np.round(x, -1)),
    ("city", FaultKind.SPELLING, "'BOSTON' for 'Boston' and 4 more", lambda x, _: np.char.upper(x)),
    ("city", FaultKind.SPELLING, "'self-employed' for 'self employed'", lambda x, _: np.char.replace(x, " e", "-e")),
    ("flag", FaultKind.SPELLING, "flag say yes and no in other words: 'N' for 'false'", in_letters),
    ("city", FaultKind.ENCODING, "'San JosÃ©' for 'San José' and 1 more", garbled),
    ("city", FaultKind.ENCODING, "'San Jos?' for 'San José'", in_ascii),
    ("city", FaultKind.SHORTENED, "city are cut to 6 characters", lambda x, _: x.astype("<U6")),
    ("grade", FaultKind.RENAMED, "'C' of grade looks renamed to 'gamma'", lambda x, _: np.where(x == "C", "gamma", x)),
    ("age", FaultKind.TYPE, "age arrives as text; the reference has numbers", in_digits),
    ("money", FaultKind.TYPE, "with a decimal comma", with_commas),
    ("age", FaultKind.TYPE, "% of the values cannot be read as numbers", partly_in_digits),
    ("flag", FaultKind.TYPE, "flag arrives as yes and no; the reference has text", lambda x, _: x == "true"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "words", "damage"), DAMAGES, ids=[f"{d[0]} {d[2]}" for d in DAMAGES])
def test_a_damaged_column_is_named_with_what_happened_to_it(
    name: str, kind: FaultKind, words: str, damage: Damage
) -> None:
    faults = found(name, damage)

    assert [fault.kind for fault in faults if fault.column == name] == [kind]
    assert words in faults[0].sentence
    assert {fault.column for fault in faults} == {name}
    assert 0 < faults[0].share <= 1


def test_the_share_of_rows_that_are_damaged_is_estimated() -> None:
    (part,) = found("money", lambda x, r: some(x, r, 0.15, x * 100))
    (turned,) = found("money", lambda x, r: some(x, r, 0.2, -x))

    assert part.share == pytest.approx(0.15, abs=0.03)
    assert turned.share == pytest.approx(0.2, abs=0.02)


def test_two_columns_that_were_exchanged_are_both_named() -> None:
    rng = np.random.default_rng(2)
    reference, current = columns(rng), columns(rng)
    current["balance"], current["celsius"] = current["celsius"], current["balance"]
    faults = data_faults(table(reference), table(current), reference)

    assert [(fault.kind, fault.column) for fault in faults] == [
        (FaultKind.SWAPPED, "balance"),
        (FaultKind.SWAPPED, "celsius"),
    ]
    assert faults[0].sentence == "balance and celsius look exchanged"


def test_a_column_that_stopped_moving_is_named_with_the_minute() -> None:
    rng = np.random.default_rng(3)
    reference, current = columns(rng), columns(rng)
    start = datetime(2026, 11, 20, tzinfo=UTC)
    moments = [start + timedelta(seconds=int(second)) for second in rng.permutation(ROWS) * 20]
    late = np.array([moment >= datetime(2026, 11, 20, 17, 30, tzinfo=UTC) for moment in moments])
    current["celsius"] = np.where(late, 4.25, current["celsius"])
    arrived = table(current).append_column("at", pa.array(moments, pa.timestamp("ms", "UTC")))
    faults = data_faults(table(reference), arrived, reference, timestamp="at")

    assert [(fault.kind, fault.column) for fault in faults] == [(FaultKind.STALE, "celsius")]
    assert faults[0].sentence == "celsius is 4.25 in every row since 2026-11-20 17:30 UTC"


def test_a_column_that_does_not_arrive_is_gone() -> None:
    rng = np.random.default_rng(4)
    reference = table(columns(rng))
    faults = data_faults(reference, reference.drop_columns(["age"]), ["age", "money"])

    assert [(fault.kind, fault.sentence) for fault in faults] == [(FaultKind.GONE, "age does not arrive any more")]


def test_nothing_is_named_where_nothing_is_wrong() -> None:
    for seed in range(30):
        rng = np.random.default_rng(100 + seed)
        reference, current = columns(rng), columns(rng, 700 if seed % 2 else ROWS)
        assert data_faults(table(reference), table(current), reference) == []


DRIFTS: list[tuple[str, Damage]] = [
    ("money", lambda x, r: np.round(x * np.exp(r.normal(0.4, 0.3, len(x))), 2)),
    ("money", lambda x, _: np.round(x * 1.3, 2)),
    ("money", lambda x, _: np.round(x**0.9, 2)),
    ("age", lambda x, _: np.clip(x + 9, 18, 95)),
    ("age", lambda x, r: np.round(np.clip(r.normal(55.0, 9.0, len(x)), 18, 95))),
    ("balance", lambda x, _: x + 500),
    ("balance", lambda x, _: x - 1_500),
    ("balance", lambda x, _: x * 2.8),
    ("share", lambda x, r: r.beta(5.0, 3.0, len(x))),
    ("celsius", lambda x, _: x - 14),
    ("celsius", lambda x, _: x * 0.4 + 20),
    ("count", lambda x, r: r.poisson(3.0, len(x)).astype(float)),
    ("count", lambda x, r: np.where(r.random(len(x)) < 0.4, 0.0, x)),
    ("gaps", lambda x, _: x * 1.5),
    ("gaps", lambda x, _: np.where(np.isnan(x), 40.0 + x * 0, x + 20)),
    ("grade", lambda x, r: r.choice(["A", "B", "C", "D"], len(x), p=[0.4, 0.1, 0.1, 0.4])),
    ("grade", lambda x, r: some(x, r, 0.2, "E")),
    ("city", lambda x, r: np.where(x == "Boston", r.choice(["Chicago", "Austin"], len(x)), x)),
    ("flag", lambda x, r: r.choice(["true", "false"], len(x), p=[0.8, 0.2])),
]


@pytest.mark.parametrize("place", range(len(DRIFTS)))
def test_a_column_that_merely_drifted_is_not_called_damaged(place: int) -> None:
    name, drift = DRIFTS[place]

    for seed in range(5):
        assert found(name, drift, seed) == []


def test_the_shape_of_few_rows_is_not_judged() -> None:
    rng = np.random.default_rng(5)
    reference, current = columns(rng), columns(rng, 150)
    current["money"] *= 100

    assert data_faults(table(reference), table(current), reference) == []


def test_free_text_is_only_asked_whether_it_is_there() -> None:
    texts = [f"call {number} about {number % 97}" for number in range(1_000)]
    reference, current = pa.table({"t": texts}), pa.table({"t": [*texts[:850], *([""] * 150)]})
    faults = data_faults(reference, current, ["t"], kinds={"t": Kind.TEXT})

    assert [fault.kind for fault in faults] == [FaultKind.STAND_IN]
