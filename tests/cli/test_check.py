"""`aimon check` on projects with one fault each."""

# ruff: noqa: E501 - the sentences stand whole, so that they can be searched for

import json
import sqlite3
from pathlib import Path

import fsspec
import pytest

from aimon.metrics.known import known_metrics
from aimon.spec.rules import Worse
from aimon.store.store import open_store


def change(project: Path, old: str, new: str) -> None:
    path = project / "models" / "loans.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def add(project: Path, text: str) -> None:
    path = project / "models" / "loans.yaml"
    path.write_text(path.read_text() + text)


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_a_sound_project_is_said_to_be_one_and_nothing_is_made(aimon, project):
    before = everything(project)
    ended = aimon("-C", project, "check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-2:] == ["  loans     ok  parquet, 5 columns", "1 model, no mistakes."]
    assert "made on first use" in ended.out
    assert everything(project) == before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "label: defaulted",
            "label: defaultd",
            "models/loans.yaml:7: columns.label: the source has no column 'defaultd'; did you mean 'defaulted'?",
        ),
        (
            "[channel]",
            "[channel, shop]",
            "models/loans.yaml:8: columns.segments[1]: the source has no column 'shop'; it has at, channel, decision, defaulted and income",
        ),
        (
            "  segments: [channel]",
            "  features:\n    income: numeric\n    agee: numeric",
            "models/loans.yaml:10: columns.features.agee: the source has no column 'agee'; it has at, channel, decision, defaulted and income",
        ),
        (
            "data/*.parquet",
            "gone/*.parquet",
            "models/loans.yaml:3: source: gone/*.parquet: no file matches; check the pattern and the folder it starts in",
        ),
        (
            "{kind: parquet, path: data/*.parquet}",
            "{kind: sql, url: 'sqlite:///none.db', table: loans}",
            "models/loans.yaml:3: source: ",
        ),
        (
            "data/*.parquet",
            "$GONE/*.parquet",
            "models/loans.yaml:3: source.path: $GONE is not set in the environment; set it, or write $$ for a dollar sign",
        ),
    ],
)
def test_what_a_model_points_to_must_be_there(aimon, project, old, new, sentence):
    change(project, old, new)
    ended = aimon("-C", project, "check")
    assert ended.code == 2
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1
    assert ended.out.splitlines()[-1] == "1 mistake:"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "thresholds: {pssi: {warning: 0.1}}\n",
            "models/loans.yaml:9: thresholds.pssi: unknown metric; did you mean 'psi'?",
        ),
        (
            "thresholds: {psi: {columns: {incom: {warning: 0.1}}}}\n",
            "models/loans.yaml:9: thresholds.psi.columns.incom: the source has no column 'incom'; did you mean 'income'?",
        ),
        (
            "importance: {incom: 1}\n",
            "models/loans.yaml:9: importance.incom: the source has no column 'incom'; did you mean 'income'?",
        ),
        (
            "label_horizon: 91d\n",
            "models/loans.yaml:9: label_horizon: labels take 91d, but predictions are kept for 90d only; raise retention.predictions",
        ),
        (
            "baseline: {path: train.parquet}\n",
            "models/loans.yaml:9: baseline.path: train.parquet: ",
        ),
        ("baseline: {path: train.csv}\n", "models/loans.yaml:9: baseline.path: train.csv: "),
    ],
)
def test_what_a_model_says_must_fit_the_source_and_the_settings(aimon, project, text, sentence):
    add(project, text)
    ended = aimon("-C", project, "check")
    assert ended.code == 2
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1


def test_files_and_sources_are_checked_in_one_go(aimon, project):
    change(project, "label: defaulted", "label: defaultd")
    add(project, "thresholds: {pssi: {warning: 0.1}}\n")
    (project / "models" / "fraud.yaml").write_text("model: [")
    ended = aimon("-C", project, "check")
    assert [line.split(": ")[0] for line in ended.err.splitlines()] == [
        "models/fraud.yaml:1",
        "models/loans.yaml:7",
        "models/loans.yaml:9",
    ]
    assert ended.out.splitlines()[-1] == "3 mistakes:"


