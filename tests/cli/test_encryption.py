"""The keys that rows are encrypted with, from the command line."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from aimon.errors import EncryptionError
from aimon.govern.audit import open_trail
from aimon.platform import open_platform
from tests.cli.conftest import Aimon

DAYS = [date(2026, 11, 19), date(2026, 11, 20)]
ROWS = pa.table({"id": ["a", "b"]})


@pytest.fixture
def encrypted(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a plain day, and an encrypted one."""
    monkeypatch.setenv("AIMON_SECRET", "s" * 40)
    for day, setting in zip(DAYS, ("false", "true"), strict=True):
        (project / "aimon.yaml").write_text(f"encrypt_rows: {setting}\n")
        with open_platform(project) as platform:
            platform.lake.write_day("loans", day, ROWS.to_batches(), ROWS.schema)
    return project


def actions(project: Path) -> list[tuple[str, str]]:
    with open_platform(project) as platform:
        rows = open_trail(platform.project.settings, platform.store).rows()
    assert all(row.actor == "system" or row.actor.startswith("cli:") for row in rows)
    return [(row.action, row.subject) for row in rows]


def test_status_shows_which_days_open_with_which_key_and_which_are_plain(aimon: Aimon, encrypted: Path) -> None:
    told = json.loads(aimon("-C", encrypted, "encryption", "status", "--json").out)
    (key,) = told["keys"]

    assert (told["encrypt_rows"], told["plain_days"]) == (True, {"loans": 1})
    assert (key["model"], key["state"], key["days"], key["secret_known"]) == ("loans", "in use", 1, True)
    assert aimon("-C", encrypted, "encryption", "status").out == (
        f"What is written from now on is encrypted.\nloans  {key['id']}  in use  1 days\nloans  not encrypted  1 days\n"
    )


def test_a_rotated_secret_is_replaced_everywhere_and_rows_stay_readable(
    aimon: Aimon, encrypted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_SECRET", "t" * 40)
    assert "its secret is not known here" in aimon("-C", encrypted, "encryption", "status").out
    refused = aimon("-C", encrypted, "encryption", "rotate")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "set AIMON_SECRET as it was, or name the old secret in AIMON_SECRET_PREVIOUS" in refused.err

    monkeypatch.setenv("AIMON_SECRET_PREVIOUS", "s" * 40)
    assert aimon("-C", encrypted, "encryption", "rotate").out.startswith("loans is written by the key ")
    monkeypatch.delenv("AIMON_SECRET_PREVIOUS")
    with open_platform(encrypted) as platform:
        assert [platform.lake.read_day("loans", day).read_all() == ROWS for day in DAYS] == [True, True]
    states = [key["state"] for key in json.loads(aimon("-C", encrypted, "encryption", "status", "--json").out)["keys"]]
    assert states == ["retired", "in use"]
    assert actions(encrypted) == [("encryption.rotate", "loans"), ("encryption.create", "loans")]


def test_destroying_asks_for_a_yes_and_is_recorded(aimon: Aimon, encrypted: Path) -> None:
    asked = aimon("-C", encrypted, "encryption", "destroy", "loans")
    assert (asked.code, asked.out) == (2, "")
    assert asked.err.startswith("1 days of rows of loans open with the keys ")
    assert asked.err.endswith("; add --yes to destroy them for good\n")
    assert actions(encrypted) == [("encryption.create", "loans")]

    assert aimon("-C", encrypted, "encryption", "destroy", "loans", "--retired", "--yes").err == (
        "loans has no retired key to destroy\n"
    )
    assert aimon("-C", encrypted, "encryption", "destroy", "loans", "--yes").code == 0
    assert actions(encrypted) == [("encryption.destroy", "loans"), ("encryption.create", "loans")]
    with open_platform(encrypted) as platform:
        assert platform.lake.read_day("loans", DAYS[0]).read_all() == ROWS
        with pytest.raises(EncryptionError, match="was destroyed on"):
            platform.lake.read_day("loans", DAYS[1])


def test_mistakes_are_one_sentence(aimon: Aimon, project: Path) -> None:
    assert aimon("-C", project, "encryption", "rotate").out == (
        "There is no key yet; the first is made when rows are first written encrypted.\n"
    )
    assert aimon("-C", project, "encryption", "rotate", "--model", "loans").err == (
        "loans has no key in use; it gets one when its rows are first written encrypted\n"
    )
    assert aimon("-C", project, "encryption", "destroy", "loans").err == "loans has no key to destroy\n"
