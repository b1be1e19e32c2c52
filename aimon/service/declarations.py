"""The models of the project as their files say now. A file that changes is read again, without a restart."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from aimon.errors import ConfigError
from aimon.intake.reception import Reception
from aimon.metrics.known import known_metrics
from aimon.platform import Platform, by_key
from aimon.privacy.identity import HashKeys
from aimon.spec.model import ModelSpec
from aimon.spec.project import Project, load_project_leniently
from aimon.spec.settingsfile import SETTINGS_FILE

LOOK_SECONDS = 2.0
_log = structlog.get_logger(part="aimon.service")


class Declarations:
    """The project, looked at again at most every two seconds; the platform with it, and the reception by its models.

    A file that nobody can read leaves the project as it was. Lake and database stay those that were opened.
    """

    def __init__(self, platform: Platform, keys: HashKeys) -> None:
        self._keys = keys
        self.generation = 0
        """How often the project was read: what is remembered of another one is out of date."""
        self._looking = threading.Lock()
        self._seen = _fingerprint(platform.project)
        self._looked = time.monotonic()
        self._use(platform)

    @property
    def platform(self) -> Platform:
        """The platform with what is declared now."""
        self._look()
        return self._platform

    @property
    def models(self) -> Mapping[str, ModelSpec]:
        """The models that are declared now, by every name they have or had; `spec.model` is where the history lies."""
        self._look()
        return self._models

    @property
    def reception(self) -> Reception:
        """The checks of the models that are declared now."""
        self._look()
        return self._reception

    def renew(self) -> None:
        """Look now: a file was changed by this process."""
        self._looked = 0.0
        self._look()

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        with self._looking:
            self._looked = time.monotonic()
            seen = _fingerprint(self._platform.project)
            if seen == self._seen:
                return
            self._seen = seen
            try:
                project = load_project_leniently(self._platform.root, metrics=known_metrics())
            except ConfigError as error:
                _log.warning("the configuration cannot be used", reason=str(error))
                return
            self._use(replace(self._platform, project=project, models=by_key(project, self._platform.store)))

    def _use(self, platform: Platform) -> None:
        self._platform = platform
        self.generation += 1
        kept: timedelta = platform.project.settings.retention.predictions
        self._models = by_name(platform.models.values())
        self._reception = Reception(self._models, self._keys, kept)


def by_name(specs: Iterable[ModelSpec]) -> dict[str, ModelSpec]:
    """The models by the names that senders may still use; a present name outweighs a former one."""
    known = list(specs)
    former = {name: spec for spec in known for name in (*spec.formerly, spec.model)}
    return former | {spec.name: spec for spec in known}


def _fingerprint(project: Project) -> tuple[tuple[str, int, int], ...]:
    """What tells a changed file: names, times and sizes of the settings and of all model files."""
    return tuple(sorted(_files(project)))


def _files(project: Project) -> Iterator[tuple[str, int, int]]:
    for file in (project.root / SETTINGS_FILE, *project.settings.models_folder.glob("*.y*ml")):
        try:
            about = file.stat()
        except OSError:  # removed between the listing and the look
            continue
        yield file.name, about.st_mtime_ns, about.st_size
