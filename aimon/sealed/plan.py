"""What a host must know to count and seal: the sealed grid of a model, as a file. In: reference rows. Out: JSON.

It holds the reference's medians, scales and frequent values, which the host and the owner may know; without the
owner's leave the server need not.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from aimon.profile.grid import Grid
from aimon.sealed.files import read_declared
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
    return read_declared(Plan, path, "plan", "make one with `aimon sealed plan`")
