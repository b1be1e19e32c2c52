"""What all sites agree on before there is any key. In: names, a threshold. Out: a file that each of them gets."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aimon.errors import SealedError
from aimon.sealed.files import read_declared
from aimon.sealed.seal.parameters import THRESHOLD, Parameters, parameters

SiteName = str
MOST_SITES = 64


class Charter(BaseModel):
    """Who takes part, how many must open a sum together, and the seed of the polynomial that all keys share.

    The polynomial is a hash of the charter: whoever wrote the seed could not choose it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    sites: tuple[SiteName, ...] = Field(min_length=2, max_length=MOST_SITES)
    threshold: int = Field(ge=2)
    least_rows: int = Field(ge=1)
    parameters: str = THRESHOLD.name
    seed: str = Field(pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if len(set(self.sites)) < len(self.sites) or not all(0 < len(each) <= 100 for each in self.sites):
            raise ValueError("sites need different names of 1 to 100 characters")
        if self.threshold > len(self.sites):
            raise ValueError(f"{self.threshold} sites cannot open together where there are {len(self.sites)}")
        if self.parameters != THRESHOLD.name:
            raise ValueError(f"federations use the parameter set {THRESHOLD.name!r}")
        return self

    @property
    def id(self) -> str:
        """The SHA-256 of all that it says."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    @property
    def common_seed(self) -> bytes:
        """What the shared polynomial is hashed from."""
        return hashlib.sha256(b"aimon federation\n" + self._text.encode()).digest()

    @property
    def scheme(self) -> Parameters:
        """The parameter set."""
        return parameters(self.parameters)

    def place(self, site: SiteName) -> int:
        """The site's number, from 1; SealedError where it takes no part."""
        if site not in self.sites:
            raise SealedError(f"{site} is no site of the federation {self.name}: {', '.join(self.sites)}")
        return self.sites.index(site) + 1

    @property
    def _text(self) -> str:
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def new_charter(name: str, sites: Sequence[SiteName], threshold: int, least_rows: int) -> Charter:
    """A charter with a seed of its own; SealedError says what does not go together."""
    seed = secrets.token_hex(32)
    try:
        return Charter(name=name, sites=tuple(sites), threshold=threshold, least_rows=least_rows, seed=seed)
    except ValidationError as error:
        raise SealedError(f"such a federation cannot be: {_said(error)}") from error


def read_charter(path: Path) -> Charter:
    """The charter of a file."""
    return read_declared(
        Charter, path, "charter of a federation", "`aimon sealed federation start` writes one for all sites"
    )


def _said(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    said = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
