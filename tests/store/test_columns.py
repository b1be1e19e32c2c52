from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import StatementError

from aimon.store import Store
from aimon.store.tables import heartbeats, labels, privacy_ledger, records

NOON = datetime(2026, 11, 20, 12, 0, 0, 123_456, tzinfo=UTC)
text = st.text(st.characters(codec="utf-8"), max_size=20)
label = text | st.lists(text, min_size=1, max_size=3).map(tuple)
same_store = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def release(epsilon: object, name: str = "r", moment: datetime = NOON) -> dict[str, object]:
    return {
        "model": "loans",
        "release": name,
        "mechanism": "gaussian",
        "epsilon": epsilon,
        "at": moment,
        "detail": {},
    }


def test_an_instant_comes_back_in_utc_to_the_microsecond(store: Store) -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with store.transaction() as connection:
        connection.execute(insert(heartbeats), {"kind": "k", "subject": "s", "step": "p", "beat_at": east})
    with store.session() as connection:
        found = connection.execute(select(heartbeats.c.beat_at).where(heartbeats.c.beat_at == NOON)).scalar_one()
    assert found == NOON
    assert found.tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused(store: Store) -> None:
    row = {"kind": "k", "subject": "s", "step": "p", "beat_at": NOON.replace(tzinfo=None)}
    with pytest.raises(StatementError, match="has no time zone"), store.transaction() as connection:
        connection.execute(insert(heartbeats), row)


@pytest.mark.parametrize("exact", ["0.1", "1E-10", "123456789012345678901234567890.123456789", "-0.000000000000000001"])
def test_a_decimal_comes_back_digit_by_digit(store: Store, exact: str) -> None:
    with store.transaction() as connection:
        connection.execute(insert(privacy_ledger), release(Decimal(exact)))
    with store.session() as connection:
        assert connection.execute(select(privacy_ledger.c.epsilon)).scalar_one() == Decimal(exact)


@pytest.mark.parametrize("wrong", [0.1, 1, Decimal("NaN")])
def test_what_is_no_finite_decimal_is_refused_as_one(store: Store, wrong: object) -> None:
    with pytest.raises(StatementError, match="is not a finite Decimal"), store.transaction() as connection:
        connection.execute(insert(privacy_ledger), release(wrong))


@given(first=label, second=label)
@same_store
def test_any_label_comes_back_and_no_two_are_taken_for_one(store: Store, first: object, second: object) -> None:
    row = {
        "model": "m",
        "day": date(2026, 1, 1),
        "window": "1d",
        "family": "drift",
        "version": "1",
        "metric": "psi",
        "verdict": "ok",
        "low_power": False,
        "as_of": NOON,
    }
    with store.transaction() as connection:
        connection.execute(delete(records))
        connection.execute(insert(records), [{**row, "position": 0, "column": first, "groups": (first, second)}])
        found = connection.execute(select(records.c.column, records.c.groups)).one()
        same = connection.execute(select(records.c.position).where(records.c.column == second)).all()
    assert tuple(found) == (first, (first, second))
    assert bool(same) == (first == second)


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


@given(payload=st.dictionaries(text, json, max_size=4))
@same_store
def test_any_json_comes_back(store: Store, payload: dict[str, object]) -> None:
    row = {"model": "m", "id": "1", "source": "s", "timestamp": NOON, "received_at": NOON, "label": payload}
    with store.transaction() as connection:
        connection.execute(delete(labels))
        connection.execute(insert(labels), row)
        assert connection.execute(select(labels.c.label)).scalar_one() == payload


def test_json_that_is_no_json_is_refused(store: Store) -> None:
    row = {"model": "m", "id": "1", "source": "s", "timestamp": NOON, "received_at": NOON}
    with pytest.raises((StatementError, ValueError), match="Out of range float"), store.transaction() as connection:
        connection.execute(insert(labels), {**row, "label": {"score": float("nan")}})
