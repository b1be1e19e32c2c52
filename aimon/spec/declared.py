"""What everything written in YAML is made of: an immutable mapping of known keys, finite numbers, true and false."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FiniteNumber = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]


class Declared(BaseModel):
    """Base of everything written in YAML: immutable, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
