"""What was learnt about files, kept for the life of the process. A file that changed is a new file."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from aimon.intake.data_file import DataFile

Fact = TypeVar("Fact")
MOST = 10_000


class KnownFiles(Generic[Fact]):
    """One fact a file, for the files asked about last; `given` is what else the fact depends on."""

    def __init__(self) -> None:
        self._facts: OrderedDict[Hashable, Fact] = OrderedDict()

    def get(self, file: DataFile, *given: Hashable) -> Fact | None:
        """The fact, if it is known of this version of the file."""
        key = (file.identity, given)
        fact = self._facts.get(key)
        if fact is not None:
            self._facts.move_to_end(key)
        return fact

    def put(self, file: DataFile, fact: Fact, *given: Hashable) -> None:
        """Remember the fact; the one asked about longest ago is forgotten for it."""
        self._facts[file.identity, given] = fact
        if len(self._facts) > MOST:
            self._facts.popitem(last=False)
