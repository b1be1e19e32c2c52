import hashlib
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, insert, select

from aimon.errors import ExpiredDayError, LakeError
from aimon.govern import retention
from aimon.govern.kinds import Kind, rules
from aimon.govern.lake import LakeDay, delete
from aimon.govern.retention import expire
from aimon.lake.lake import Lake
from aimon.store import expirations, found_pii, live, open_store
from aimon.store.expirations import Deletion
from aimon.store.found_pii import Found
from aimon.store.live import Used
from aimon.store.tables import feedback, inbox, inbox_ids, labels, records
from tests.govern.conftest import AGES, DUE, FILES, NOW, POLICY, day_of

ROOT = Path(__file__).parents[2]
KILLS = 10


def confirmed(store):
    """The evidence by kind, model and day."""
    with store.session() as connection:
        found = expirations.query(connection)
    assert all(one.deleted_at is not None for one in found)
    keys = [(one.kind, one.model, one.day) for one in found]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, found, strict=True))


def days_left(lake, kind, model="m"):
    """The ages of the days that the lake still has of a kind."""
    if kind == "predictions":
        return sorted((NOW.date() - day).days for day in lake.days(model))
    days = {key.split("date=")[1][:10] for key in lake.keys(f"{kind}/model={model}") if "date=" in key}
    return sorted(age for age in AGES if day_of(age).isoformat() in days)


def count(store, table):
    with store.session() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_what_is_older_than_its_setting_is_deleted_and_nothing_else(lake, store, filled):
    filled("m")
    expire(lake, store, POLICY, NOW)
    for kind in ("predictions", *FILES):
        assert days_left(lake, kind) == sorted(set(AGES) - set(DUE[kind])), kind
    assert count(store, records) == 2 * (len(AGES) - len(DUE["records"]))
    assert count(store, inbox) == count(store, labels) == len(AGES) - len(DUE["inbox"])


def test_there_is_evidence_of_every_deletion(lake, store, filled):
    filled("m", "n")
    before = {age: lake.manifest("m", day_of(age)) for age in AGES}
    page = lake.read_bytes(f"reports/model=m/date={day_of(400 - 34)}/report.html")
    expire(lake, store, POLICY, NOW)
    evidence = confirmed(store)
    expected = {(kind, model, day_of(age)) for kind, ages in DUE.items() for age in ages for model in ("m", "n")}
    labelled = {("labels", model, day_of(91)) for model in ("m", "n")}
    assert set(evidence) == expected | labelled
    rows = evidence["predictions", "m", day_of(91)]
    assert (rows.rows, rows.bytes, rows.sha256) == (3, before[91].bytes, before[91].sha256)
    assert rows.policy == "retention.predictions is 90d"
    assert (rows.planned_at, rows.deleted_at) == (NOW, NOW)
    one = evidence["reports", "m", day_of(366)]
    assert (one.files, one.bytes, one.sha256) == (1, len(page), hashlib.sha256(page).hexdigest())
    assert evidence["profiles", "n", day_of(731)].files == 3
    assert evidence["labels", "n", day_of(91)].rows == len(DUE["inbox"])
    assert evidence["records", "m", day_of(732)].rows == 2


def test_a_digest_of_several_files_is_the_one_of_their_checksums(lake, store, filled, tmp_path):
    filled("m")
    keys = lake.keys(f"profiles/model=m/date={day_of(731)}")
    listed = subprocess.run(["sha256sum", *keys], cwd=tmp_path / "lake", capture_output=True, text=True, check=True)
    expire(lake, store, POLICY, NOW)
    found = confirmed(store)["profiles", "m", day_of(731)]
    assert found.sha256 == hashlib.sha256(listed.stdout.encode()).hexdigest()


def test_a_second_run_finds_nothing(lake, store, filled):
    filled("m")
    first = expire(lake, store, POLICY, NOW)
    assert first.expired
    assert expire(lake, store, POLICY, NOW).expired == []
    assert len(confirmed(store)) == len(first.expired)


def test_a_dry_run_tells_the_same_and_changes_nothing(lake, store, filled):
    filled("m")
    told = expire(lake, store, POLICY, NOW, dry_run=True)
    assert confirmed(store) == {}
    assert days_left(lake, "predictions") == sorted(AGES)
    done = expire(lake, store, POLICY, NOW)

    def whats(deletions):
        return [(one.kind, one.model, one.day, one.files, one.rows, one.bytes, one.sha256) for one in deletions]

    assert whats(told.expired) == whats(done.expired)
    assert told.dry_run
    assert not done.dry_run


def test_an_expired_day_is_refused_and_grids_baselines_and_their_samples_stay(lake, store, filled):
    filled("m")
    expire(lake, store, POLICY, NOW)
    with pytest.raises(ExpiredDayError, match=r"retention.predictions is 90d"):
        lake.day_path("m", day_of(91))
    for key in ("grids/model=m/g.json", "baselines/model=m/b.parquet", "samples/model=m/baseline=b.parquet"):
        assert lake.read_bytes(key) == b"kept"


