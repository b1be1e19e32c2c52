"""Predictions by HTTP, until they are rows of the inbox."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pyarrow as pa
import pytest

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.daily.ingest import ingest
from aimon.daily.registry import register_models
from aimon.intake.collector import Inbox
from aimon.intake.parcel import unpacked
from aimon.platform import Platform, open_platform
from aimon.service.access import Door
from aimon.service.logs import configure_logs
from aimon.store import inbox, labels, words
from aimon.store.tables import live_states
from tests.service.conftest import SECRET, problem

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
MODEL = """\
model: loans
version: "2.3"
task: binary
source: {kind: collector}
columns:
  id: request_id
  timestamp: created_at
  prediction: decision
  score: probability
  label: defaulted
  latency: seconds
  features: {income: numeric, region: categorical, note: text}
  protected: [sex]
"""

Send = Callable[..., httpx.Response]
Rows = Callable[[], list[dict[str, Any]]]
Thing = TypeVar("Thing")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    monkeypatch.setenv("AIMON_HASH_KEYS", "2026b:0123456789abcdef,2026a:fedcba9876543210")
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(MODEL)
    (tmp_path / "models" / "files.yaml").write_text(
        "{model: files, task: binary, source: {kind: parquet, path: x.parquet}, columns: {prediction: y}}"
    )
    return tmp_path


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Post rows: one object, a list, or lines."""

    def post(body: Any, *, lines: bool = False) -> httpx.Response:
        if lines:
            content = b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in body)
            return client.post("/api/v1/predictions", content=content, headers={"Content-Type": "application/x-ndjson"})
        return client.post("/api/v1/predictions", json=body)

    return post


@pytest.fixture
def rows(platform: Platform) -> Rows:
    """What the inbox holds of the model."""

    def read() -> list[dict[str, Any]]:
        source = Inbox(platform.store.engine, "loans", id_column="request_id", timestamp="created_at")
        found: list[dict[str, Any]] = source.rows().read_all().to_pylist()
        return found

    return read


def row(name: str = "a", **fields: Any) -> dict[str, Any]:
    return {"model": "loans", "id": name, "timestamp": "2026-11-20T05:00:00Z", "prediction": 1, **fields}


def test_one_prediction_becomes_a_row_under_the_models_own_names(send: Send, rows: Rows) -> None:
    features = {"income": 3200.5, "region": "north", "sex": "f", "note": "calm"}
    answer = send(row(score=0.9, latency=0.2, version="3", features=features))

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": [], "ignored": []}
    assert rows() == [
        {
            "request_id": "a",
            "created_at": datetime(2026, 11, 20, 5, tzinfo=UTC),
            "version": "3",
            "decision": 1,
            "probability": 0.9,
            "seconds": 0.2,
            **features,
        }
    ]


def test_the_version_and_the_time_may_be_left_out(send: Send, rows: Rows) -> None:
    send({"model": "loans", "id": 7, "prediction": 0})

    assert [(each["request_id"], each["version"], each["created_at"]) for each in rows()] == [("7", "2.3", NOW)]


def test_sending_again_is_harmless_within_a_request_and_across_requests(send: Send, rows: Rows) -> None:
    assert send([row("a"), row("b"), row("a", prediction=0)]).json()["duplicates"] == 1
    again = send([row("b"), row("c")], lines=True).json()

    assert (again["accepted"], again["duplicates"]) == (1, 1)
    assert [(each["request_id"], each["decision"]) for each in rows()] == [("a", 1), ("b", 1), ("c", 1)]


