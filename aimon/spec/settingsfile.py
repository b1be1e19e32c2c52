"""`aimon.yaml` under the environment's variables: the settings if both are sound, every mistake if not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from aimon.errors import ConfigError, Mistake
from aimon.spec.document import Document, read_document
from aimon.spec.environment import Overrides, overlay, read_overrides, variable_of
from aimon.spec.explain import explain, unknown_key
from aimon.spec.fault import Fault
from aimon.spec.routes import check_routes
from aimon.spec.settings import Settings

SETTINGS_FILE = "aimon.yaml"
ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The file that was read, with what the environment says over it. `settings` is None where there are mistakes."""

    document: Document | None
    overrides: Overrides
    settings: Settings | None
    mistakes: tuple[Mistake, ...]

    def mistake(self, fault: Fault) -> Mistake:
        """A mistake in the file, or in the variable that stood in for the file."""
        if fault.path in self.overrides.values:
            return Mistake(ENVIRONMENT, variable_of(fault.path), None, fault.message)
        if self.document is None:
            return Mistake(SETTINGS_FILE, "", None, fault.message)
        return self.document.mistake(fault)

    @property
    def models(self) -> str:
        """Which folder holds the model files, as far as it can be told where other settings are broken."""
        if self.settings is not None:
            return self.settings.models
        written = self.document.data.get("models") if self.document else None
        given = self.overrides.values.get(("models",), written)
        return given if isinstance(given, str) and given else str(Settings.model_fields["models"].default)


def read_settings_file(root: Path, environment: Mapping[str, str], written: str | None = None) -> SettingsFile:
    """Read the settings of the project in the folder, or what shall be `written` to them.

    A folder without the file is no project.
    """
    overrides = read_overrides(environment)
    misspelt = [
        Mistake(ENVIRONMENT, name, None, f"no setting has this name; did you mean {meant}?")
        for name, meant in overrides.misspelt.items()
    ]
    if not (root / SETTINGS_FILE).exists():
        said = f"there is no such file in {root}; run `aimon init` there, or name the project with --root"
        return SettingsFile(None, overrides, None, (Mistake(SETTINGS_FILE, "", None, said), *misspelt))
    try:
        document = read_document(root / SETTINGS_FILE, SETTINGS_FILE, written=written)
    except ConfigError as error:
        return SettingsFile(None, overrides, None, (*error.mistakes, *misspelt))
    settings, faults = _judge(document, overrides, root)
    read = SettingsFile(document, overrides, settings, ())
    mistakes = (*(read.mistake(fault) for fault in faults), *misspelt)
    return SettingsFile(document, overrides, None if mistakes else settings, mistakes)


def _judge(document: Document, overrides: Overrides, root: Path) -> tuple[Settings | None, list[Fault]]:
    faults = list(document.tree.faults)
    data = overlay(document.data, overrides.values)
    if "root" in data:
        faults.append(Fault(("root",), unknown_key("root", Settings)))
    try:
        settings = Settings.model_validate(data | {"root": root})
    except ValidationError as error:
        return None, [*faults, *explain(error, Settings)]
    crossed = check_routes(settings.routes, settings.notices, settings.channels, settings.calendars)
    return settings, [*faults, *crossed]
