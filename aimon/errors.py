"""The exception tree. Every mistake a user can make is a `UserError` whose text is one sentence to act on.

Programming errors are not wrapped: they keep their own type and traceback.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class AimonError(Exception):
    """Base of everything this product raises on purpose."""


class UserError(AimonError):
    """Somebody outside can mend this; the text says what, where, and how. The command exits with 2."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One fault in the configuration: where it stands and what to do about it."""

    file: str
    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(UserError):
    """The configuration holds one or more mistakes; each is one line of the text."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class MissingError(UserError):
    """What was asked for by its name or number is not there."""


class ConflictError(UserError):
    """What was asked for does not go with how things stand."""


class SourceError(UserError):
    """Predictions could not be read from where the model says they are."""


class DataError(UserError):
    """The rows were read and cannot be used as they are."""


class LakeError(UserError):
    """The lake refused: a day that expired, a file that does not match its manifest."""


class ExpiredDayError(LakeError):
    """The day's raw rows were deleted by retention, so nothing may be computed from them again."""


class GridMismatchError(AimonError):
    """Two profiles on different grids were about to be added."""


class EncryptionError(UserError):
    """What is encrypted where it lies cannot be opened: its key is not known here, was destroyed, or does not fit."""


class StoreError(UserError):
    """The operations database is unreachable, too new, or refused a change."""


class SealedError(UserError):
    """Encrypted counts were refused: damaged, of another key or layout, or not to be released."""


class WithheldError(SealedError):
    """Sealed counts are sound and may not be released. The text holds only what headers tell."""