def test_a_limit_for_two_protected_attributes_together_is_known(aimon, project):
    change(project, "  segments: [channel]", "  protected: [channel, income]")
    add(project, "thresholds: {disparate_impact: {columns: {channel*income: {warning: 0.8}}}}\n")
    assert aimon("-C", project, "check").code == 0


def test_a_retired_model_needs_no_source(aimon, project):
    change(project, "data/*.parquet", "gone/*.parquet")
    add(project, "retired: true\n")
    ended = aimon("-C", project, "check")
    assert ended.code == 0
    assert "ok  retired" in ended.out


def test_the_collector_has_nothing_to_look_at_yet(aimon, project):
    change(project, "{kind: parquet, path: data/*.parquet}", "{kind: collector}")
    assert "ok  collector" in aimon("-C", project, "check").out


def test_without_settings_nothing_is_connected(aimon, project):
    (project / "aimon.yaml").write_text("lake_ulr: x\n")
    ended = aimon("-C", project, "check")
    assert ended.err == "aimon.yaml:1: lake_ulr: unknown key; did you mean 'lake_url'?\n"
    assert "database" not in ended.out


def test_a_project_without_models_is_told_so(aimon, project):
    (project / "models" / "loans.yaml").unlink()
    ended = aimon("-C", project, "check")
    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith("No mistakes, and no models yet")


def test_a_database_that_is_up_to_date_is_opened_and_left_alone(aimon, project):
    open_store("sqlite:///storage/aimon.db", project).dispose()
    before = (project / "storage" / "aimon.db").read_bytes()
    ended = aimon("-C", project, "check")
    assert "aimon.db\n" in ended.out
    assert (project / "storage" / "aimon.db").read_bytes() == before


def test_a_database_without_tables_is_brought_up_to_date_later(aimon, project):
    (project / "storage").mkdir()
    sqlite3.connect(project / "storage" / "aimon.db").close()
    (project / "storage" / "aimon.db").touch()
    assert "brought up to date on first use" in aimon("-C", project, "check").out


def test_a_database_of_a_newer_version_is_refused(aimon, project):
    open_store("sqlite:///storage/aimon.db", project).dispose()
    with sqlite3.connect(project / "storage" / "aimon.db") as connection:
        connection.execute("UPDATE aimon_version SET version_num = '9999'")
    connection.close()
    ended = aimon("-C", project, "check")
    assert ended.code == 2
    assert "was written by a newer version of aimon (revision 9999); install that version" in ended.err


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("AIMON_DATABASE_URL", "sqlite:///aimon.yaml", "file is not a database"),
        ("AIMON_DATABASE_URL", "sqlite:///aimon.yaml/x.db", "aimon.yaml is a file, not a folder"),
        ("AIMON_DATABASE_URL", "sqlite:////proc/none/x.db", "cannot be made: no such file or directory"),
        ("AIMON_DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/x", "ann:***@127.0.0.1:1/x cannot be used"),
        ("AIMON_DATABASE_URL", "postgresql://ann:secret@h:port/x", "database_url is not a URL"),
        ("AIMON_LAKE_URL", "aimon.yaml/lake", "aimon.yaml is a file, not a folder"),
        ("AIMON_LAKE_URL", "/proc/none/lake", "/proc/none/lake cannot be written: no such file or directory"),
        ("AIMON_LAKE_URL", "x" * 300, "cannot be written: file name too long"),
        ("AIMON_LAKE_URL", "ftp://host/lake", "ftp:// cannot hold a lake"),
    ],
)
def test_a_connection_that_fails_names_the_variable_it_came_from(aimon, project, monkeypatch, name, value, sentence):
    (project / "aimon.yaml").write_text("# settings of a project that is long enough to be looked at as a file\n" * 20)
    monkeypatch.setenv(name, value)
    ended = aimon("-C", project, "check")
    assert ended.code == 2
    assert ended.err.startswith(f"environment: {name}: ")
    assert sentence in ended.err
    assert "secret" not in ended.out + ended.err


