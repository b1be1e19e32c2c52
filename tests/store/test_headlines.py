"""What stands for a model, found by its index on either database, and the counter that says whether it changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from aimon.store import Store, headlines, incidents, records

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = NOW.date()


class Result:
    """A record, as far as the store is concerned."""

    def __init__(self, metric: str, value: float, **more: Any) -> None:
        self._told = {"family": "drift", "metric": metric, "value": value, "verdict": "ok", **more}

    def as_json(self) -> dict[str, Any]:
        names = ("column", "segment", "group", "groups", "low", "high", "p_value", "p_adjusted", "threshold")
        rest = {"maturity": None, "n_reference": 1, "n_current": 1, "low_power": False, "reason": None, "rule": None}
        return {**dict.fromkeys(names), **rest, **self._told}


def keep(store: Store, model: str, day: date, *found: Result, window: str = "1d", version: str = "1") -> None:
    origin = {"baseline_id": "b", "grid_id": "g", "run_id": None, "as_of": NOW}
    with store.transaction() as connection:
        records.replace(connection, model=model, version=version, day=day, window=window, records=found, **origin)


def test_only_what_is_of_all_rows_and_the_days_own_window_stands_for_a_model(store: Store) -> None:
    keep(
        store,
        "loans",
        TODAY,
        Result("drift_score", 12.0),
        Result("drift_score", 99.0, segment="region=north"),
        Result("disparate_impact", 0.7, column=("sex", "race"), threshold=0.8, verdict="warning"),
        Result("accuracy", 0.9, group="female"),
        Result("psi", 0.3, column="income"),
        Result("volume", 5.0, rule="mine"),
    )
    keep(store, "loans", TODAY, Result("drift_score", 50.0), window="7d")
    keep(store, "loans", TODAY - timedelta(days=9), Result("drift_score", 9.0), Result("mae", 2.0))
    keep(store, "loans", TODAY - timedelta(days=40), Result("mae", 4.0))
    keep(store, "cards", TODAY, Result("drift_score", 3.0))
    with store.session() as connection:
        days = {"since": TODAY - timedelta(days=5), "labelled_since": TODAY - timedelta(days=30)}
        found = headlines.of_models(connection, **days)
        one = headlines.of_models(connection, **days, models={"loans", "none"})
        scores = headlines.drift_scores(connection, since=TODAY - timedelta(days=30))

    assert sorted((each.metric, each.column, each.value, each.threshold) for each in found["loans"]) == [
        ("disparate_impact", ("sex", "race"), 0.7, 0.8),
        ("drift_score", None, 12.0, None),
        ("mae", None, 2.0, None),
    ]
    assert sorted(found) == ["cards", "loans"]
    assert one == {"loans": found["loans"]}
    assert [each.value for each in scores["loans"]] == [9.0, 12.0]


def test_each_replacement_of_a_models_records_is_counted(store: Store) -> None:
    keep(store, "loans", TODAY, Result("drift_score", 1.0))
    keep(store, "cards", TODAY)
    keep(store, "loans", TODAY, Result("drift_score", 2.0))
    with store.session() as connection:
        assert headlines.revisions_of(connection) == {"loans": 2, "cards": 1}


def test_the_versions_that_were_judged_are_told_with_their_days(store: Store) -> None:
    keep(store, "loans", TODAY - timedelta(days=2), Result("drift_score", 1.0), version="1")
    keep(store, "loans", TODAY - timedelta(days=1), Result("drift_score", 1.0), Result("volume", 2.0), version="2")
    keep(store, "loans", TODAY, Result("drift_score", 1.0), version="2")
    with store.session() as connection:
        assert records.versions(connection, model="loans") == [
            ("2", TODAY - timedelta(days=1), TODAY, 2),
            ("1", TODAY - timedelta(days=2), TODAY - timedelta(days=2), 1),
        ]
        assert records.last_day(connection, model="loans", window="1d") == TODAY
        assert records.last_day(connection, model="loans", window="7d") is None


def test_standing_incidents_are_counted_with_the_newest_of_each_severity(store: Store) -> None:
    told: dict[str, Any] = {"kind": "drift", "model": "loans", "subject": "x", "title": "t"}
    days = {"first_day": TODAY, "last_day": TODAY, "at": NOW}
    with store.transaction() as connection:
        numbers = [
            incidents.add(connection, cause=str(n), severity=severity, historic=historic, **told, **days)
            for n, (severity, historic) in enumerate(
                [("critical", False), ("critical", False), ("warning", False), ("critical", True), ("critical", False)]
            )
        ]
        incidents.resolve(connection, numbers[-1], at=NOW)
    with store.session() as connection:
        found = incidents.standing(connection)
        assert sorted(found) == [("loans", "critical", 2, numbers[1]), ("loans", "warning", 1, numbers[2])]
        assert [each.id for each in incidents.of_numbers(connection, [numbers[1]])] == [numbers[1]]
        assert incidents.standing_counts(connection) == {"loans": {"critical": 2, "warning": 1}}
