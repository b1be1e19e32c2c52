"""Refusals. What is told to the caller is the same for every reason; the reason goes to the audit log."""

from aimon.errors import AimonError


class DeniedError(AimonError):
    """Nobody we know showed this. `reason` is for the audit log, never for the caller."""

    def __init__(self, reason: str, *, about: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about


class LockedOutError(DeniedError):
    """Too many guesses: come back after `seconds`."""

    def __init__(self, seconds: int, *, about: str = "") -> None:
        super().__init__("locked out", about=about)
        self.seconds = seconds
