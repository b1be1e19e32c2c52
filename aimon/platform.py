"""The platform: one project's models, lake, profiles and operations database, opened once and handed around."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aimon.errors import UserError
from aimon.incident.channel import Channel
from aimon.incident.channels.configured import configured
from aimon.incident.routes import Routing
from aimon.lake.lake import Lake
from aimon.metrics.known import known_metrics
from aimon.profile.store import ProfileStore
from aimon.spec.model import ModelSpec
from aimon.spec.project import Project, load_project_leniently
from aimon.store import heartbeats
from aimon.store.store import Store, open_store
from aimon.validate.day import Suites


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything a step needs. A model file with mistakes hides that model only."""

    project: Project
    lake: Lake
    profiles: ProfileStore
    store: Store
    suites: Suites = field(default_factory=Suites)

    @property
    def root(self) -> Path:
        return self.project.settings.root

    def model(self, key: str) -> ModelSpec:
        """The declaration of the model that has, or once had, this name; else a sentence about why there is none."""
        spec = self._declared(key)
        if spec is not None:
            return spec
        folder = self.project.settings.models_folder
        faulty = [mistake for mistake in self.project.mistakes if Path(mistake.file).stem == key]
        why = f": {faulty[0]}" if faulty else f"; its file is not in {folder}"
        raise UserError(f"the model {key!r} cannot be run{why}")

    def is_retired(self, key: str) -> bool:
        """Whether the model says so itself; a model that is not declared is not retired, it is missing."""
        spec = self._declared(key)
        return spec is not None and spec.retired

    def _declared(self, key: str) -> ModelSpec | None:
        models = self.project.models
        return models.get(key) or next((spec for spec in models.values() if key in spec.formerly), None)

    @property
    def channels(self) -> dict[str, Channel]:
        """The ways to reach people, by name."""
        return configured(self.project.settings)

    @property
    def routing(self) -> Routing:
        """What the project says about where notices go."""
        return Routing.declared(self.project.settings, self.project.models)

    def beat(self, sensor: str) -> None:
        """Note that a sensor finished a tick."""
        with self.store.transaction() as connection:
            heartbeats.beat(connection, heartbeats.Kind.SENSOR, sensor, "tick")

    def close(self) -> None:
        """Let go of the database."""
        self.store.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_platform(root: Path | str | None = None) -> Platform:
    """Open the project in the folder: read its files, bring its database up to date."""
    project = load_project_leniently(root, metrics=known_metrics())
    settings = project.settings
    lake = Lake(settings.lake_location)
    return Platform(project, lake, ProfileStore(lake), open_store(settings.database_url, settings.root))
