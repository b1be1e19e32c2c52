"""Reads what a request brought, by the models of the project. In: JSON rows. Out: a delivery.

A good row is kept whatever stands beside it; a bad one is refused with its index, the field and the reason.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from aimon import clock
from aimon.intake.checks import RefusedError
from aimon.intake.delivery import Delivery, Refused, Sorting
from aimon.intake.shape import Shape
from aimon.privacy.identity import HashKeys
from aimon.spec.model import CollectorSource, ModelSpec

MOST_ROWS = 50_000
"""Of one request."""


class Reception:
    """The models that take predictions, by every name they may be sent under, each with its checks."""

    def __init__(self, models: Mapping[str, ModelSpec], keys: HashKeys, kept: timedelta) -> None:
        self._models = models
        self._keys = keys
        self._kept = kept
        self._shapes: dict[str, Shape] = {}

    def read(self, lines: Iterable[Any]) -> Delivery:
        """Sort the rows; what is not JSON at all comes as a RefusedError among them."""
        now, sorting, delivery = clock.now(), Sorting(), Delivery()
        for index, line in enumerate(lines):
            try:
                if type(line) is not dict:
                    raise line if isinstance(line, RefusedError) else RefusedError(None, "expected a JSON object")
                shape = self.shape(line.get("model"))
                day, row, facts = shape.read(line, now, delivery.ignored)
            except RefusedError as error:
                delivery.refused.append(Refused(index, error.field, error.reason))
            else:
                sorting.add(shape.spec.model, day, row, facts)
        delivery.parts.extend(sorting.parts())
        delivery.repeated = sorting.repeated
        return delivery

    def shape(self, name: Any) -> Shape:
        """The checks of a model. Raises RefusedError where it takes no predictions."""
        found = self._shapes.get(name) if type(name) is str else None
        if found is None:
            found = self._shapes[name] = Shape(self._taking(name), self._keys, self._kept)
        return found

    def _taking(self, name: Any) -> ModelSpec:
        if name is None:
            raise RefusedError("model", "is missing")
        spec = self._models.get(name) if type(name) is str else None
        if spec is None:
            raise RefusedError("model", "no model of this name is declared")
        if spec.retired:
            raise RefusedError("model", "is retired and takes no predictions")
        if not isinstance(spec.source, CollectorSource):
            raise RefusedError("model", "does not take predictions here; its file must say `source: {kind: collector}`")
        return spec
