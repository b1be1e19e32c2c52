"""A project of the size that reads are measured at, made by SQL: the real tables, their indexes, rows as they look.

Each model's day has what a model with sixty columns and a segment has: three windows, six families, and every id.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.platform import open_platform
from aimon.service.server import open_door

MODELS, COLUMNS, SEGMENTS = 50, 60, 3
DRIFT = ("psi", "kl", "js", "wasserstein", "ks", "hellinger", "total_variation")
QUALITY = ("missing_shift", "unseen_share", "out_of_range")
FAIRNESS = ("selection_rate", "tpr", "fpr", "demographic_parity_difference", "disparate_impact")
PERFORMANCE = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier", "ece")
OPERATIONS = ("volume", "error_rate", "low_confidence_rate", "latency_p50", "latency_p95", "latency_p99")
MODEL = "model: {name}\ntask: binary\nsource: {{kind: parquet, path: {name}.parquet}}\ncolumns: {{prediction: y}}\n"
CHANCE = "(abs(({0}) * 2654435761 + {seed}) % 1000003) / 1000003.0"
"""A number between 0 and 1 that looks like any, and is the same each time."""

RECORDS = f"""
INSERT INTO records (model, day, window, family, position, version, metric, "column", segment, value, low, high,
  p_value, p_adjusted, threshold, verdict, n_reference, n_current, low_power, baseline_id, grid_id, run_id, as_of)
SELECT name, day, window, family, position, '1', metric, "column", segment, x, x - 0.1, x + 0.1, x, x, 0.25,
  iif(x < 0.99, 'ok', 'critical'), 100000, 5000, 0, '7fb58129b33027c5-1d247a4c190d72d0', '1d247a4c190d72d0',
  'e43b13ba-ae2a-427e-a8bf-640adb0329e5', :moment
FROM (SELECT m.name, d.day, t.*, {CHANCE.format("m.number * 7919 + d.number * 104729 + t.number", seed=":seed")} x
  FROM names m CROSS JOIN days d CROSS JOIN template t LIMIT :wanted)
"""  # noqa: S608
INCIDENTS = f"""
INSERT INTO incidents (id, cause, kind, model, subject, historic, status, severity, title, first_day, last_day,
  opened_at, updated_at, resolved_at)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :wanted),
  drawn AS (SELECT n, n % 100 = 0 stands, date('2024-01-01', '+' || (n * 1000 / :wanted) || ' days') day,
    printf('model-%02d', CAST({CHANCE.format("n", seed=":seed")} * {MODELS} AS INTEGER)) model FROM numbers)
SELECT n, 'drift|' || model || '|c' || n, 'drift', model, 'c' || n, 0, iif(stands, 'open', 'resolved'),
  iif(n % 3, 'warning', 'critical'), model || ': c' || n || ' drifts', day, day, day || ' 06:00:00.000000',
  day || ' 06:00:00.000000', iif(stands, NULL, day || ' 09:00:00.000000')
FROM drawn
"""  # noqa: S608
EVALUATIONS = """
INSERT INTO evaluations (key, run_id, asset, "check", model, day, severity, passed, timestamp, metadata, received_at)
SELECT 'e43b13ba-ae2a-427e-a8bf-640adb0329e5|drift|drift|' || id, 'e43b13ba-ae2a-427e-a8bf-640adb0329e5', 'drift',
  'drift', model, first_day, 'ERROR', 0, opened_at, '{"description":"The inputs drift."}', opened_at FROM incidents
"""
EVENTS = """
INSERT INTO incident_events (incident_id, kind, at, actor, evaluation_key, detail)
SELECT i.id, k.kind, i.opened_at, 'aimon', 'e43b13ba-ae2a-427e-a8bf-640adb0329e5|drift|drift|' || i.id,
  '{"day":"' || i.first_day || '","findings":5,"severity":"critical"}'
FROM incidents i CROSS JOIN (SELECT 'opened' kind UNION ALL SELECT 'surfaced' UNION ALL SELECT 'resolved') k
"""
FINDINGS = """
INSERT INTO findings (incident_id, fingerprint, window, day, model, version, family, metric, "column", verdict, value,
  low, high, threshold, n_reference, n_current, evaluation_key, found_at)
