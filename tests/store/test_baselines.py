from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from aimon.errors import MissingError, StoreError
from aimon.store import Store, baselines, grids, tables
from aimon.store.baselines import Status, StoredBaseline

PERIOD = {"from": "2026-09-01", "to": "2026-09-30"}


@pytest.fixture
def with_grid(store: Store) -> Store:
    with store.transaction() as connection:
        for model in ("loans", "fraud"):
            grids.add(connection, model=model, id="g1", artifact=f"grids/model={model}/g1.json", reference=PERIOD)
    return store


def propose(store: Store, name: str, *, model: str = "loans", sha256: str = "ab") -> StoredBaseline:
    with store.transaction() as connection:
        return baselines.create(
            connection,
            model=model,
            id=name,
            grid_id="g1",
            artifact=f"baselines/{name}.parquet",
            sha256=sha256,
            rows=68_785,
            reference=PERIOD,
            created_by="models/loans.yaml",
        )


def activate(store: Store, name: str, *, model: str = "loans") -> None:
    with store.transaction() as connection:
        baselines.activate(connection, model, name)


def test_a_new_baseline_is_proposed_and_not_yet_compared_with(with_grid: Store) -> None:
    created = propose(with_grid, "b1")
    assert (created.status, created.rows, created.reference) == (Status.PROPOSED, 68_785, PERIOD)
    assert created.approved_at is created.activated_at is created.archived_at is None
    with with_grid.session() as connection:
        assert baselines.active(connection, "loans") is None


def test_proposing_the_same_again_changes_nothing(with_grid: Store) -> None:
    created = propose(with_grid, "b1")
    activate(with_grid, "b1")
    assert propose(with_grid, "b1").created_at == created.created_at
    with with_grid.session() as connection:
        assert [baseline.status for baseline in baselines.of_model(connection, "loans")] == [Status.ACTIVE]


def test_the_same_id_with_other_content_is_refused(with_grid: Store) -> None:
    propose(with_grid, "b1")
    with pytest.raises(StoreError, match="baseline b1 of loans exists with other content; give the new one another id"):
        propose(with_grid, "b1", sha256="cd")


def test_activating_one_archives_the_other_and_leaves_other_models_alone(with_grid: Store) -> None:
    propose(with_grid, "b1")
    propose(with_grid, "b2")
    propose(with_grid, "b1", model="fraud")
    activate(with_grid, "b1", model="fraud")
    activate(with_grid, "b1")
    activate(with_grid, "b2")
    with with_grid.session() as connection:
        first, second = baselines.of_model(connection, "loans")
        assert (first.id, first.status) == ("b1", Status.ARCHIVED)
        assert first.archived_at is not None
        assert (second.id, second.status) == ("b2", Status.ACTIVE)
        assert baselines.active(connection, "loans") == second
        other = baselines.active(connection, "fraud")
    assert other is not None
    assert other.model == "fraud"


def test_activating_the_active_one_changes_nothing(with_grid: Store) -> None:
    propose(with_grid, "b1")
    activate(with_grid, "b1")
    with with_grid.session() as connection:
        before = baselines.active(connection, "loans")
    activate(with_grid, "b1")
    with with_grid.session() as connection:
        assert baselines.active(connection, "loans") == before


def test_the_database_itself_refuses_a_second_active_baseline(with_grid: Store) -> None:
    propose(with_grid, "b1")
    propose(with_grid, "b2")
    with pytest.raises(IntegrityError), with_grid.transaction() as connection:
        connection.execute(update(tables.baselines).values(status="active"))


def test_the_first_approval_stands(with_grid: Store) -> None:
    propose(with_grid, "b1")
    with with_grid.transaction() as connection:
        first = baselines.approve(connection, "loans", "b1", by="ann")
        second = baselines.approve(connection, "loans", "b1", by="bob")
    assert first == second
    assert first.approved_by == "ann"
    assert first.approved_at is not None


def test_a_baseline_that_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(MissingError, match="model loans has no baseline b9"):
        activate(store, "b9")


def test_a_baseline_needs_a_grid_that_is_known(store: Store) -> None:
    with pytest.raises(IntegrityError):
        propose(store, "b1")


def test_a_grid_that_is_added_again_stays_as_it_was(store: Store) -> None:
    with store.transaction() as connection:
        first = grids.add(connection, model="loans", id="g1", artifact="grids/g1.json", reference=PERIOD)
        again = grids.add(connection, model="loans", id="g1", artifact="elsewhere", reference={})
        grids.add(connection, model="fraud", id="g2", artifact="grids/g2.json", reference=PERIOD)
    assert again == first
    with store.session() as connection:
        assert grids.of_model(connection, "loans") == [first]
        assert grids.get(connection, "loans", "g2") is None


def test_grids_are_listed_in_the_order_they_were_made(store: Store) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    rows = [
        {"model": "m", "id": "a", "artifact": "", "reference": {}, "created_at": late},
        {"model": "m", "id": "b", "artifact": "", "reference": {}, "created_at": early},
    ]
    with store.transaction() as connection:
        connection.execute(insert(tables.grids), rows)
        assert [grid.id for grid in grids.of_model(connection, "m")] == ["b", "a"]
