"""The models of the project as their files say now. A file that changes is read again, without a restart."""

import time
from collections.abc import Iterator
from datetime import timedelta

from aimon.intake.reception import Reception
from aimon.metrics.known import known_metrics
from aimon.privacy.identity import HashKeys
from aimon.spec.project import Project, load_project_leniently

LOOK_SECONDS = 2.0


class Declarations:
    """The project, looked at again at most every two seconds; and the reception by its models."""

    def __init__(self, project: Project, keys: HashKeys) -> None:
        self._keys = keys
        self._seen = _fingerprint(project)
        self._looked = time.monotonic()
        self._use(project)

    @property
    def project(self) -> Project:
        """What is declared now."""
        self._look()
        return self._project

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
        self._reception = Reception(project.models, self._keys, kept)


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
