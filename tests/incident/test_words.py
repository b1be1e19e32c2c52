from datetime import date
from typing import Any

import pytest

from aimon.incident.cause import Cause, Kind
from aimon.incident.found import severity_of, worst_first
from aimon.incident.words import body, described
from aimon.store.findings import Finding

DAY = date(2026, 11, 19)
DRIFT = Cause(Kind.FINDINGS, "loans", "drift")


def finding(**fields: Any) -> Finding:
    given = {
        "fingerprint": "f",
        "window": "1d",
        "day": DAY,
        "model": "loans",
        "version": "2.3",
        "family": "drift",
        "metric": "psi",
        "verdict": "critical",
        "column": "income",
        "value": 0.5,
        "threshold": 0.25,
    }
    return Finding(**{**given, **fields})


@pytest.mark.parametrize(
    ("fields", "clause"),
    [
        ({}, "psi of income is 0.5, above its limit of 0.25"),
        ({"window": "30d"}, "psi of income is 0.5 over the last 30 days, above its limit of 0.25"),
        ({"value": 0.1}, "psi of income is 0.1, below its limit of 0.25"),
        ({"value": None}, "psi of income is not computable"),
        ({"threshold": None}, "psi of income is 0.5"),
        ({"column": None, "value": 12_345.6}, "psi is 12,346, above its limit of 0.25"),
        (
            {"column": ("sex", "race"), "group": ("female", "b"), "segment": "channel=web"},
            "psi of sex x race for female x b where channel=web is 0.5, above its limit of 0.25",
        ),
        (
            {"column": "sex", "groups": ("female", "male")},
            "psi of sex between female and male is 0.5, above its limit of 0.25",
        ),
        ({"note": "No rows arrived."}, "No rows arrived"),
    ],
)
def test_a_finding_is_one_clause(fields: dict[str, Any], clause: str) -> None:
    assert described(finding(**fields)) == clause


def test_many_findings_are_counted_and_a_few_are_shown() -> None:
    found = worst_first(finding(column=f"c{place}", value=0.3 + place / 10) for place in range(7))
    said = body(DRIFT, found, (DAY, DAY), None).splitlines()
    assert (
        said[0] == "On 2026-11-19 the drift check of loans (version 2.3) found 7 values beyond the limits, 7 critical."
    )
    assert said[1] == "Worst: psi of c6 is 0.9, above its limit of 0.25."
    assert said[2].startswith("Also: psi of c5 is 0.8, above its limit of 0.25; psi of c4")
    assert said[2].endswith("; and 2 more.")
    assert said[3].startswith("Next: ")


def test_none_critical_is_said() -> None:
    assert "1 value beyond the limits, none critical." in body(DRIFT, [finding(verdict="warning")], (DAY, DAY), None)


def test_a_label_with_a_character_no_database_takes_is_written_without_it() -> None:
    assert "psi of inco me" in body(DRIFT, [finding(column="inco\0 me")], (DAY, DAY), None)


def test_the_worst_is_critical_first_and_then_farthest_beyond_its_limit() -> None:
    mild, wild = finding(column="mild", value=0.26), finding(column="wild", value=2.0)
    warned = finding(column="warned", value=9.0, verdict="warning")
    unlimited = finding(column="unlimited", threshold=None)
    assert worst_first([warned, unlimited, mild, wild]) == [wild, mild, unlimited, warned]
    assert severity_of([warned, mild]) == "critical"
    assert severity_of([warned]) == "warning"


def test_a_ratio_below_its_limit_is_far_beyond_it_too() -> None:
    half = finding(metric="disparate_impact", value=0.2, threshold=0.8)
    near = finding(metric="disparate_impact", value=0.75, threshold=0.8)
    assert worst_first([near, half]) == [half, near]