def test_days_expire_as_time_goes_by(lake, store, filled):
    filled("m")
    for _ in range(3):
        expire(lake, store, POLICY, NOW)
    assert days_left(lake, "predictions") == [1, 89, 90]
    found = expire(lake, store, POLICY, NOW + timedelta(days=1))
    assert {(one.kind, one.day) for one in found.expired} == {
        *((kind, day_of(90)) for kind in ("predictions", "quarantine", "inbox", "labels"))
    }


def test_a_killed_run_is_finished_and_told_once(lake, store, filled):
    filled("m")
    rule = rules(POLICY, NOW)[Kind.PROFILES]
    keys = tuple(lake.keys(f"profiles/model=m/date={day_of(731)}"))
    with store.transaction() as connection:
        told = Deletion(kind="profiles", model="m", day=day_of(731), policy=str(rule), files=3, bytes=7, sha256="s")
        expirations.announce(connection, told)
        gone = Deletion(kind="predictions", model="m", day=day_of(91), policy="p", files=1, rows=3)
        expirations.announce(connection, gone)
    delete(lake, LakeDay(Kind.PROFILES, "m", day_of(731), keys[:2]), rule)
    lake.expire_day("m", day_of(91))
    expire(lake, store, POLICY, NOW)
    evidence = confirmed(store)
    assert lake.keys(f"profiles/model=m/date={day_of(731)}") == []
    assert (evidence["profiles", "m", day_of(731)].files, evidence["profiles", "m", day_of(731)].bytes) == (3, 7)
    assert evidence["predictions", "m", day_of(91)].rows == 3


def test_what_was_only_announced_is_weighed_anew(lake, store, filled):
    filled("m")
    with store.transaction() as connection:
        told = Deletion(kind="reports", model="m", day=day_of(366), policy="p", files=1, bytes=1, sha256="old")
        expirations.announce(connection, told)
    page = lake.read_bytes(f"reports/model=m/date={day_of(366)}/report.html")
    expire(lake, store, POLICY, NOW)
    assert confirmed(store)["reports", "m", day_of(366)].sha256 == hashlib.sha256(page).hexdigest()


def test_what_was_announced_and_may_stay_by_a_new_setting_stays(lake, store, filled):
    filled("m")
    with store.transaction() as connection:
        for kind, files in (("predictions", 1), ("reports", 1), ("profiles", 3)):
            expirations.announce(connection, Deletion(kind=kind, model="m", day=day_of(732), policy="p", files=files))
    lenient = POLICY.model_copy(update=dict.fromkeys(("predictions", "profiles", "reports"), timedelta(days=5_000)))
    expire(lake, store, lenient, NOW)
    assert [kind for kind, *_ in confirmed(store)].count("reports") == 0
    assert all(732 in days_left(lake, kind) for kind in ("predictions", "reports", "profiles"))


def test_a_confirmation_outlives_a_withdrawal(store):
    with store.transaction() as connection:
        announced = expirations.announce(connection, Deletion(kind="reports", model="m", day=day_of(1), policy="p"))
        expirations.withdraw(connection, announced)
        assert expirations.query(connection) == []
        assert expirations.confirm(connection, announced).deleted_at == NOW
        assert expirations.confirm(connection, announced).id == announced.id
    assert len(confirmed(store)) == 1


def test_a_day_that_cannot_be_read_keeps_no_other_from_being_deleted(lake, store, filled, tmp_path):
    filled("broken", "m")
    manifest = tmp_path / "lake" / f"predictions/model=broken/date={day_of(100)}/manifest.json"
    manifest.write_text("{")
    found = expire(lake, store, POLICY, NOW)
    assert len(found.problems) == 1
    assert "is damaged" in found.problems[0]
    assert days_left(lake, "predictions", "m") == [1, 89, 90]
    assert days_left(lake, "reports", "broken") == [1, 89, 90, 91, 100]


def test_a_file_that_cannot_be_deleted_is_a_problem_and_stays_announced(lake, store, filled, monkeypatch):
    filled("m")
    original = Lake.delete

    def refuse(self, key):
        if key.startswith("reports/"):
            raise LakeError(f"the lake cannot use {key}: Read-only file system")
        return original(self, key)

    monkeypatch.setattr(Lake, "delete", refuse)
    found = expire(lake, store, POLICY, NOW)
    assert len(found.problems) == len(DUE["reports"])
    with store.session() as connection:
        assert {one.kind for one in expirations.pending(connection)} == {"reports"}
    monkeypatch.undo()
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    assert {one.kind for one in expire(lake, store, POLICY, NOW).expired} == {"reports"}
    assert len([key for key in confirmed(store) if key[0] == "reports"]) == len(DUE["reports"])


