"""Lists that need an entry, and keys that people write either way: `model: loans`, `model: [loans, fraud]`."""

from typing import Any

from pydantic import AfterValidator, BeforeValidator


def as_list(value: Any) -> Any:
    """A list of one, where one value was written.

    >>> as_list("loans"), as_list(["loans", "fraud"])
    (['loans'], ['loans', 'fraud'])
    """
    return [value] if isinstance(value, str) else value


OneOrMany = BeforeValidator(as_list, json_schema_input_type=str | list[str])


def at_least_one(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse a list without entries. One with a faulty entry is not called empty, as a minimal length would."""
    if not values:
        raise ValueError("found an empty list; write at least one")
    return values


Some = AfterValidator(at_least_one)