def test_good_rows_are_kept_and_bad_ones_are_answered_with_index_field_and_reason(send: Send, rows: Rows) -> None:
    sent = [
        row("good"),
        row("x", score=1.5),
        row("x", prediction=None),
        row("x", features={"income": "much"}),
        b'{"model": "loans", "id": "x\xff"}',
        b"{" + b'"a":[' * 2000,
        row("x", timestamp="2026-11-20T05:00:00"),
        row("x", timestamp="2026-11-22T05:00:00Z"),
        row("x", timestamp="2025-11-22T05:00:00Z"),
        row("", prediction=1),
        row("x", model="nobody"),
        row("x", model="files"),
        row("x", features={"income": [1]}),
        [1],
        row("x", latency=-1),
        row("failed", prediction=None, error=True),
    ]
    told = send(sent, lines=True).json()

    assert told["accepted"] == 2
    assert [(each["index"], each["field"]) for each in told["rejected"]] == [
        (1, "score"),
        (2, "prediction"),
        (3, "income"),
        (4, None),
        (5, None),
        (6, "timestamp"),
        (7, "timestamp"),
        (8, "timestamp"),
        (9, "id"),
        (10, "model"),
        (11, "model"),
        (12, "income"),
        (13, None),
        (14, "latency"),
    ]
    reasons = [each["reason"] for each in told["rejected"]]
    assert reasons[:3] == ["expected a number from 0 to 1", "is missing", "expected a number"]
    assert reasons[3].startswith("is not JSON: ")
    assert reasons[10] == "does not take predictions here; its file must say `source: {kind: collector}`"
    assert [each["request_id"] for each in rows()] == ["good", "failed"]


def test_fields_that_nothing_is_known_of_are_left_out_and_told(send: Send, rows: Rows) -> None:
    told = send(row(colour="red", features={"income": 1, "shoe_size": 42})).json()

    assert told["ignored"] == ["colour", "shoe_size"]
    assert "shoe_size" not in rows()[0]


