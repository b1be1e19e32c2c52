"""Metrics of the user's own: a formula over built-in metrics of all rows, with its limits."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from aimon.spec.declared import Declared, FiniteNumber
from aimon.spec.formula import Formula, read_formula
from aimon.spec.wording import quoted

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,59}$"


def check_metric_name(name: str) -> str:
    """Let only names through that look like those of the built-in metrics."""
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(f"{quoted(name)} is not a name of a metric; use up to 60 small letters, digits and '_'")
    return name


def check_formula(text: str) -> str:
    """Let only formulas through."""
    read_formula(text)
    return text


class OwnMetric(Declared):
    """One metric. It is taken of all rows and of each declared segment, where what it is made of is."""

    name: Annotated[str, AfterValidator(check_metric_name)] = Field(description="how the metric is called")
    formula: Annotated[str, AfterValidator(check_formula)] = Field(
        description="how it is made of built-in metrics: numbers, names, + - * /, parentheses, min and max"
    )
    unit: str = Field(default="", max_length=40, description="what it is counted in")
    worse: Literal["above", "below"] | None = Field(
        default=None, description="on which side of its limits it is bad: above or below; needed with limits"
    )
    warning: FiniteNumber | None = Field(default=None, description="which value a warning lies beyond")
    critical: FiniteNumber | None = Field(default=None, description="which value a critical finding lies beyond")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        limited = self.warning is not None or self.critical is not None
        if limited and self.worse is None:
            raise ValueError("a limit has a bad side; add worse: above or worse: below")
        if self.worse is not None and not limited:
            raise ValueError("worse goes with a limit; add warning or critical, or remove it")
        if self.warning is not None and self.critical is not None:
            swapped = self.warning > self.critical if self.worse == "above" else self.warning < self.critical
            if swapped:
                raise ValueError(
                    f"warning {self.warning:g} lies beyond critical {self.critical:g}, and it is worse {self.worse}; "
                    "swap them"
                )
        return self

    @property
    def read(self) -> Formula:
        """The formula."""
        return read_formula(self.formula)
