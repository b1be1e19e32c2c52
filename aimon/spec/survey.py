"""Everything a project's folder declares, read at once: what is sound, and every mistake in what is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aimon.errors import Mistake
from aimon.spec.fault import Fault
from aimon.spec.fleetrules import FleetRule, check_fleet_rules
from aimon.spec.fleetrules import sound as sound_rules
from aimon.spec.modelfile import ModelFile, read_model_file
from aimon.spec.names import check_names
from aimon.spec.routes import check_secrets
from aimon.spec.rules import Worse, check_metrics, check_ready
from aimon.spec.settings import Settings
from aimon.spec.settingsfile import SETTINGS_FILE, SettingsFile, read_settings_file
from aimon.spec.wording import quoted


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found. `files` are all model files; `models` are the sound ones by model.

    `rules` are the sound ones that hold for several models.
    """

    root: Path
    settings_file: SettingsFile
    files: tuple[ModelFile, ...]
    models: dict[str, ModelFile]
    mistakes: tuple[Mistake, ...]
    rules: tuple[FleetRule, ...] = ()

    @property
    def settings(self) -> Settings | None:
        """The settings, unless they are broken."""
        return self.settings_file.settings


def survey(
    root: Path,
    environment: Mapping[str, str],
    metrics: Mapping[str, Worse | None] | None = None,
    written: Mapping[Path, str] = MappingProxyType({}),
) -> Survey:
    """Read the folder and raise nothing. What shall be `written` to a file stands for what is in it.

    `metrics` are the metrics that thresholds may name, each with its bad side; without them names are not checked.
    A source that cannot be reached yet (missing, or waiting for a variable) is a mistake, but the model stays.
    """
    settings = read_settings_file(root, environment, written.get(root / SETTINGS_FILE))
    mistakes = [*settings.mistakes, *_waiting(settings, environment)]
    try:
        files = _read_folder(root / settings.models, root, written)
    except OSError as error:
        files = []
        if settings.document is not None:
            mistakes.append(settings.mistake(_no_folder(settings.models, error)))
    ambiguous = check_names(files)
    sound: dict[str, ModelFile] = {}
    for file in files:
        found = [*file.mistakes, *ambiguous.get(file.name, ()), *_misplaced(file, metrics)]
        if file.spec is not None and not found:
            sound[file.spec.model] = file
        mistakes += sorted([*found, *_unready(file, environment)], key=lambda mistake: mistake.line or 0)
    declared = () if settings.settings is None else settings.settings.rules
    faults = list(check_fleet_rules(declared, [file.spec for file in sound.values() if file.spec], metrics))
    mistakes += [settings.mistake(fault) for fault in faults]
    return Survey(root, settings, tuple(files), sound, tuple(mistakes), sound_rules(declared, faults))


def _waiting(file: SettingsFile, environment: Mapping[str, str]) -> list[Mistake]:
    """Channels that wait for a variable; like a source that does, each is a mistake that hides nothing."""
    if file.settings is None:
        return []
    return [file.mistake(fault) for fault in check_secrets(file.settings.channels, environment)]


def _no_folder(declared: str, error: OSError) -> Fault:
    reason = (error.strerror or str(error)).lower()
    happened = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({reason})"
    said = f"the folder {quoted(declared)} of the model files {happened}; make it, or name another"
    return Fault(("models",), said)


def _misplaced(file: ModelFile, metrics: Mapping[str, Worse | None] | None) -> list[Mistake]:
    if file.spec is None or file.document is None or metrics is None:
        return []
    return [file.document.mistake(fault) for fault in check_metrics(file.spec, metrics)]


def _unready(file: ModelFile, environment: Mapping[str, str]) -> list[Mistake]:
    if file.spec is None or file.document is None or file.spec.retired:
        return []
    return [file.document.mistake(fault) for fault in check_ready(file.spec, environment)]


def _read_folder(folder: Path, root: Path, written: Mapping[Path, str]) -> list[ModelFile]:
    """Every model file, in the order of their names; hidden files and folders inside do not count."""
    paths = sorted(
        path
        for path in {*folder.iterdir(), *(path for path in written if path.parent == folder)}
        if path.suffix in (".yaml", ".yml") and not path.name.startswith(".") and not path.is_dir()
    )
    return [read_model_file(path, _name(path, root), written.get(path)) for path in paths]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
