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
        ({}, "income drifted (PSI 0.5, limit 0.25)"),
        ({"window": "30d"}, "income drifted over the last 30 days (PSI 0.5, limit 0.25)"),
        ({"value": 0.1, "rule": "too-still"}, "PSI of income is 0.1, below what the rule too-still allows, 0.25"),
        ({"value": None}, "PSI of income is not computable"),
        ({"threshold": None}, "PSI of income is 0.5"),
        (
            {"column": None, "metric": "cost_usd", "value": 122.4, "threshold": 70.0},
            "cost is $122.40, above its limit of $70.00",
        ),
        (
            {"column": ("sex", "race"), "group": ("female", "b"), "segment": "channel=web"},
            "PSI of sex\u00d7race for female / b where channel=web is 0.5, above its limit of 0.25",
        ),
        (
            {
                "metric": "disparate_impact",
                "column": "sex",
                "groups": ("female", "male"),
                "value": 0.6,
                "threshold": 0.8,
            },
            "female is selected less often than male (disparate impact 0.6, limit 0.8)",
        ),
        (
            {"metric": "equalized_odds_difference", "column": "sex", "groups": ("female", "male"), "threshold": 0.1},
            "equalized odds difference of sex between female and male is 50%, above its limit of 10%",
        ),
        (
            {"metric": "out_of_range", "segment": "site=north", "value": 0.72, "threshold": 0.2},
            "income leaves the baseline's range where site=north (out of range 72%, limit 20%)",
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
    assert said[1] == "Worst: c6 drifted (PSI 0.9, limit 0.25)."
    assert said[2].startswith("Also: c5 drifted (PSI 0.8, limit 0.25); c4 drifted")
    assert said[2].endswith("; and 2 more.")
    assert said[3].startswith("Next: ")


def test_none_critical_is_said() -> None:
    assert "1 value beyond the limits, none critical." in body(DRIFT, [finding(verdict="warning")], (DAY, DAY), None)


def test_a_label_with_a_character_no_database_takes_is_written_without_it() -> None:
    assert "inco me drifted" in body(DRIFT, [finding(column="inco\0 me")], (DAY, DAY), None)


def test_the_worst_is_critical_first_and_then_farthest_beyond_its_limit() -> None:
    mild, wild = finding(column="mild", value=0.26), finding(column="wild", value=2.0)
    warned = finding(column="warned", value=9.0, verdict="warning")
    unlimited = finding(column="unlimited", threshold=None)
    assert worst_first([warned, unlimited, mild, wild]) == [wild, mild, unlimited, warned]
    assert severity_of([warned, mild]) == "critical"
    assert severity_of([warned]) == "warning"


def test_the_whole_leads_before_a_part_that_is_little_worse() -> None:
    whole, part, crossed = (
        finding(value=0.48),
        finding(value=0.56, segment="a=b"),
        finding(value=2.0, column=("s", "r")),
    )
    assert worst_first([part, whole]) == [whole, part]
    assert worst_first([whole, crossed]) == [crossed, whole]


def test_a_ratio_below_its_limit_is_far_beyond_it_too() -> None:
    half = finding(metric="disparate_impact", value=0.2, threshold=0.8)
    near = finding(metric="disparate_impact", value=0.75, threshold=0.8)
    assert worst_first([near, half]) == [half, near]
