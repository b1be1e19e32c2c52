from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from aimon.store import Store, records
from aimon.verdict.record import Family, Maturity, Record, Verdict

DAY = date(2026, 11, 19)
AS_OF = datetime(2026, 11, 20, 6, tzinfo=UTC)

PSI = Record(
    family=Family.DRIFT,
    metric="psi",
    column="income",
    value=0.31,
    low=0.27,
    high=0.36,
    p_value=1e-12,
    p_adjusted=3e-11,
    threshold=0.25,
    verdict=Verdict.CRITICAL,
    n_reference=68_785,
    n_current=5_000,
)
PARITY = Record(
    family=Family.FAIRNESS,
    metric="demographic_parity_difference",
    column=("sex", "race"),
    segment='channel=a "quoted" [web]',
    groups=(("female", "ünknown"), ("male", 'group "select"')),
    value=0.12,
    verdict=Verdict.WARNING,
    maturity=Maturity.PROVISIONAL,
    low_power=True,
    reason="few rows",
)
COUNT = Record(family=Family.FAIRNESS, metric="count", column="sex", group="female", value=12)


def write(
    store: Store, *written: Record, day: date = DAY, window: str = "1d", families: list[str] | None = None
) -> int:
    with store.transaction() as connection:
        return records.replace(
            connection,
            model="loans",
            version="2.3",
            day=day,
            window=window,
            records=written,
            baseline_id="b1",
            grid_id="g1",
            run_id="r1",
            as_of=AS_OF,
            families=families,
        )


def read(store: Store, since: date = DAY, until: date = DAY, **narrowing: object) -> list[records.StoredRecord]:
    with store.session() as connection:
        return records.query(connection, model="loans", since=since, until=until, **narrowing)  # type: ignore[arg-type]


def test_a_stored_record_has_every_field_of_a_record_and_its_origin() -> None:
    extras = {"model", "version", "day", "window", "baseline_id", "grid_id", "run_id", "as_of"}
    assert {field.name for field in fields(records.StoredRecord)} == {field.name for field in fields(Record)} | extras


def test_records_come_back_as_they_went_in(store: Store) -> None:
    assert write(store, PSI, PARITY, COUNT) == 3
    found = read(store)
    assert [record.metric for record in found] == ["psi", "demographic_parity_difference", "count"]
    for stored, record in zip(found, (PSI, PARITY, COUNT), strict=True):
        assert {name: getattr(stored, name) for name in record.as_json()} == record.as_json()
        assert (stored.model, stored.version, stored.day, stored.window) == ("loans", "2.3", DAY, "1d")
        assert (stored.baseline_id, stored.grid_id, stored.run_id, stored.as_of) == ("b1", "g1", "r1", AS_OF)
    assert found[0].as_json()["as_of"] == "2026-11-20T06:00:00Z"
    assert found[0].as_json()["day"] == "2026-11-19"


def test_replacing_twice_leaves_the_same_rows(store: Store) -> None:
    write(store, PSI, PARITY)
    once = read(store)
    write(store, PSI, PARITY)
    assert read(store) == once


def test_replacing_a_window_leaves_other_days_and_windows_alone(store: Store) -> None:
    write(store, PSI)
    write(store, PSI, window="7d")
    write(store, PSI, day=date(2026, 11, 18))
    write(store, COUNT)
    found = read(store, since=date(2026, 11, 18))
    assert [(record.day.day, record.window, record.metric) for record in found] == [
        (18, "1d", "psi"),
        (19, "1d", "count"),
        (19, "7d", "psi"),
    ]


def test_replacing_one_family_leaves_the_others_alone(store: Store) -> None:
    write(store, PSI, families=("drift",))
    write(store, PARITY, COUNT, families=("fairness",))
    write(store, COUNT, families=("fairness",))
    assert [record.metric for record in read(store)] == ["psi", "count"]
    write(store, families=("drift",))
    assert [record.metric for record in read(store)] == ["count"]


def test_a_record_of_another_family_than_those_replaced_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r"records of \['drift'\] among those of \['fairness'\]"):
        write(store, PSI, families=("fairness",))
    assert read(store) == []


def test_values_that_are_not_finite_are_stored_as_null(store: Store) -> None:
    write(store, Record(family=Family.DRIFT, metric="kl", value=float("nan"), low=float("-inf"), high=float("inf")))
    found = read(store)[0]
    assert (found.value, found.low, found.high) == (None, None, None)


@pytest.mark.parametrize(
    ("narrowing", "metrics"),
    [
        ({"family": "fairness"}, ["demographic_parity_difference", "count"]),
        ({"family": ["drift", "performance"]}, ["psi"]),
        ({"metric": "count"}, ["count"]),
        ({"column": ("sex", "race")}, ["demographic_parity_difference"]),
        ({"column": "sex"}, ["count"]),
        ({"segment": ""}, ["psi", "count"]),
        ({"segment": 'channel=a "quoted" [web]'}, ["demographic_parity_difference"]),
        ({"verdicts": ["critical", "warning"]}, ["psi", "demographic_parity_difference"]),
        ({"window": "30d"}, []),
        ({"limit": 1, "offset": 1}, ["demographic_parity_difference"]),
    ],
)
def test_a_query_narrows_by_each_of_its_arguments(
    store: Store, narrowing: dict[str, object], metrics: list[str]
) -> None:
    write(store, PSI, PARITY, COUNT)
    assert [record.metric for record in read(store, **narrowing)] == metrics


def test_the_alarming_records_of_a_day_are_found_in_all_its_windows(store: Store) -> None:
    write(store, PSI, COUNT)
    write(store, PARITY, window="7d")
    with store.session() as connection:
        found = records.alarming(connection, model="loans", day=DAY, families=["drift", "fairness"])
    assert [(record.window, record.metric) for record in found] == [
        ("1d", "psi"),
        ("7d", "demographic_parity_difference"),
    ]


def test_purging_deletes_only_older_days_of_the_model(store: Store) -> None:
    write(store, PSI, day=date(2026, 11, 17))
    write(store, PSI)
    with store.transaction() as connection:
        assert records.purge(connection, model="loans", before=DAY) == 1
        assert records.purge(connection, model="another", before=date(2027, 1, 1)) == 0
    assert [record.day for record in read(store, since=date(2026, 1, 1))] == [DAY]


def test_what_rules_found_is_read_only_where_it_is_asked_for(store: Store) -> None:
    write(store, PSI, replace(PSI, rule="income-is-still"))
    assert [each.rule for each in read(store)] == [None]
    assert [each.rule for each in read(store, rules=True)] == [None, "income-is-still"]
    with store.session() as connection:
        alarms = records.alarming(connection, model="loans", day=DAY, families=["drift"])
    assert [each.rule for each in alarms] == [None, "income-is-still"]