SELECT i.id, printf('%032x', i.id * 8 + k.place), '1d', i.first_day, i.model, '1', 'drift', k.metric, i.subject,
  'critical', 0.6, 0.5, 0.7, 0.25, 100000, 5000, 'e43b13ba-ae2a-427e-a8bf-640adb0329e5|drift|drift|' || i.id,
  i.opened_at
FROM incidents i CROSS JOIN (SELECT 1 place, 'psi' metric UNION ALL SELECT 2, 'ks' UNION ALL SELECT 3, 'kl') k
"""
NOTICES = """
INSERT INTO notices (id, incident_id, event_id, channel, severity, subject, body, payload, status, attempts,
  next_attempt_at, created_at, delivered_at)
SELECT 'n' || incident_id, incident_id, id, 'file', 'critical', 'drift', 'drift', '{}', 'delivered', 1, at, at, at
FROM incident_events WHERE kind = 'surfaced'
"""
BEATS = "INSERT INTO heartbeats (kind, subject, step, beat_at, day) SELECT 'model', name, 'drift', ?, ? FROM names"


def names() -> list[str]:
    return [f"model-{number:02}" for number in range(MODELS)]


def fill(root: Path, number_of_records: int, number_of_incidents: int, *, now: datetime, seed: int) -> str:
    """Make the project; the key that the clients show."""
    (root / "models").mkdir()
    (root / "aimon.yaml").write_text("")
    for name in names():
        (root / "models" / f"{name}.yaml").write_text(MODEL.format(name=name))
    with open_platform(root) as platform:
        accounts = open_door(platform).accounts
        with accounts.trail.change("benchmark") as change:
            key = keys.create(change, accounts.keyring, "benchmark", [Scope.READ])[1]
    _write(root / "storage" / "aimon.db", number_of_records, number_of_incidents, now, seed)
    return key


def _write(database: Path, number_of_records: int, number_of_incidents: int, now: datetime, seed: int) -> None:
    moment = now.replace(tzinfo=None).isoformat(" ", "microseconds")
    template = list(_template())
    back = -(-number_of_records // (MODELS * len(template)))
    days = [(each, (now.date() - timedelta(days=back - 1 - each)).isoformat()) for each in range(back)]
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-1000000")
        connection.execute("CREATE TEMP TABLE names (number INTEGER, name TEXT)")
        connection.executemany("INSERT INTO names VALUES (?,?)", enumerate(names()))
        connection.execute("CREATE TEMP TABLE days (number INTEGER, day TEXT)")
        connection.executemany("INSERT INTO days VALUES (?,?)", days)
        connection.execute(
            "CREATE TEMP TABLE template (number INTEGER, window TEXT, family TEXT, position INTEGER, metric TEXT, "
            '"column" TEXT, segment TEXT)'
        )
        connection.executemany("INSERT INTO template VALUES (?,?,?,?,?,?,?)", template)
        connection.execute(RECORDS, {"wanted": number_of_records, "moment": moment, "seed": seed})
        connection.execute(INCIDENTS, {"wanted": number_of_incidents, "seed": seed})
        for statement in (EVALUATIONS, EVENTS, FINDINGS, NOTICES):
            connection.execute(statement)
        connection.execute("INSERT INTO revisions SELECT name, 1 FROM names")
        connection.execute(BEATS, (moment, days[-1][1]))


def _template() -> Iterator[tuple[int, str, str, int, str, str | None, str | None]]:
    """The records of a model's day, in the order of the table's key."""
    columns = [f"feature_{number:02}" for number in range(COLUMNS)]
    segments = [None, *(f"channel=c{number}" for number in range(SEGMENTS))]
    families = {
        "drift": [("drift_score", None, None), *((m, c, None) for c in columns for m in DRIFT)]
        + [("psi", c, s) for s in segments[1:] for c in columns],
        "fairness": [(m, c, s) for m in FAIRNESS for c in ("sex", "race") for s in segments],
        "operations": [(m, None, s) for m in OPERATIONS for s in segments],
        "performance": [(m, None, s) for m in PERFORMANCE for s in segments],
        "quality": [(m, c, None) for m in QUALITY for c in columns],
    }
    number = 0
    for window in ("1d", "30d", "7d"):
        for family, own in families.items():
            for position, (metric, column, segment) in enumerate(own):
                yield number, window, family, position, metric, column, segment
                number += 1
