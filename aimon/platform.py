"""The platform: one project's models, lake, profiles and operations database, opened once and handed around."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Self

from aimon.encryption.datakeys import DataKeys
from aimon.errors import UserError
from aimon.govern.audit import open_trail
from aimon.incident.channel import Channel
from aimon.incident.channels.configured import configured
from aimon.incident.routes import Routing
from aimon.keyring import open_keyring
from aimon.lake.lake import Lake
from aimon.metrics.known import known_metrics
from aimon.profile.store import ProfileStore
from aimon.spec.model import ModelSpec
from aimon.spec.project import Project, load_project_leniently
from aimon.store import heartbeats, registry
from aimon.store.store import Store, open_store
from aimon.validate.day import Suites


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything a step needs. A model file with mistakes hides that model only."""

    project: Project
    lake: Lake
    profiles: ProfileStore
    store: Store
    keys: DataKeys
    models: Mapping[str, ModelSpec] = field(default_factory=dict)
    """The models by key: the name under which a model's history lies, its first one. `spec.model` is the key here."""
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

    def _declared(self, name: str) -> ModelSpec | None:
        of_name = (spec for spec in self.models.values() if name in (spec.name, *spec.formerly))
        return self.models.get(name) or next(of_name, None)

    @property
    def channels(self) -> dict[str, Channel]:
        """The ways to reach people, by name."""
        return configured(self.project.settings)

    @property
    def routing(self) -> Routing:
        """What the project says about where notices go."""
        return Routing.declared(self.project.settings, self.models)

    def beat(self, sensor: str) -> None:
        """Note that a sensor finished a tick."""
        with self.store.transaction() as connection:
            heartbeats.beat(connection, heartbeats.Kind.SENSOR, sensor, "tick")

    def heard(self, model: str, steps: Iterable[str], day: date, run_id: str | None) -> None:
        """Note which steps of a model's day were done."""
        with self.store.transaction() as connection:
            for step in steps:
                heartbeats.beat(connection, heartbeats.Kind.MODEL, model, step, day=day, run_id=run_id)

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
    store = open_store(settings.database_url, settings.root)
    opened = cache(partial(open_keyring, settings.root))
    keys = DataKeys(
        store,
        opened,
        lambda: open_trail(settings, store, opened()).change("system"),
        encrypting=settings.encrypt_rows,
    )
    models = by_key(project, store)
    lake = Lake(settings.lake_location, keys, lambda key: models[key].columns.protected if key in models else ())
    return Platform(project, lake, ProfileStore(lake), store, keys, models)


def by_key(project: Project, store: Store) -> dict[str, ModelSpec]:
    """The declared models by their keys, each called by its key. A model that was never renamed has its name as key."""
    with store.session() as connection:
        known = {model.model: model.key for model in registry.models(connection, retired=None)}
    keyed = {}
    for name, spec in project.models.items():
        former = next((known[each] for each in (name, *spec.formerly) if each in known), name)
        keyed[former] = spec.keyed(former)
    return keyed
