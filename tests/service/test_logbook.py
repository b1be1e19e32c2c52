import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aimon.govern.kinds import LogKind
from aimon.service.logbook import Logbook


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", "2026-11-20T23:00:00Z")


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def test_each_category_has_a_file_a_day_and_all_are_on_the_stream(tmp_path: Path) -> None:
    stream = io.BytesIO()
    book = Logbook(tmp_path, stream)
    book.write(LogKind.APPLICATION, b'{"n": 1}')
    book.write(LogKind.PRIVACY, b'{"n": 2}')
    book.write(LogKind.APPLICATION, b'{"n": 3}')
    book.close()

    assert stream.getvalue().splitlines() == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']
    assert lines(tmp_path / "application" / "2026-11-20.jsonl") == [b'{"n": 1}', b'{"n": 3}']
    assert lines(tmp_path / "privacy" / "2026-11-20.jsonl") == [b'{"n": 2}']
    assert not (tmp_path / "system").exists()


def test_an_urgent_line_is_written_before_the_call_returns(tmp_path: Path) -> None:
    book = Logbook(tmp_path, io.BytesIO())
    book.write(LogKind.SYSTEM, b"first")
    book.write(LogKind.SYSTEM, b"failed", urgent=True)

    assert lines(tmp_path / "system" / "2026-11-20.jsonl") == [b"first", b"failed"]
    book.close()


def test_two_books_and_many_threads_write_whole_lines_into_one_file(tmp_path: Path) -> None:
    books = [Logbook(tmp_path, io.BytesIO()) for _ in range(2)]

    def write(number: int) -> None:
        for place in range(200):
            books[number % 2].write(LogKind.APPLICATION, json.dumps({"of": number, "place": place}).encode())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for book in books:
        book.close()

    told = [json.loads(line) for line in lines(tmp_path / "application" / "2026-11-20.jsonl")]
    assert len(told) == 6 * 200
    for number in range(6):
        assert [line["place"] for line in told if line["of"] == number] == list(range(200))


def test_a_folder_that_takes_nothing_leaves_the_stream(tmp_path: Path) -> None:
    (tmp_path / "application").write_text("a file where a folder should be")
    stream = io.BytesIO()
    book = Logbook(tmp_path, stream)
    book.write(LogKind.APPLICATION, b"told")
    book.close()

    assert stream.getvalue() == b"told\n"


def test_the_day_of_a_file_is_the_utc_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", datetime(2026, 11, 21, tzinfo=UTC).isoformat())
    book = Logbook(tmp_path, io.BytesIO())
    book.write(LogKind.APPLICATION, b"next")
    book.close()

    assert [path.name for path in (tmp_path / "application").iterdir()] == ["2026-11-21.jsonl"]
