"""The models of the project as their files say now. A file that changes is read again, without a restart."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from aimon.intake.reception import Reception
from aimon.metrics.known import known_metrics
from aimon.platform import by_key
from aimon.privacy.identity import HashKeys
from aimon.spec.model import ModelSpec
from aimon.spec.project import Project, load_project_leniently
from aimon.store.store import Store

LOOK_SECONDS = 2.0


class Declarations:
    """The project, looked at again at most every two seconds; and the reception by its models."""

    def __init__(self, project: Project, store: Store, keys: HashKeys) -> None:
        self._store = store
        self._keys = keys
        self._seen = _fingerprint(project)
        self._looked = time.monotonic()
        self._use(project)

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

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        seen = _fingerprint(self._project)
        if seen != self._seen:
            self._seen = seen
            self._use(load_project_leniently(self._project.root, metrics=known_metrics()))

    def _use(self, project: Project) -> None:
        self._project = project
        kept: timedelta = project.settings.retention.predictions
        self._models = by_name(by_key(project, self._store).values())
        self._reception = Reception(self._models, self._keys, kept)


def by_name(specs: Iterable[ModelSpec]) -> dict[str, ModelSpec]:
    """The models by the names that senders may still use; a present name outweighs a former one."""
    known = list(specs)
    former = {name: spec for spec in known for name in (*spec.formerly, spec.model)}
    return former | {spec.name: spec for spec in known}


def _fingerprint(project: Project) -> tuple[tuple[str, int, int], ...]:
    """What tells a changed file: names, times and sizes of all model files."""
    return tuple(sorted(_files(project)))


def _files(project: Project) -> Iterator[tuple[str, int, int]]:
    for file in project.settings.models_folder.glob("*.y*ml"):
        try:
            about = file.stat()
        except OSError:  # removed between the listing and the look
            continue
        yield file.name, about.st_mtime_ns, about.st_size
