"""People and keys from the command line."""

import json

import pytest

from aimon.access.accounts import Accounts
from aimon.access.rights import Right
from aimon.govern.audit import open_trail
from aimon.keyring import open_keyring
from aimon.spec.project import load_project
from aimon.store import open_store
from aimon.store.sessions import Kind


@pytest.fixture
def accounts(project, monkeypatch):
    """What the service would see of the project."""
    monkeypatch.setenv("AIMON_SECRET", "s" * 40)
    settings = load_project(project, environment={}).settings
    with open_store(settings.database_url, project) as store:
        yield Accounts(store, open_trail(settings, store), open_keyring(project))


def test_people_are_added_changed_and_disabled(aimon, project, accounts):
    added = aimon("-C", project, "users", "add", "Ann", "admin", "--email", "ann@example.org")
    password = added.out.split()[-1]

    assert added.out.startswith("ann is admin. Password for the first login: ")
    assert accounts.log_in("ann", password, address="here", kind=Kind.TOKEN)[0].role == "admin"
    assert aimon("-C", project, "users", "disable", "ann").err == (
        "ann is the last admin; make somebody else admin first\n"
    )
    aimon("-C", project, "users", "add", "bob")
    assert aimon("-C", project, "users", "role", "bob", "admin").out == "bob is admin.\n"
    assert aimon("-C", project, "users", "disable", "ann").out == "ann is disabled.\n"
    assert aimon("-C", project, "users", "list").out == "ann  admin  disabled\nbob  admin\n"
    assert aimon("-C", project, "users", "enable", "ann").out == "ann may log in.\n"
    assert "Password for the next login of ann: " in aimon("-C", project, "users", "reset-password", "ann").out
    assert [user["name"] for user in json.loads(aimon("-C", project, "users", "list", "--json").out)] == ["ann", "bob"]
    assert all(row.actor.startswith("cli:") for row in accounts.trail.rows(action="users.create"))


def test_keys_are_made_rotated_and_revoked(aimon, project, accounts):
    made = aimon("-C", project, "keys", "create", "loader", "--scope", "ingest", "--scope", "read", "--expires", "90d")
    text = made.out.strip()
    (listed,) = json.loads(aimon("-C", project, "keys", "list", "--json").out)

    assert accounts.of_bearer(text).rights == {Right.INGEST, Right.READ}
    assert (listed["prefix"], listed["state"], listed["name"]) == (text.split("_")[1], "valid", "loader")
    assert "mac" not in listed
    newer = json.loads(aimon("-C", project, "keys", "rotate", listed["prefix"], "--overlap", "2h", "--json").out)
    assert accounts.of_bearer(newer["key"]).rights == accounts.of_bearer(text).rights
    assert aimon("-C", project, "keys", "revoke", listed["prefix"]).out == f"Key {listed['prefix']} is revoked.\n"
    assert f"{listed['prefix']}  revoked   ingest,read  loader" in aimon("-C", project, "keys", "list").out


def test_mistakes_are_one_sentence(aimon, project, accounts):
    assert aimon("-C", project, "keys", "revoke", "none").err == (
        "there is no key none; list them to see which there are\n"
    )
    assert (
        "is not a span of time" in aimon("-C", project, "keys", "create", "x", "--scope", "read", "--expires", "x").err
    )
    assert "there is no user bob" in aimon("-C", project, "users", "enable", "bob").err
    assert aimon("-C", project, "users", "list").out.startswith("There is nobody yet")
    assert aimon("-C", project, "keys", "list").out == "There is no key.\n"
