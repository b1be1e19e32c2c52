"""One project, ready to work with: its settings and its models, from the folder and the environment.

A mistake in one model file hides that model only: `load_project` refuses it, `load_project_leniently` goes on.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aimon.errors import ConfigError, Mistake
from aimon.spec.fleetrules import with_fleet_rules
from aimon.spec.model import ModelSpec
from aimon.spec.rules import Worse
from aimon.spec.settings import Settings
from aimon.spec.survey import Survey, survey


@dataclass(frozen=True, slots=True)
class Project:
    """What a folder declares: the settings, the models by name with the file of each, and what was left out."""

    settings: Settings
    models: dict[str, ModelSpec]
    files: dict[str, Path]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def root(self) -> Path:
        """The folder of `aimon.yaml`."""
        return self.settings.root


def load_project(
    root: Path | str | None = None,
    *,
    metrics: Mapping[str, Worse | None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    """Read the project in the folder (default: `AIMON_ROOT`, then the current one). Raises `ConfigError`.

    `metrics` are the metrics that thresholds may name, each with its bad side; without them names are not checked.
    """
    found = _survey(root, metrics, environment)
    if found.mistakes:
        raise ConfigError(found.mistakes)
    return _project(found)


def load_project_leniently(
    root: Path | str | None = None,
    *,
    metrics: Mapping[str, Worse | None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    """The same, but a model with mistakes is left out, and the mistakes are in the project.

    Raises `ConfigError` only where `aimon.yaml` itself, or a variable that overrides it, is wrong.
    """
    return _project(_survey(root, metrics, environment))


def load_models(root: Path | str | None = None) -> tuple[dict[str, ModelSpec], list[Mistake]]:
    """The sound models by name, and the mistakes of the others."""
    project = load_project_leniently(root)
    return project.models, list(project.mistakes)


def project_root(root: Path | str | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The folder meant: the one given, else `AIMON_ROOT`, else the current one."""
    variables = os.environ if environment is None else environment
    return Path(root if root is not None else variables.get("AIMON_ROOT") or ".").resolve()


def _survey(
    root: Path | str | None, metrics: Mapping[str, Worse | None] | None, environment: Mapping[str, str] | None
) -> Survey:
    variables = os.environ if environment is None else environment
    return survey(project_root(root, variables), variables, metrics)


def _project(found: Survey) -> Project:
    if found.settings is None:
        raise ConfigError(found.mistakes)
    models = {
        name: with_fleet_rules(file.spec, found.rules)
        for name, file in sorted(found.models.items())
        if file.spec is not None
    }
    return Project(found.settings, models, {name: found.models[name].path for name in models}, found.mistakes)
