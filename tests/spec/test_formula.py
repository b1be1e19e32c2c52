import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.spec.formula import Range, read_formula

NUMBER = st.floats(-1e3, 1e3)
FORMULAS = ["a + b", "a - b", "a * b", "a / b", "-a * (b - 2) / 3", "min(a, b) + max(a, 2 * b, 1)", "1e3*a/(b*b + 1)"]


def point(value: float) -> Range:
    return Range(value, value, value)


@pytest.mark.parametrize("text", FORMULAS)
@given(a=NUMBER, b=NUMBER.filter(lambda each: abs(each) > 1e-3))
def test_the_value_is_what_python_makes_of_it(text: str, a: float, b: float) -> None:
    found = read_formula(text).of({"a": point(a), "b": point(b)})

    assert found is not None
    assert found.value == pytest.approx(eval(text, {}, {"a": a, "b": b, "min": min, "max": max}), rel=1e-9, abs=1e-9)  # noqa: S307


@pytest.mark.parametrize("text", FORMULAS)
@given(a=st.tuples(NUMBER, NUMBER, st.floats(0, 1)), b=st.tuples(st.floats(1, 50), st.floats(50, 99), st.floats(0, 1)))
def test_the_bounds_hold_wherever_the_parts_lie_within_theirs(
    text: str, a: tuple[float, float, float], b: tuple[float, float, float]
) -> None:
    parts = {}
    for name, (one, other, _) in (("a", a), ("b", b)):
        low, high = min(one, other), max(one, other)
        parts[name] = Range((low + high) / 2, low, high)
    found = read_formula(text).of(parts)

    assert found is not None
    inside = {
        name: parts[name].low + t * (parts[name].high - parts[name].low) for name, t in (("a", a[2]), ("b", b[2]))
    }
    value = eval(text, {}, {**inside, "min": min, "max": max})  # noqa: S307
    slack = 1e-9 * max(1.0, abs(found.low), abs(found.high))
    assert found.low - slack <= value <= found.high + slack
    assert found.low - slack <= found.value <= found.high + slack


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "volume.__class__",
        "volume ** 9 ** 9 ** 9",
        "volume if volume else 1",
        "[volume for _ in range(9)]",
        "lambda: volume",
        "volume == 1",
        "volume and 1",
        "volume @ volume",
        "volume % 2",
        "f'{volume}'",
        "'volume'",
        "True",
        "1j * volume",
        "volume[0]",
        "abs(volume)",
        "min(volume)",
        "min(*volume, 1)",
        "max(volume, 1, key=volume)",
        "(volume := 3)",
        "volume; volume",
        "volume +",
        "",
        "1 + 2",
        "1e999 * volume",
        "volume\x00",
        "-" * 200 + "volume",
        "(" * 90 + "volume" + ")" * 90 + " + 1" * 60,
        " + ".join(f"m{number}" for number in range(9)),
        "volume" * 100,
    ],
)
def test_nothing_else_can_be_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"(a formula has numbers, names of metrics, |\d+ are allowed$)"):
        read_formula(text)


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_refused_in_a_sentence(text: str) -> None:
    said = ""
    try:
        names = read_formula(text).names
    except ValueError as error:
        names, said = (), str(error)
    assert bool(names) != ("formula" in said)


def test_what_divides_by_what_may_be_nothing_has_no_value() -> None:
    formula = read_formula("a / b")

    assert formula.of({"a": point(1), "b": point(0)}) is None
    assert formula.of({"a": point(1), "b": Range(1, -1, 2)}) is None
    assert read_formula("a * 1e300 * 1e300").of({"a": point(1)}) is None


def test_names_are_found_once_and_functions_are_no_names() -> None:
    assert read_formula("min(b, a) + a / max(1, b)").names == ("a", "b")
