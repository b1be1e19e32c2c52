"""The registry: models as their files declare them, kept in the operations database with what changed and when."""

import hashlib
from dataclasses import dataclass

from aimon.errors import StoreError
from aimon.platform import Platform
from aimon.store import registry


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
    faults = [str(mistake) for mistake in project.mistakes]
    for name, spec in sorted(project.models.items()):
        file = project.files[name]
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        try:
            with platform.store.transaction() as connection:
                registry.declare(connection, spec, file=file.name, yaml_sha256=digest)
                known = registry.get(connection, name)
        except StoreError as error:
            faults.append(str(error))
            continue
        keys.append(known.key if known is not None else name)
    return Registered(tuple(keys), tuple(faults))
