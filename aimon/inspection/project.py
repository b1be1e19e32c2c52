"""Everything `aimon check` looks at: the files, then what they point to. Mistakes are collected, never raised."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aimon import keyring
from aimon.clock import today
from aimon.errors import Mistake, UserError
from aimon.inspection.connections import inspect_database, inspect_lake
from aimon.inspection.sources import inspect_baseline, inspect_sealed, inspect_source
from aimon.intake.environment import masked
from aimon.metrics.known import known_metrics
from aimon.metrics.own import is_of_all_rows
from aimon.spec.duration import format_duration
from aimon.spec.fault import Fault
from aimon.spec.model import CollectorSource, ModelSpec, PeriodBaseline, SqlSource
from aimon.spec.modelfile import ModelFile
from aimon.spec.rules import check_ready
from aimon.spec.sealed import SealedSource
from aimon.spec.settings import Settings
from aimon.spec.settingsfile import SETTINGS_FILE, SettingsFile
from aimon.spec.survey import survey

SECRETS = (keyring.VARIABLE, keyring.FILE_VARIABLE)
BESIDE = (
    "the secret that protects the rows is a file in storage/, beside what it protects; set AIMON_SECRET before rows "
    "are written"
)
UNSIGNED = (
    "no senders are named, so whoever has the public key can make envelopes, and fill a small cohort up; write "
    "senders: {...} with the line that `aimon sealed sender` prints for each host"
)


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
    checked: list[Checked] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Mistake] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        self.checked.append(checked)
        self.mistakes += checked.mistakes


def inspect_project(root: Path, environment: Mapping[str, str]) -> Inspection:
    """Read the files; where they are sound, try the database, the lake and every source."""
    found = survey(root, environment, known_metrics())
    names = {file.name for file in found.files}
    inspection = Inspection(root, mistakes=[mistake for mistake in found.mistakes if mistake.file not in names])
    if found.settings is not None:
        inspection.add(_try("database", "database_url", inspect_database, found.settings, found.settings_file))
        inspection.add(_try("lake", "lake_url", inspect_lake, found.settings, found.settings_file))
        if found.settings.encrypt_rows and not any(environment.get(name) for name in SECRETS):
            inspection.notes.append(found.settings_file.mistake(Fault(("encrypt_rows",), BESIDE)))
    for file in found.files:
        written = [mistake for mistake in found.mistakes if mistake.file == file.name]
        inspection.add(_inspect_model(file, written, found.settings, environment, root))
        if file.spec is not None and file.document is not None:
            inspection.notes += [file.document.mistake(fault) for fault in _notes(file.spec)]
    return inspection


def inspect_edit(
    root: Path, environment: Mapping[str, str], written: Mapping[Path, str], *, reach: bool
) -> list[Mistake]:
    """Every mistake there would be if these files had these texts, that is not there now.

    Where `reach`, the edited models' sources are tried too, as the whole check does.
    """
    before = {str(mistake) for mistake in survey(root, environment, known_metrics()).mistakes}
    found = survey(root, environment, known_metrics(), written)
    edited = {_name_of(path, root) for path in written}
    mistakes = [each for each in found.mistakes if each.file in edited or str(each) not in before]
    for file in (each for each in found.files if each.path in written):
        own = [mistake for mistake in found.mistakes if mistake.file == file.name]
        checked = _inspect_model(file, own, found.settings, environment, root, reach=reach)
        mistakes += [mistake for mistake in checked.mistakes if mistake not in own]
    return mistakes


def _name_of(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _inspect_model(
    file: ModelFile,
    written: list[Mistake],
    settings: Settings | None,
    environment: Mapping[str, str],
    root: Path,
    *,
    reach: bool = True,
) -> Checked:
    """One model: the mistakes written in its file, and those of what it points to."""
    spec, document = file.spec, file.document
    if spec is None or document is None:
        return Checked(file.model or file.name, file.name, "", tuple(written))
    words, faults = ("retired", []) if spec.retired or not reach else _look(spec, environment, root)
    if settings is not None and spec.label_horizon > settings.retention.predictions:
        horizon, kept = format_duration(spec.label_horizon), format_duration(settings.retention.predictions)
        said = f"labels take {horizon}, but predictions are kept for {kept} only; raise retention.predictions"
        faults.append(Fault(("label_horizon",), said))
    faults += _own_metrics(spec)
    mistakes = [*written, *(document.mistake(fault) for fault in faults)]
    return Checked(spec.model, file.name, words, tuple(sorted(mistakes, key=lambda mistake: mistake.line or 0)))


def _look(spec: ModelSpec, environment: Mapping[str, str], root: Path) -> tuple[str, list[Fault]]:
    """What the model's source and baseline are like, and what is wrong with them."""
    if isinstance(spec.source, SealedSource):
        return f"sealed, {spec.source.release}", list(inspect_sealed(spec, root))
    faults = list(inspect_baseline(spec, root))
    if spec.source is None or isinstance(spec.source, CollectorSource) or any(check_ready(spec, environment)):
        return spec.source.kind if spec.source else "", faults
    columns, more = inspect_source(spec, root)
    return f"{spec.source.kind}, {len(columns)} column{'' if len(columns) == 1 else 's'}", [*more, *faults]


def _notes(spec: ModelSpec) -> Iterator[Fault]:
    if isinstance(spec.baseline, PeriodBaseline) and spec.baseline.to >= today():
        said = f"{spec.baseline.to} is not over yet; the baseline is made once it is"
        yield Fault(("baseline",), said)
    if isinstance(spec.source, SqlSource) and "$" not in spec.source.url and masked(spec.source.url) != spec.source.url:
        yield Fault(("source", "url"), "a password stands in the file; write $NAME and set the variable instead")
    if isinstance(spec.source, SealedSource) and not spec.source.senders:
        yield Fault(("source",), UNSIGNED)


def _own_metrics(spec: ModelSpec) -> Iterator[Fault]:
    for number, own in enumerate(spec.metrics):
        for name in own.read.names:
            if not is_of_all_rows(name):
                said = f"{name} has no value for all rows, so the formula has none; read one that has, such as volume"
                yield Fault(("metrics", number, "formula"), said)


def _try(name: str, key: str, look: Callable[[Settings], str], settings: Settings, file: SettingsFile) -> Checked:
    try:
        return Checked(name, SETTINGS_FILE, look(settings))
    except UserError as error:
        return Checked(name, SETTINGS_FILE, "", (file.mistake(Fault((key,), str(error))),))
