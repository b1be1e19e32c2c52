"""Names across the model files: no two models share one, present or past."""

from collections.abc import Iterable

from aimon.errors import Mistake
from aimon.spec.fault import Fault
from aimon.spec.modelfile import ModelFile
from aimon.spec.wording import quoted


def check_names(files: Iterable[ModelFile]) -> dict[str, list[Mistake]]:
    """The mistakes by file. Of two files with one name neither may be used: nobody can tell which is meant."""
    declared: dict[str, list[ModelFile]] = {}
    for file in files:
        if file.model is not None:
            declared.setdefault(file.model, []).append(file)
    mistakes: dict[str, list[Mistake]] = {}
    for name, sharing in declared.items():
        for file in sharing if len(sharing) > 1 else ():
            other = sharing[0] if file is not sharing[0] else sharing[1]
            said = f"{quoted(name)} is declared in {other.name} too; every model needs a name of its own"
            mistakes.setdefault(file.name, []).append(_mistake(file, Fault(("model",), said)))
    for file, mistake in _former_names(declared):
        mistakes.setdefault(file.name, []).append(mistake)
    return mistakes


def _former_names(declared: dict[str, list[ModelFile]]) -> list[tuple[ModelFile, Mistake]]:
    claimed: dict[str, ModelFile] = {}
    mistakes = []
    for file in (file for sharing in declared.values() for file in sharing):
        for number, name in enumerate(file.spec.formerly if file.spec else ()):
            said = ""
            if name in declared:
                present = declared[name][0].name
                said = f"{quoted(name)} is the present name of the model in {present}; remove it from one of them"
            elif name in claimed:
                said = f"{quoted(name)} is a former name in {claimed[name].name} too; only one model can have had it"
            if said:
                mistakes.append((file, _mistake(file, Fault(("formerly", number), said))))
            claimed.setdefault(name, file)
    return mistakes


def _mistake(file: ModelFile, fault: Fault) -> Mistake:
    return file.document.mistake(fault) if file.document else Mistake(file.name, "", None, fault.message)
