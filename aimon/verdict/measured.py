"""What a record holds, whether it was just judged or stored: a metric of something, its value and its interval."""

from datetime import date
from typing import Protocol

from aimon.metrics.estimate import Column, Group


class Valued(Protocol):
    """A metric's value with its interval."""

    @property
    def metric(self) -> str: ...
    @property
    def column(self) -> Column: ...
    @property
    def segment(self) -> str | None: ...
    @property
    def group(self) -> Group: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def maturity(self) -> str | None: ...
    @property
    def n_current(self) -> int | None: ...


class Measured(Valued, Protocol):
    """The same with what was made of it."""

    @property
    def family(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def n_reference(self) -> int | None: ...


class Past(Valued, Protocol):
    """The same of a window that is over."""

    @property
    def day(self) -> date: ...
    @property
    def window(self) -> str: ...
