"""One model file: its declaration if it is sound, every mistake if it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aimon.errors import ConfigError, Mistake
from aimon.spec.document import Document, read_document
from aimon.spec.explain import explain, keys_of
from aimon.spec.fault import Fault
from aimon.spec.model import ModelSpec
from aimon.spec.rules import Worse, check_metrics, check_rules
from aimon.spec.wording import nearest

_STAND_INS: dict[str, Any] = {"model": "unnamed", "task": "binary", "columns": {"prediction": "prediction"}}


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that was read. `spec` is None exactly where there are mistakes."""

    path: Path
    name: str
    document: Document | None
    spec: ModelSpec | None
    mistakes: tuple[Mistake, ...]

    @property
    def model(self) -> str | None:
        """The name the file declares, even where the rest of it is broken."""
        declared = self.document.data.get("model") if self.document else None
        return declared if isinstance(declared, str) else None


def read_model_file(path: Path, name: str, written: str | None = None) -> ModelFile:
    """Read and check one file by itself, or what shall be `written` to it; `name` is how sentences call it."""
    try:
        document = read_document(
            path, name, empty="the file is empty; declare a model in it, or delete it", written=written
        )
    except ConfigError as error:
        return ModelFile(path, name, None, None, error.mistakes)
    spec, faults = _judge(document)
    faults = [*document.tree.faults, *faults]
    return ModelFile(path, name, document, None if faults else spec, tuple(document.mistake(fault) for fault in faults))


def load_model(path: Path | str, metrics: Mapping[str, Worse | None] | None = None) -> ModelSpec:
    """The model declared in one file, which need not belong to a project. Raises `ConfigError`.

    With `metrics`, its thresholds and rules may name no others.
    """
    file = read_model_file(Path(path), str(path))
    mistakes = list(file.mistakes)
    if file.spec is not None and file.document is not None and metrics is not None:
        mistakes += [file.document.mistake(fault) for fault in check_metrics(file.spec, metrics)]
    if file.spec is None or mistakes:
        raise ConfigError(sorted(mistakes, key=lambda mistake: mistake.line or 0))
    return file.spec


def _judge(document: Document) -> tuple[ModelSpec | None, list[Fault]]:
    try:
        spec = ModelSpec.model_validate(document.data)
    except ValidationError as error:
        faults = explain(error, ModelSpec)
        return None, [*faults, *_contradictions(document.data, faults)]
    return spec, list(check_rules(spec))


def _contradictions(data: dict[str, Any], faults: list[Fault]) -> list[Fault]:
    """What the sound keys of a broken file contradict, so that one reading of the file finds everything."""
    known = keys_of(ModelSpec)
    touched = {str(fault.path[0]) for fault in faults if fault.path}
    broken = touched | {meant for key in touched if (meant := nearest(key, known))}
    sound = {key: value for key, value in data.items() if key not in broken}
    return list(check_rules(ModelSpec.model_validate(_STAND_INS | sound), frozenset(broken)))
