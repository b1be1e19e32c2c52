"""Roles: which column of the reference means what, and as which kind it is counted. In: a spec, names, sketches.

Refuses what cannot work with one sentence: a declared column that the reference rows do not have.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from aimon.errors import DataError
from aimon.profile.infer import Inferred, infer_kind
from aimon.profile.sketch import Sketch
from aimon.spec.model import Columns, Kind, ModelSpec, Task

FEW_GROUPS = 20
CLASSES = (Task.BINARY, Task.MULTICLASS)
NUMBERS = (Task.REGRESSION, Task.RANKING)


@dataclass(frozen=True, slots=True)
class Roles:
    """The columns of the reference rows, as the model declares them."""

    task: Task
    columns: Columns
    present: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """Declared features, or every column without another role."""
        if self.columns.features is not None:
            return tuple(self.columns.features)
        taken = {name for role, name in self.columns.declared()}
        return tuple(name for name in self.present if name not in taken)

    @property
    def declared(self) -> Mapping[str, Kind]:
        """Kinds that the model declares."""
        return self.columns.features if isinstance(self.columns.features, dict) else {}

    @property
    def groups(self) -> tuple[str, ...]:
        """Protected attributes and segment columns."""
        return tuple(dict.fromkeys((*self.columns.protected, *self.columns.segments)))

    @property
    def classes(self) -> tuple[str, ...]:
        """Prediction and label, where they are classes."""
        if self.task not in CLASSES:
            return ()
        return tuple(name for name in (self.columns.prediction, self.columns.label) if name is not None)

    def check(self) -> None:
        """Raise DataError where a column that the grid cannot do without is missing."""
        columns = self.columns
        needed = [*((name, "a feature") for name in self.columns.features or ())]
        needed += [
            *((name, "protected") for name in columns.protected),
            *((name, "a segment") for name in columns.segments),
        ]
        if columns.label is None or columns.label not in self.present:
            needed.append((columns.prediction, "the prediction"))
        for name, role in needed:
            if name not in self.present:
                known = ", ".join(self.present) or "no columns"
                raise DataError(f"the reference rows have no column {name!r}, declared as {role}; they have: {known}")
        if columns.prediction in (columns.label, columns.score):
            raise DataError(f"column {columns.prediction!r} cannot be the prediction and the label or score at once")

    def sketched(self) -> tuple[str, ...]:
        """Columns whose raw values must be looked at before their kind is known."""
        names = (*self.features, *self.groups, *self.classes)
        if self.task is Task.GENERATIVE:
            names += (self.columns.prediction, *((self.columns.label,) if self.columns.label else ()))
        return tuple(name for name in dict.fromkeys(names) if name in self.present)


def inferred_kinds(roles: Roles, sketches: Mapping[str, Sketch]) -> dict[str, Inferred]:
    """The kind of every sketched column and why."""
    found = {}
    for name, sketch in sketches.items():
        if name in roles.declared:
            found[name] = Inferred(roles.declared[name], "declared")
        elif name in roles.classes:
            found[name] = Inferred(Kind.CATEGORICAL, f"classes of a {roles.task} model")
        elif name in roles.groups:
            found[name] = _of_group(infer_kind(name, sketch), sketch)
        else:
            found[name] = infer_kind(name, sketch)
    return found


def kinds_of(roles: Roles, inferred: Mapping[str, Inferred]) -> dict[str, Kind]:
    """The kind of every column that is counted."""
    kinds = {name: each.kind for name, each in inferred.items() if each.kind is not None}
    columns = roles.columns
    scores = (columns.score, *(columns.class_scores or {}).values(), columns.lower, columns.upper)
    for name in (*scores, columns.latency, columns.tokens, columns.cost):
        if name is not None:
            kinds[name] = Kind.NUMERIC
    for name in (columns.prediction, columns.label):
        if name is not None:
            kinds[name] = _of_outcome(roles, kinds.get(name))
    return kinds


def _of_group(inferred: Inferred, sketch: Sketch) -> Inferred:
    """Groups are categories, unless they are many numbers: those are cut into bands."""
    many = sketch.distinct is None or sketch.distinct > FEW_GROUPS
    if inferred.kind is Kind.NUMERIC and many:
        return Inferred(Kind.NUMERIC, f"{inferred.reason}, grouped in bands")
    if inferred.kind is Kind.BOOLEAN:
        return inferred
    return Inferred(Kind.CATEGORICAL, f"groups; {inferred.reason}")


def _of_outcome(roles: Roles, inferred: Kind | None) -> Kind:
    if roles.task in CLASSES:
        return Kind.CATEGORICAL
    if roles.task in NUMBERS:
        return Kind.NUMERIC
    return inferred or Kind.TEXT


def roles_of(spec: ModelSpec, present: Collection[str]) -> Roles:
    """The roles of a model's columns among those that are there."""
    return Roles(spec.task, spec.columns, tuple(present))


def uncounted(inferred: Mapping[str, Inferred]) -> Iterator[tuple[str, str]]:
    """Each column that is left out, with the reason."""
    for name, each in inferred.items():
        if each.kind is None:
            yield name, each.reason
