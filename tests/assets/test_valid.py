from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest

from aimon.platform import Platform, open_platform
from aimon.store import incidents
from aimon.validate.finding import Finding, Severity, Validation
from aimon_pipelines.execution import Ran, run_model_days
from assets.valid import judgement
from resources.names import PREDICTIONS, REPORT
from tests.tiny_project import FIRST

DAY = date(2026, 11, 20)


def finding(name: str, severity: Severity = Severity.WARNS, column: str | None = None) -> Finding:
    return Finding(
        name=name,
        column=column,
        severity=severity,
        passed=False,
        failing=3,
        rows=400,
        sentence=f"{name} is wrong.",
        keys=("a", "b"),
    )


def validated(*findings: Finding) -> Validation:
    return Validation(
        model="loans",
        day=DAY,
        rows=400,
        looked_at=400,
        duplicates=1,
        quarantined={"without an id": 2},
        slots=(100, 100, 100, 100),
        lag=60.0,
        findings=findings,
    )


def test_data_that_cannot_be_used_is_an_error_and_odd_data_a_warning() -> None:
    odd = judgement(validated(finding("freshness")))
    unusable = judgement(validated(finding("freshness"), finding("rows", Severity.BLOCKS)))

    assert (odd.passed, odd.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert odd.description == "Freshness is wrong."
    assert (unusable.passed, unusable.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert unusable.description == "The rows cannot be used. Rows is wrong. Freshness is wrong."


def test_what_is_odd_within_a_column_is_shown_and_left_to_the_check_of_quality() -> None:
    judged = judgement(validated(finding("nulls", column="income")))

    assert judged.passed
    (row,) = judged.metadata["failed"].records
    assert row.data == {
        "finding": "nulls",
        "column": "income",
        "then": "warns",
        "failing": 3,
        "rows": 400,
        "keys": "a, b",
        "sentence": "nulls is wrong.",
    }
    assert (judged.metadata["quarantined"], judged.metadata["duplicates"]) == (2, 1)


@pytest.fixture
def ran(root: Path, instance: dg.DagsterInstance) -> Ran:
    """A run of a day without predictions, and what follows from it."""
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    pq.write_table(pq.read_table(source).drop_columns("decision"), source)
    with open_platform(root) as platform:
        return run_model_days(platform, instance, "alpha", FIRST, FIRST)


def test_a_day_that_cannot_be_used_stops_after_its_predictions_and_opens_one_incident(
    ran: Ran, platform: Platform, instance: dg.DagsterInstance
) -> None:
    assert ran.failures == {"2026-11-01|alpha": "The rows cannot be used. The column decision is missing."}
    assert instance.get_materialized_partitions(PREDICTIONS) == {"2026-11-01|alpha"}
    assert instance.get_materialized_partitions(REPORT) == set()
    with platform.store.session() as connection:
        (incident,) = incidents.query(connection)
    assert (incident.kind, incident.subject, incident.severity) == ("findings", "valid", "critical")
    assert incident.title == "alpha: The rows cannot be used. The column decision is missing"