def test_an_empty_project_has_nothing_to_delete(lake, store):
    found = expire(lake, store, POLICY, NOW)
    assert (found.expired, found.problems) == ([], [])


def test_a_run_killed_at_any_moment_leaves_evidence_of_each_deletion_once(tmp_path, sqlite_template, lake_of):
    lake, database = Lake(str(tmp_path / "lake")), tmp_path / "killed.db"
    database.write_bytes(sqlite_template().read_bytes())
    models = ("m", "n", "broken")
    for model in models:
        lake_of(tmp_path / "lake", model)
    before = {(model, age): lake.manifest(model, day_of(age)) for model in models for age in AGES}
    url, pauses = f"sqlite:///{database}", np.random.default_rng(5).uniform(0.0, 0.2, KILLS)
    command = [sys.executable, "-m", "tests.govern.victim", lake.url, url]
    killed = 0
    for pause in pauses:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(pause)
            child.kill()
            killed += "done" not in child.stdout.read()
    assert killed >= 2
    with open_store(url) as store:
        expire(lake, store, POLICY, NOW)
        evidence = confirmed(store)
    files = {kind: ages for kind, ages in DUE.items() if kind in ("predictions", *FILES)}
    assert set(evidence) == {
        (kind, model, day_of(age)) for kind, ages in files.items() for age in ages for model in models
    }
    for (model, age), manifest in before.items():
        if age in DUE["predictions"]:
            found = evidence["predictions", model, day_of(age)]
            assert (found.rows, found.bytes, found.sha256) == (manifest.rows, manifest.bytes, manifest.sha256)
    for model in models:
        for kind, ages in files.items():
            assert days_left(lake, kind, model) == sorted(set(AGES) - set(ages))
    assert all(evidence[key].files == 3 for key in evidence if key[0] == "profiles")


def test_two_runs_at_once_delete_once_and_tell_it_once(tmp_path, sqlite_template, lake_of):
    database = tmp_path / "two.db"
    database.write_bytes(sqlite_template().read_bytes())
    for model in ("m", "n"):
        lake_of(tmp_path / "lake", model)
    command = [sys.executable, "-m", "tests.govern.victim", str(tmp_path / "lake"), f"sqlite:///{database}"]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(3)]
    told = [child.communicate()[0] for child in children]
    assert all(child.returncode == 0 and "done" in out for child, out in zip(children, told, strict=True))
    with open_store(f"sqlite:///{database}") as store:
        evidence = confirmed(store)
    files = {kind: ages for kind, ages in DUE.items() if kind in ("predictions", *FILES)}
    due = {(kind, day_of(age)) for kind, ages in files.items() for age in ages}
    assert set(evidence) == {(kind, model, day) for kind, day in due for model in ("m", "n")}


def test_what_another_run_deleted_meanwhile_is_not_told_again(lake, store, filled, monkeypatch):
    filled("m")
    original, others = retention.weigh, []

    def weigh_slowly(where, found):
        weight = original(where, found)
        if not others:
            others.append(None)
            expire(lake, store, POLICY, NOW)
        return weight

    monkeypatch.setattr(retention, "weigh", weigh_slowly)
    assert expire(lake, store, POLICY, NOW).expired == []
    assert ("predictions", "m", day_of(91)) in confirmed(store)


def test_what_people_said_and_what_a_day_used_leave_with_their_evidence(lake, store):
    old, young = NOW - timedelta(days=91), NOW - timedelta(days=80)
    with store.transaction() as connection:
        for name, moment in (("old", old), ("young", young)):
            said = {"model": "m", "id": name, "source": "s", "correct": True, "kind": "review", "timestamp": moment}
            connection.execute(insert(feedback), {**said, "received_at": moment})
        live.add_usage(connection, "m", "1", day_of(732), Used(calls=3))
        live.add_usage(connection, "m", "1", day_of(80), Used(calls=4))
        found_pii.add(connection, "m", "key:a", day_of(732), Found(3, 1, 1))
        found_pii.add(connection, "m", "key:a", day_of(80), Found(4, 1, 1))
    expired = expire(lake, store, POLICY, NOW).expired

    assert {(each.kind, each.model, each.rows) for each in expired} == {
        ("feedback", "m", 1),
        ("usage", "m", 1),
        ("found_pii", "m", 1),
    }
    assert count(store, feedback) == 1
    with store.session() as connection:
        assert live.used(connection, day_of(2_000), NOW.date())["m"].calls == 4


def test_an_expired_prediction_leaves_nothing_of_its_id(lake, store, filled):
    filled("m")
    expire(lake, store, POLICY, NOW)
    assert count(store, inbox_ids) == count(store, inbox)
