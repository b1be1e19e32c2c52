"""Turns of writers that never rest."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aimon.errors import StoreError
from aimon.store import inbox, open_store
from aimon.store.turns import Turns

HOLDER = """
import sys, time
from aimon.store import inbox, open_store
from aimon.store.turns import Turns
with open_store(sys.argv[1]) as store, Turns(store.engine).taken():
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_writer_has_the_turn_at_a_time_and_the_next_has_it_at_once(tmp_path: Path) -> None:
    url, within, most = f"sqlite:///{tmp_path}/aimon.db", [0], [0]

    def write() -> None:
        with open_store(url) as store:
            turns = Turns(store.engine)
            for _ in range(50):
                with turns.taken():
                    within[0] += 1
                    most[0] = max(most[0], within[0])
                    time.sleep(0.001)
                    within[0] -= 1
            turns.close()

    open_store(url).dispose()
    began = time.monotonic()
    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert most == [1]
    assert time.monotonic() - began < 5


def test_the_turn_of_a_writer_that_was_killed_is_free(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/aimon.db"
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    with open_store(url) as store:
        turns = Turns(store.engine)
        with turns.taken():
            assert holder.wait() < 0
        turns.close()


def test_who_asks_for_no_turn_writes_while_another_has_it(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/aimon.db") as store:
        turns = Turns(store.engine)
        with turns.taken(), store.transaction() as connection:
            assert inbox.count(connection) == 0
        turns.close()


def test_a_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "aimon.db-turn").mkdir()
    with (
        open_store(f"sqlite:///{tmp_path}/aimon.db") as store,
        pytest.raises(StoreError, match=r"aimon\.db-turn cannot be opened: Is a directory; it belongs to whoever"),
    ):
        Turns(store.engine)