def test_a_connection_that_fails_names_file_key_and_line(aimon, project):
    (project / "aimon.yaml").write_text("# where it is\nlake_url: aimon.yaml/lake\n")
    assert aimon("-C", project, "check").err.startswith("aimon.yaml:2: lake_url: ")


def test_a_lake_in_a_store_is_written_to_and_left_empty(aimon, project, monkeypatch):
    monkeypatch.setenv("AIMON_LAKE_URL", "memory://check-lake")
    ended = aimon("-C", project, "check")
    assert ended.code == 0
    assert fsspec.filesystem("memory").find("/check-lake") == []


def test_a_secret_that_lies_beside_the_rows_it_protects_is_a_note(aimon, project, monkeypatch):
    (project / "aimon.yaml").write_text("encrypt_rows: true\n")
    monkeypatch.delenv("AIMON_SECRET", raising=False)
    assert (
        "note: aimon.yaml:1: encrypt_rows: the secret that protects the rows is a file in storage/, beside what it "
        "protects; set AIMON_SECRET before rows are written\n"
    ) in aimon("-C", project, "check").out
    monkeypatch.setenv("AIMON_SECRET", "s" * 40)
    assert "note:" not in aimon("-C", project, "check").out


def test_a_formula_of_what_is_not_counted_for_all_rows_is_a_mistake(aimon, project):
    add(project, "metrics: [{name: own, formula: psi / 2}]\n")
    assert aimon("-C", project, "check").err == (
        "models/loans.yaml:9: metrics[0].formula: psi has no value for all rows, so the formula has none; read one that "
        "has, such as volume\n"
    )


def test_a_period_that_is_not_over_and_a_password_in_a_file_are_notes(aimon, project, monkeypatch):
    monkeypatch.setenv("AIMON_NOW", "2026-09-15T00:00:00Z")
    add(project, "baseline: {from: 2026-09-01, to: 2026-09-30}\n")
    (project / "models" / "fraud.yaml").write_text(
        "model: fraud\ntask: binary\nretired: true\n"
        "source: {kind: sql, url: 'postgresql://ann:secret@h/d', table: t}\ncolumns: {prediction: p}\n"
    )
    for name, senders in (("cards", ""), ("rates", f", senders: {{host: {'0' * 64!r}}}")):
        (project / "models" / f"{name}.yaml").write_text(
            f"model: {name}\ntask: binary\nsource: {{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef{senders}}}"
            "\ncolumns: {prediction: p}\n"
        )
    ended = aimon("-C", project, "check")
    assert ended.code == 0
    assert ended.out.splitlines()[-4:-1] == [
        "note: models/cards.yaml:3: source: no senders are named, so whoever has the public key can make envelopes, and fill a small cohort up; write senders: {...} with the line that `aimon sealed sender` prints for each host",
        "note: models/fraud.yaml:4: source.url: a password stands in the file; write $NAME and set the variable instead",
        "note: models/loans.yaml:9: baseline: 2026-09-30 is not over yet; the baseline is made once it is",
    ]


def test_json_holds_everything_that_was_found(aimon, project):
    change(project, "label: defaulted", "label: defaultd")
    ended = aimon("-C", project, "check", "--json")
    assert ended.code == 2
    found = json.loads(ended.out)
    assert (found["root"], found["ok"], found["notes"]) == (str(project.resolve()), False, [])
    assert [(checked["name"], checked["ok"]) for checked in found["checked"]] == [
        ("database", True),
        ("lake", True),
        ("loans", False),
    ]
    assert found["mistakes"] == [
        {
            "file": "models/loans.yaml",
            "key": "columns.label",
            "line": 7,
            "message": "the source has no column 'defaultd'; did you mean 'defaulted'?",
        }
    ]


def test_every_limited_metric_has_a_bad_side():
    sides = known_metrics()
    assert (sides["psi"], sides["disparate_impact"], sides["roc_auc"]) == (Worse.ABOVE, Worse.BELOW, Worse.BELOW)
    assert sides["selection_rate"] is None
