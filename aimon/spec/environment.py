"""The `AIMON_` variables that override `aimon.yaml`, and the `$NAME`s a model file refers to.

`AIMON_RETENTION__PREDICTIONS=30d` sets `retention.predictions`. An empty variable counts as not set.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from aimon import keyring
from aimon.spec.explain import keys_of
from aimon.spec.fault import Path
from aimon.spec.settings import Settings
from aimon.spec.wording import nearest

PREFIX = "AIMON_"
NOT_SETTINGS = frozenset({"AIMON_ROOT", "AIMON_NOW", "AIMON_HASH_KEYS", "AIMON_SEALED_PASSPHRASE"}) | keyring.VARIABLES
_NAME = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_CLEARLY_MEANT = 0.8


class Overrides(NamedTuple):
    """What the environment says about the settings."""

    values: dict[Path, str]
    misspelt: dict[str, str]


def overridable(model: type[BaseModel] = Settings, path: Path = ()) -> Iterator[tuple[str, Path]]:
    """Every variable with the key it sets: ("AIMON_RETENTION__PREDICTIONS", ("retention", "predictions")), ..."""
    for key in keys_of(model):
        inside = (*path, key)
        declared = model.model_fields[key].annotation
        if isinstance(declared, type) and issubclass(declared, BaseModel):
            yield from overridable(declared, inside)
        elif get_origin(declared) not in (dict, tuple) and not _may_be_a_mapping(
            declared
        ):  # a variable is one text, not a mapping or a list
            yield variable_of(inside), inside


def _may_be_a_mapping(declared: Any) -> bool:
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in get_args(declared))


def variable_of(path: Path) -> str:
    """The variable that sets the key.

    >>> variable_of(("retention", "predictions"))
    'AIMON_RETENTION__PREDICTIONS'
    """
    return PREFIX + "__".join(str(part).upper() for part in path)


def read_overrides(environment: Mapping[str, str]) -> Overrides:
    """The settings that variables give, and variables that look like one and are none, with the one that was meant."""
    known = dict(overridable())
    values: dict[Path, str] = {}
    misspelt: dict[str, str] = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or not value or name in NOT_SETTINGS:
            continue
        if name in known:
            values[known[name]] = value
        elif (meant := _meant(name, known)) is not None:
            misspelt[name] = meant
    return Overrides(values, misspelt)


def _meant(name: str, known: Iterable[str]) -> str | None:
    """The variable that was meant, unless the name is clearly somebody else's."""
    sections = {variable.rpartition("__")[0] for variable in known if "__" in variable}
    within = any(name == section or name.startswith(f"{section}_") for section in sections)
    return nearest(name, known, 0.0 if within else _CLEARLY_MEANT)


def overlay(data: dict[str, Any], values: Mapping[Path, str]) -> dict[str, Any]:
    """The file's values with the environment's in their place."""
    merged = dict(data)
    for path, value in values.items():
        branch = merged
        for part in path[:-1]:
            below = branch.get(str(part))
            branch[str(part)] = dict(below) if isinstance(below, dict) else {}
            branch = branch[str(part)]
        branch[str(path[-1])] = value
    return merged


def unset_variables(text: str, environment: Mapping[str, str]) -> list[str]:
    """The variables a text refers to that are not set.

    >>> unset_variables("postgresql://$USER:${PASSWORD}@host/db?price=$$5", {"USER": "ann"})
    ['PASSWORD']
    """
    names = [braced or bare for braced, bare in _NAME.findall(text) if braced or bare]
    return [name for name in dict.fromkeys(names) if name not in environment]
