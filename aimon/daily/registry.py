"""The registry: models as their files declare them, kept in the operations database with what changed and when."""

import hashlib
from dataclasses import dataclass

from aimon.errors import StoreError
from aimon.govern.audit import open_trail
from aimon.platform import Platform
from aimon.store import registry
from aimon.store.registry import Change

MAKER = "aimon"


@dataclass(frozen=True, slots=True)
class Registered:
    """The keys of the models that are declared now, and one sentence for each file that could not be taken."""

    keys: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def summary(self) -> str:
        faults = f"; {len(self.faults)} mistakes in model files, the first: {self.faults[0]}" if self.faults else ""
        return f"{len(self.keys)} models{faults}"


def register_models(platform: Platform) -> Registered:
    """Bring the registry up to the files. A model that cannot be taken leaves the others alone."""
    project, keys = platform.project, []
    trail = open_trail(project.settings, platform.store)
    faults = [str(mistake) for mistake in project.mistakes]
    for name, spec in sorted(project.models.items()):
        file = project.files[name]
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        try:
            with trail.change(MAKER) as change:
                became = registry.declare(change.connection, spec, file=file.name, yaml_sha256=digest)
                known = registry.get(change.connection, name)
                if became is not Change.NONE:
                    change.note(f"model.{became.value}", name, file=file.name, sha256=digest, retired=spec.retired)
        except StoreError as error:
            faults.append(str(error))
            continue
        keys.append(known.key if known is not None else name)
    return Registered(tuple(keys), tuple(faults))
