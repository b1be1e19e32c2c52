"""A channel takes one notice somewhere. It may be asked twice for the same notice and must not mind."""

from datetime import timedelta
from typing import Protocol

from aimon.errors import AimonError
from aimon.store.notices import Notice


class DeliveryError(AimonError):
    """The notice was not taken. `retry_after` is the receiver's wish; a `permanent` refusal is not tried again."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None, permanent: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.permanent = permanent


class Channel(Protocol):
    """One way to reach people."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over; returning means that it arrived. Raises `DeliveryError` where it did not."""