def test_scores_of_classes_and_ends_of_intervals_arrive_under_the_columns_of_the_file(
    root: Path, client: httpx.Client, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file lists the features, a score of a class is known all the same."""
    monkeypatch.setattr("aimon.service.declarations.LOOK_SECONDS", 0.0)
    (root / "models" / "species.yaml").write_text(
        "{model: species, task: multiclass, source: {kind: collector}, columns: {prediction: y, features: [x],"
        " class_scores: {cat: p_cat, dog: p_dog}}}"
    )
    (root / "models" / "prices.yaml").write_text(
        "{model: prices, task: regression, source: {kind: collector}, columns: {prediction: y, lower: p05, upper: p95}}"
    )
    cat = {"model": "species", "id": "a", "prediction": "cat", "features": {"x": 1, "p_cat": 0.9, "p_dog": 0.1}}
    price = {"model": "prices", "id": "a", "prediction": 10, "lower": -8.5, "upper": 12}
    answer = client.post("/api/v1/predictions", json=[cat, price, {**price, "id": "b", "lower": "low"}]).json()
    assert (answer["accepted"], answer["ignored"]) == (2, [])
    assert [(each["field"], each["reason"]) for each in answer["rejected"]] == [("lower", "expected a number")]
    columns = {}
    for model in ("species", "prices"):
        inbox = Inbox(platform.store.engine, model, id_column="id", timestamp="timestamp")
        columns |= inbox.rows().read_all().to_pylist()[0]
    assert (columns["p_cat"], columns["p_dog"], columns["p05"], columns["p95"]) == (0.9, 0.1, -8.5, 12)


def test_people_are_hashed_and_texts_are_scrubbed_before_anything_is_kept(
    send: Send, platform: Platform, rows: Rows
) -> None:
    send(
        row(
            user="ann@example.org",
            session="s-1",
            text="call +49 151 23456789",
            features={"note": "card 4111 1111 1111 1111", "region": "ann@example.org"},
        )
    )
    kept = rows()[0]

    assert kept["user"].startswith("2026b:")
    assert kept["session"].startswith("2026b:")
    assert (kept["text"], kept["note"]) == ("call [phone]", "card [card]")
    assert kept["region"] == "ann@example.org"  # declared a category, and so taken at its word


def test_protected_attributes_lie_apart_and_are_told_nowhere(
    client: httpx.Client, send: Send, platform: Platform, rows: Rows, tmp_path: Path
) -> None:
    book = configure_logs(tmp_path / "logs")
    at = pa.array([datetime(2026, 11, 20, 5, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))
    table = pa.table({"model": ["loans"] * 2, "id": ["c", "d"], "timestamp": at, "prediction": [1, 0]})
    table = table.append_column("sex", pa.array(["Zaphodian"] * 2)).append_column("income", pa.array([1.0, 2.0]))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    told = [
        send([row("a", features={"income": 1, "sex": "Zaphodian"}), row("b", features={"income": 2})]),
        send([row("a", features={"income": 9, "sex": "Zaphodian"}), row("x", features={"sex": ["Zaphodian"]})]),
        client.post(
            "/api/v1/predictions",
            content=sink.getvalue().to_pybytes(),
            headers={"Content-Type": "application/vnd.apache.arrow.stream"},
        ),
        client.get("/api/v1/live"),
    ]

    assert [(each["request_id"], each["income"], each.get("sex")) for each in rows()] == [
        ("a", 1, "Zaphodian"),
        ("b", 2, None),
        ("c", 1, "Zaphodian"),
        ("d", 2, "Zaphodian"),
    ]
    with platform.store.session() as connection:
        waiting = inbox.waiting(connection, "loans")
        for kept in inbox.read(connection, waiting):
            shared = unpacked(replace(kept, protected=None), id_column="id", timestamp="at")
            assert "sex" not in shared.schema.names
            assert "income" in shared.schema.names
    states = soon(lambda: live_states_of(platform))
    book.close()
    logs = [file.read_text() for file in (tmp_path / "logs").rglob("*.jsonl")]
    assert "/api/v1/predictions" in "".join(logs)
    for text in (*(answer.text for answer in told), *states, *logs):
        assert "Zaphodian" not in text
    assert told[1].json()["rejected"] == [
        {"index": 1, "field": "sex", "reason": "expected a single value, not a list or an object"}
    ]


def live_states_of(platform: Platform) -> list[str]:
    """What the live monitor keeps, as text."""
    with platform.store.session() as connection:
        return [str(bytes(each.state)) for each in connection.execute(live_states.select())]


def soon(look: Callable[[], list[Thing]]) -> list[Thing]:
    """What is there within some seconds."""
    until = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.02)
    assert found
    return found


def test_each_source_has_a_score_of_personal_data_over_all_it_sent(
    client: httpx.Client, door: Door, send: Send, platform: Platform
) -> None:
    with door.accounts.trail.change("test") as change:
        _, secret = keys.create(change, door.accounts.keyring, "other", [Scope.INGEST])
    other = {"Authorization": f"Bearer {secret}"}
    send([row("a", text="calm"), row("b", text="card 4111 1111 1111 1111"), row("c")])
    send([row("a", text="calm"), row("b", text="card 4111 1111 1111 1111")])  # again, as after an answer that got lost
    send(row("d", text="calm", features={"note": "mail ann@example.org"}))
    client.post("/api/v1/predictions", json=row("e", text="calm"), headers=other)

    def told() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get("/api/v1/monitoring/personal-data?model=loans").json()["items"]
        return found if sum(each["texts"] for each in found) == 4 else []

    worst, best = soon(told)
    assert (worst["source"], worst["texts"], worst["finds"]) == (f"key:{SECRET.split('_')[1]}", 3, 2)
    assert worst["score"] == pytest.approx(100 * (0 + 1 + 0.6) / 3, abs=1e-3)
    assert (best["source"], best["texts"], best["score"]) == (f"key:{secret.split('_')[1]}", 1, 0)
    measured = client.get("/api/v1/monitoring/metrics").json()["items"]
    scores = {each["labels"]["source"]: each["value"] for each in measured if each["name"] == "aimon_pii_score"}
    assert scores == {each["source"]: each["score"] for each in (worst, best)}
    assert client.get("/api/v1/monitoring/personal-data?model=nobody").status_code == 404


@pytest.mark.parametrize("struct", [False, True])
def test_columns_are_checked_like_rows(client: httpx.Client, rows: Rows, struct: bool) -> None:
    at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    income, sex = pa.array([1.0, 2.0, None, 4.0, 5.0]), pa.array(["f", "m", "f", "m", "f"])
    table = pa.table(
        {
            "model": ["loans", "loans", "loans", "nobody", "loans"],
            "id": ["a", "b", None, "d", "a"],
            "timestamp": pa.array([at, at, at, at, at], pa.timestamp("ms", "UTC")),
            "prediction": [1, 0, 1, 1, 0],
            "score": [0.9, 1.1, 0.5, 0.5, 0.1],
            "user": ["ann", "ann", "bob", "bob", "ann"],
            "text": ["calm", "ip 8.8.8.8", None, None, "x@example.org"],
            **(
                {"features": pa.StructArray.from_arrays([income, sex], ["income", "sex"])}
                if struct
                else {"income": income, "sex": sex}
            ),
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = client.post(
        "/api/v1/predictions",
        content=sink.getvalue().to_pybytes(),
        headers={"Content-Type": "application/vnd.apache.arrow.stream"},
    )

    assert answer.json() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [
            {"index": 1, "field": "score", "reason": "expected a number from 0 to 1"},
            {"index": 2, "field": "id", "reason": "is missing"},
            {"index": 3, "field": "model", "reason": "no model of this name is declared"},
        ],
        "ignored": [],
    }
    kept = rows()[0]
    assert kept["user"].startswith("2026b:")
    del kept["user"]
    assert kept == {
        "request_id": "a",
        "created_at": at,
        "version": "2.3",
        "decision": 1,
        "probability": 0.9,
        "text": "calm",
        "income": 1.0,
        "sex": "f",
    }


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"{", "application/json", 400, "the body is not JSON: "),
        (b"\xff\xfe", "application/json", 400, "the body is not JSON: "),
        (b"[" * 100_000, "application/json", 400, "the body is not JSON: "),
        (b"x", "application/vnd.apache.arrow.stream", 400, "the body is not an Arrow IPC stream: "),
        (b"x", "text/plain", 415, "the body is text/plain; send application/json"),
        (b"[" + b"0," * 60_000 + b"0]", "application/json", 413, "the body has more than 50,000 rows"),
    ],
)
def test_a_body_that_is_nothing_is_one_sentence(
    client: httpx.Client, content: bytes, kind: str, status: int, said: str
) -> None:
    answer = client.post("/api/v1/predictions", content=content, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert problem(answer)["detail"].startswith(said)


def test_a_row_of_a_million_fields_is_refused(send: Send) -> None:
    told = send({"model": "loans", **{f"f{number}": 1 for number in range(1_000_000)}}).json()

    assert told["rejected"] == [{"index": 0, "field": None, "reason": "has more than 200 fields"}]


def test_a_model_that_is_declared_later_takes_predictions_without_a_restart(
    send: Send, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimon.service.declarations.LOOK_SECONDS", 0.0)
    assert send(row(model="late")).json()["rejected"][0]["field"] == "model"
    (root / "models" / "late.yaml").write_text(MODEL.replace("loans", "late"))

    assert send(row(model="late")).json()["accepted"] == 1


def test_nobody_sends_without_the_key(client: httpx.Client, rows: Rows) -> None:
    refused = client.post("/api/v1/predictions", json=row(), headers={"Authorization": "Bearer no"})

    assert problem(refused)["status"] == 401
    assert rows() == []


def test_what_is_accepted_now_is_the_day_of_its_own_time(send: Send, platform: Platform) -> None:
    send([row("a", timestamp="2026-11-20T00:30:00+01:00"), row("b", timestamp="2026-11-20T00:30:00Z")])
    days = Inbox(platform.store.engine, "loans").days()

    assert days == [NOW.date() - timedelta(days=1), NOW.date()]


def test_labels_are_kept_by_source_and_bad_ones_are_told(client: httpx.Client, platform: Platform) -> None:
    sent = [
        {"model": "loans", "id": "a", "label": 1, "timestamp": "2026-11-20T05:00:00Z"},
        {"model": "loans", "id": "a", "label": 0, "source": "court"},
        {"model": "files", "id": 7, "label": "x"},
        {"model": "loans", "id": "a"},
        {"model": "nobody", "id": "a", "label": 1},
        {"model": "loans", "id": "a", "label": 1, "timestamp": "2026-11-29T05:00:00Z"},
        {"model": "loans", "id": "a", "label": [1]},
    ]
    first, again = (client.post("/api/v1/labels", json=sent).json() for _ in range(2))

    assert (first["accepted"], first["duplicates"]) == (3, 0)
    assert [(each["index"], each["field"]) for each in first["rejected"]] == [
        (3, "label"),
        (4, "model"),
        (5, "timestamp"),
        (6, "label"),
    ]
    assert (again["accepted"], again["duplicates"]) == (0, 3)
    with platform.store.session() as connection:
        assert words.disagreements(connection, "loans") == (1, 0)
        assert labels.known(connection, "files", ["7"], until=NOW) == {"7": "x"}


def test_feedback_says_whether_it_was_right_and_why_somebody_looked(client: httpx.Client, platform: Platform) -> None:
    sent = [
        {"model": "loans", "id": "a", "correct": True, "kind": "sample"},
        {"model": "loans", "id": "b", "correct": False},
        {"model": "loans", "id": "c", "correct": "yes"},
        {"model": "loans", "id": "d", "correct": True, "kind": "whim"},
    ]
    told = client.post("/api/v1/feedback", json=sent).json()

    assert told["accepted"] == 2
    assert [each["reason"] for each in told["rejected"]] == [
        "expected true or false",
        "expected review, dispute or sample",
    ]
    with platform.store.session() as connection:
        found = {(each.kind, each.correct) for each in words.judged(connection, "loans")}
    assert found == {("sample", True), ("review", False)}


def test_a_renamed_model_takes_predictions_under_both_names_into_one_history(
    send: Send, root: Path, rows: Rows, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimon.service.declarations.LOOK_SECONDS", 0.0)
    register_models(platform)
    renamed = MODEL.replace("model: loans", "model: credits\nformerly: [loans]")
    (root / "models" / "loans.yaml").write_text(renamed)
    with open_platform(root) as changed:
        register_models(changed)

    assert send([row("a"), row("b", model="credits"), row("a", model="credits")]).json()["duplicates"] == 1
    assert [each["request_id"] for each in rows()] == ["a", "b"]


def test_feedback_is_told_as_a_matrix_once_the_day_is_in_the_lake(client: httpx.Client, platform: Platform) -> None:
    client.post("/api/v1/predictions", json=[row(f"{number}", prediction=number % 2) for number in range(60)])
    said = [{"model": "loans", "id": f"{number}", "correct": number < 20, "kind": "sample"} for number in range(60)]
    client.post("/api/v1/feedback", json=said)
    before = client.get("/api/v1/monitoring/feedback/loans").json()
    ingest(platform, platform.model("loans"), NOW.date(), NOW)
    after = client.get("/api/v1/monitoring/feedback/loans").json()

    assert (before["cases"], before["unjoined"], before["accuracy"]) == (60, 60, None)
    assert (after["unjoined"], after["biased"]) == (0, False)
    assert {(each["predicted"], each["said"]): each["cases"] for each in after["matrix"]} == {
        ("0", "0"): 10,
        ("0", "1"): 20,
        ("1", "0"): 20,
        ("1", "1"): 10,
    }
    assert after["should_retrain"]["yes"]
    assert client.get("/api/v1/monitoring/feedback/nobody").status_code == 404
