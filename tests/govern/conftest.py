"""A lake and a database that hold every kind of data on a few days, old and new."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import insert

from aimon.clock import day_start
from aimon.lake.lake import Lake
from aimon.spec.settings import Retention
from aimon.store import Store, records
from aimon.store.tables import labels
from tests.parcels import put

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
POLICY = Retention(
    predictions=timedelta(days=90),
    samples=timedelta(days=99),
    profiles=timedelta(days=730),
    records=timedelta(days=730),
    reports=timedelta(365),
)
AGES = (1, 89, 90, 91, 100, 366, 367, 731, 732)
"""In days before the one of NOW. A day that is 91 days old ended 90 days and 6 hours ago."""
FILES = {
    "quarantine": ("{}/part-000000.parquet", "{}/counts.json"),
    "samples": ("{}.parquet",),
    "profiles": ("{}/day.parquet", "{}/slot-0.parquet", "{}/slot-3.parquet"),
    "reports": ("{}/report.html",),
    "validation": ("{}.json",),
}
DUE = {
    "predictions": (91, 100, 366, 367, 731, 732),
    "quarantine": (91, 100, 366, 367, 731, 732),
    "samples": (100, 366, 367, 731, 732),
    "inbox": (91, 100, 366, 367, 731, 732),
    "profiles": (731, 732),
    "records": (731, 732),
    "reports": (366, 367, 731, 732),
    "validation": (366, 367, 731, 732),
}


@dataclass(frozen=True)
class Result:
    """A record, as far as the store is concerned."""

    def as_json(self) -> dict[str, Any]:
        empty = dict.fromkeys(
            ("column", "segment", "group", "groups", "value", "low", "high", "p_value", "p_adjusted", "threshold")
        )
        rest = {"maturity": None, "n_reference": 1, "n_current": 1, "low_power": False, "reason": None}
        return {**empty, **rest, "family": "drift", "metric": "psi", "verdict": "ok"}


def day_of(age: int) -> date:
    return NOW.date() - timedelta(days=age)


def fill_lake(lake: Lake, models: Iterable[str], ages: Iterable[int] = AGES) -> None:
    """Every kind of file on each day."""
    for model in models:
        for age in ages:
            day = day_of(age)
            rows = pa.table({"id": [f"{model}-{age}"] * 3})
            lake.write_day(model, day, rows.to_batches(), rows.schema)
            for kind, names in FILES.items():
                for name in names:
                    path = name.format(f"date={day.isoformat()}")
                    lake.write_bytes(f"{kind}/model={model}/{path}", f"{kind} {path}".encode())
        for key in (f"grids/model={model}/g.json", f"baselines/model={model}/b.parquet"):
            lake.write_bytes(key, b"kept")
        lake.write_bytes(f"samples/model={model}/baseline=b.parquet", b"kept")


def fill_store(store: Store, models: Iterable[str], ages: Iterable[int] = AGES) -> None:
    """Records, inbox rows and labels on each day."""
    with store.transaction() as connection:
        for model in models:
            for age in ages:
                day, moment = day_of(age), day_start(day_of(age)) + timedelta(hours=23)
                told = {"baseline_id": None, "grid_id": None, "run_id": None, "as_of": NOW}
                both = [Result(), Result()]
                records.replace(connection, model=model, version="1", day=day, window="1d", records=both, **told)
                put(connection, model, (f"{age}", moment, {}))
                label = {"model": model, "id": f"{age}", "source": "s", "label": 1, "timestamp": moment}
                connection.execute(insert(labels), {**label, "received_at": moment})


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())


@pytest.fixture(scope="session")
def lake_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], None]:
    """Put a model's files into a lake; they are made once and copied, for each one written waits for the disk."""
    made: dict[str, Path] = {}

    def copied(target: Path, model: str) -> None:
        if model not in made:
            made[model] = tmp_path_factory.mktemp("lake")
            fill_lake(Lake(str(made[model])), [model])
        shutil.copytree(made[model], target, dirs_exist_ok=True)

    return copied


@pytest.fixture
def filled(lake: Lake, store: Store, lake_of: Callable[[Path, str], None]) -> Callable[..., None]:
    """Fill lake and database."""

    def fill(*models: str) -> None:
        for model in models:
            lake_of(Path(lake.url), model)
        fill_store(store, models)

    return fill
