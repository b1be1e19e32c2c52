import pytest

from aimon.intake import known_files
from aimon.intake.data_file import DataFile
from aimon.intake.known_files import KnownFiles


class Place:
    protocol = "place"


def file(number: int, stamp: str = "1") -> DataFile:
    return DataFile(Place(), f"/{number}", f"{number}", stamp=stamp)


def test_a_fact_is_known_of_one_version_of_a_file_and_what_was_given() -> None:
    known: KnownFiles[str] = KnownFiles()
    known.put(file(1), "fact", "UTC")
    assert known.get(file(1), "UTC") == "fact"
    assert known.get(file(1), "Europe/Berlin") is None
    assert known.get(file(1, "2"), "UTC") is None
    assert known.get(file(2), "UTC") is None


def test_the_fact_asked_about_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_files, "MOST", 2)
    known: KnownFiles[int] = KnownFiles()
    known.put(file(1), 1)
    known.put(file(2), 2)
    assert known.get(file(1)) == 1
    known.put(file(3), 3)
    assert [known.get(file(number)) for number in (1, 2, 3)] == [1, None, 3]
