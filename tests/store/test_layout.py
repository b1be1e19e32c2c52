"""Laws of all tables at once."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, PrimaryKeyConstraint, Table, UniqueConstraint, text

import aimon.store
from aimon.store import Store
from aimon.store.columns import UtcDateTime
from aimon.store.tables import metadata
from aimon.store.tables.headlines import CONDITION as HEADLINES

HEADLINES_OF_A_MODEL = (
    f"SELECT day, metric, value FROM records WHERE {HEADLINES} AND model = 'm' AND day >= '2026-01-01' "  # noqa: S608
    "ORDER BY model, day"
)
STANDING_INCIDENTS = (
    "SELECT model, severity, count(*), max(id) FROM incidents WHERE resolved_at IS NULL AND NOT historic "
    "GROUP BY model, severity"
)
TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_says_what_it_is_for_and_every_instant_is_utc(table: Table) -> None:
    assert table.comment
    assert table.primary_key.columns
    for column in table.columns:
        if column.name.endswith("_at") or column.name in ("at", "timestamp", "as_of"):
            assert isinstance(column.type, UtcDateTime), column
        if isinstance(column.type, UtcDateTime):
            assert column.name.endswith("_at") or column.name in ("at", "timestamp", "as_of"), column


def test_every_foreign_key_can_be_followed_backwards_without_reading_the_whole_table() -> None:
    unindexed = []
    for table in TABLES:
        keys = [rule for rule in table.constraints if isinstance(rule, (PrimaryKeyConstraint, UniqueConstraint))]
        leading = {rule.columns[0].name for rule in [*keys, *table.indexes]}
        unindexed += [f"{table.name}.{key.parent.name}" for key in table.foreign_keys if key.parent.name not in leading]
    assert unindexed == ["baselines.grid_id"]  # a model has few baselines


def test_no_statement_outside_the_store_names_a_table() -> None:
    package = Path(aimon.store.__file__).parent.parent
    statement = re.compile(rf"\b(FROM|INTO|UPDATE)\s+({'|'.join(sorted(metadata.tables))})\b")
    files = [file for file in package.rglob("*.py") if "store" not in file.relative_to(package).parts]
    assert len(files) > 20
    assert [file.name for file in files if statement.search(file.read_text())] == []


def _plan(connection: Connection, statement: str) -> str:
    if connection.dialect.name == "sqlite":
        return " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")))
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return " ".join(connection.execute(text(f"EXPLAIN {statement}")).scalars())


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM records WHERE model = 'm' AND day >= '2026-01-01' AND day <= '2026-01-30'", "records"),
        (
            "SELECT sequence FROM inbox WHERE model = 'm' AND day = '2026-01-01' ORDER BY sequence",
            "ix_inbox_model_day_sequence",
        ),
        ("SELECT * FROM notices WHERE status = 'pending' AND next_attempt_at <= '2026-01-01'", "ix_notices_pending"),
        ("SELECT * FROM notices WHERE status = 'digest' AND next_attempt_at <= '2026-01-01'", "ix_notices_digest"),
        ("SELECT * FROM notices WHERE status = 'dead' ORDER BY created_at DESC LIMIT 50", "ix_notices_dead"),
        ("SELECT * FROM silences WHERE ends_at > '2026-01-01'", "ix_silences_ends_at"),
        (  # PostgreSQL takes any of the small ones where there is nothing to read
            "SELECT * FROM incidents WHERE cause = 'c' AND NOT historic AND resolved_at IS NULL",
            "uq_incidents_unresolved_cause|Index Scan using ix_incidents_(unresolved|standing)",
        ),
        ("SELECT * FROM incidents WHERE model = 'm' ORDER BY id DESC LIMIT 50", "ix_incidents_model_id"),
        ("SELECT * FROM incidents WHERE severity = 'critical' ORDER BY id DESC LIMIT 50", "ix_incidents_severity_id"),
        (
            "SELECT * FROM incidents WHERE status = 'resolved' AND id < 900 ORDER BY id DESC LIMIT 50",
            "ix_incidents_status_id",
        ),
        (
            "SELECT * FROM incidents WHERE model = 'm' AND severity = 'critical' ORDER BY id DESC LIMIT 50",
            "ix_incidents_model_severity_id",
        ),
        ("SELECT * FROM incidents WHERE resolved_at IS NULL ORDER BY id DESC LIMIT 50", "ix_incidents_unresolved"),
        (
            "SELECT * FROM incidents WHERE resolved_at IS NULL AND model = 'm' ORDER BY id DESC LIMIT 50",
            "ix_incidents_unresolved_of_model",
        ),
        (
            "SELECT * FROM incidents WHERE resolved_at IS NULL AND severity = 'warning' ORDER BY id DESC LIMIT 50",
            "ix_incidents_unresolved_by_severity",
        ),
        ("SELECT * FROM incidents WHERE historic ORDER BY id DESC LIMIT 50", "ix_incidents_historic"),
        ("SELECT count(*) FROM notices WHERE status = 'dead'", "ix_notices_dead"),
        ("SELECT * FROM evaluations WHERE model = 'm' AND day = '2026-01-01'", "ix_evaluations_model_day"),
        ("SELECT * FROM findings WHERE model = 'm' AND day = '2026-01-01'", "ix_findings_model_day_family"),
        ("SELECT * FROM findings WHERE family = 'silence' AND cleared_at IS NULL", "ix_findings_standing"),
        ("SELECT * FROM findings WHERE incident_id = 1", "ix_findings_incident_id"),
        ("SELECT * FROM incident_events WHERE incident_id = 1 ORDER BY id", "ix_incident_events_incident_id_id"),
        (
            "SELECT * FROM notices ORDER BY event_id DESC, channel DESC LIMIT 50",
            "uq_notices_event_id|autoindex_notices",
        ),
        ("SELECT * FROM edits WHERE file = 'f' ORDER BY id DESC LIMIT 50", "ix_edits_file_id"),
        (
            STANDING_INCIDENTS,
            "ix_incidents_standing",
        ),
        (
            HEADLINES_OF_A_MODEL,
            "ix_records_headlines",
        ),
    ],
)
def test_what_is_asked_often_is_found_by_an_index(store: Store, statement: str, index: str) -> None:
    with store.session() as connection:
        plan = _plan(connection, statement)
    expected = {"records": "pk_records|PRIMARY KEY"}.get(index, index)
    assert re.search(expected, plan), plan
    assert "TEMP B-TREE" not in plan


def test_the_reference_page_lists_every_table_with_its_key_and_purpose() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/database.md").read_text()
    listed = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 4]
    keys = [", ".join(f"`{column.name}`" for column in table.primary_key.columns) for table in TABLES]
    expected = [f"| `{table.name}` | {key} | {table.comment} |" for table, key in zip(TABLES, keys, strict=True)]
    assert [line for line in listed if "://" not in line] == expected
