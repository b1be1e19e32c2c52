"""What a host must know to count and seal: the sealed grid of a model, as a file. In: reference rows. Out: JSON.

It holds the reference's medians, scales and frequent values, which the host and the owner may know; without the
owner's leave the server need not.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aimon.errors import SealedError
from aimon.profile.grid import Grid
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE, parameters
from aimon.spec.model import ModelName


class Plan(BaseModel):
    """One model's sealed grid under one parameter set."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    model: ModelName
    version: str
    parameters: str = CUBE.name
    grid: Grid

    @property
    def layout(self) -> Layout:
        """The slots."""
        return Layout(self.grid, parameters(self.parameters))


def read_plan(path: Path) -> Plan:
    """The plan of a file."""
    try:
        return Plan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SealedError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise SealedError(f"{path} is no plan; make one with `aimon sealed plan`") from error
