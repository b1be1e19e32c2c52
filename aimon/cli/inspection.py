"""Everything `aimon check` looks at: the files, then what they point to. Mistakes are collected, never raised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aimon.cli.connections import inspect_database, inspect_lake
from aimon.cli.metrics import known_metrics
from aimon.cli.sources import inspect_baseline, inspect_source
from aimon.clock import today
from aimon.errors import LakeError, Mistake, StoreError
from aimon.intake.environment import masked
from aimon.spec.document import Document
from aimon.spec.duration import format_duration
from aimon.spec.fault import Fault
from aimon.spec.model import CollectorSource, ModelSpec, PeriodBaseline, SqlSource
from aimon.spec.settings import Settings
from aimon.spec.settingsfile import SETTINGS_FILE
from aimon.spec.survey import survey

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at: a name, where it is declared, how it was found."""

    name: str
    file: str
    found: str
    mistakes: tuple[Mistake, ...] = ()


@dataclass(slots=True)
class Inspection:
    """What a project's check found. Notes are worth knowing and stop nothing."""

    root: Path
    models: int = 0
    checked: list[Checked] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Mistake] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        self.checked.append(checked)
        self.mistakes += checked.mistakes


def inspect_project(root: Path, environment: Mapping[str, str]) -> Inspection:
    """Read the files; where they are sound, try the database, the lake and every source."""
    found = survey(root, environment, known_metrics())
    inspection = Inspection(root, models=len(found.models), mistakes=list(found.mistakes))
    engine = None
    if found.settings is not None:
        engine = _check_database(found.settings, inspection)
        _check_lake(found.settings, inspection)
    unready = {mistake.file for mistake in found.mistakes}
    for name, file in sorted(found.models.items()):
        if file.spec is None or file.document is None or file.name in unready:
            continue
        _note(file.spec, file.document, inspection)
        retention = found.settings.retention.predictions if found.settings else None
        faults = []
        if retention is not None and file.spec.label_horizon > retention:
            horizon, kept = format_duration(file.spec.label_horizon), format_duration(retention)
            said = f"labels take {horizon}, but predictions are kept for {kept} only; raise retention.predictions"
            faults.append(Fault(("label_horizon",), said))
        words, more = _look(file.spec, root, engine)
        mistakes = tuple(file.document.mistake(fault) for fault in [*faults, *more])
        inspection.add(Checked(name, file.name, words, mistakes))
    if engine is not None:
        engine.dispose()
    return inspection


def _look(spec: ModelSpec, root: Path, engine: "Engine | None") -> tuple[str, list[Fault]]:
    if spec.retired:
        return "retired", []
    faults = list(inspect_baseline(spec, root))
    if isinstance(spec.source, CollectorSource):
        return "collector", faults
    columns, more = inspect_source(spec, root, engine)
    kind = spec.source.kind if spec.source else ""
    return f"{kind}, {len(columns)} columns", [*more, *faults]


def _note(spec: ModelSpec, document: Document, inspection: Inspection) -> None:
    if isinstance(spec.baseline, PeriodBaseline) and spec.baseline.to >= today():
        said = f"the day {spec.baseline.to} is not over yet, so the baseline will be made after it"
        inspection.notes.append(document.mistake(Fault(("baseline",), said)))
    if isinstance(spec.source, SqlSource) and masked(spec.source.url) != spec.source.url and "$" not in spec.source.url:
        said = "a password stands in the file; write $NAME and set the variable instead"
        inspection.notes.append(document.mistake(Fault(("source", "url"), said)))


def _check_database(settings: Settings, inspection: Inspection) -> "Engine | None":
    try:
        words, engine = inspect_database(settings)
    except StoreError as error:
        mistake = Mistake(SETTINGS_FILE, "database_url", None, str(error))
        inspection.add(Checked("database", SETTINGS_FILE, "", (mistake,)))
        return None
    inspection.add(Checked("database", SETTINGS_FILE, words))
    return engine


def _check_lake(settings: Settings, inspection: Inspection) -> None:
    try:
        words = inspect_lake(settings)
    except LakeError as error:
        mistake = Mistake(SETTINGS_FILE, "lake_url", None, str(error))
        inspection.add(Checked("lake", SETTINGS_FILE, "", (mistake,)))
        return
    inspection.add(Checked("lake", SETTINGS_FILE, words))
