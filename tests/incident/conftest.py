"""A small world for incidents: records of a model's days, checks that judged them, and the state they lead to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import SeedResult, open_from_evaluations
from aimon.store import Store, findings, incidents, notices, records
from aimon.store.findings import StoredFinding
from aimon.store.incidents import Incident, IncidentEvent
from aimon.store.notices import Notice
from aimon.verdict.record import Family, Record, Verdict

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAY = date(2026, 11, 19)


@dataclass
class World:
    """The store, and short ways to put things into it and to look at it."""

    store: Store
    judged: int = field(default=0)

    def drift(
        self,
        *columns: str,
        verdict: Verdict = Verdict.CRITICAL,
        model: str = "loans",
        day: date = DAY,
        value: float = 0.31,
        window: str = "1d",
    ) -> None:
        """The drift records of a window that ends with the day: these columns alarm, another one does not."""
        alarms = [
            Record(
                family=Family.DRIFT,
                metric="psi",
                column=column,
                value=value + place / 100,
                low=0.27,
                high=0.36,
                threshold=0.25,
                verdict=verdict,
                n_reference=68_785,
                n_current=5_000,
            )
            for place, column in enumerate(columns)
        ]
        calm = Record(family=Family.DRIFT, metric="psi", column="calm", value=0.01, threshold=0.25)
        self.write([*alarms, calm], family=Family.DRIFT, model=model, day=day, window=window)

    def write(
        self, written: Iterable[Record], *, family: Family, model: str = "loans", day: date = DAY, window: str = "1d"
    ) -> None:
        with self.store.transaction() as connection:
            records.replace(
                connection,
                model=model,
                version="2.3",
                day=day,
                window=window,
                records=written,
                baseline_id="b1",
                grid_id="g1",
                run_id="r",
                as_of=NOW,
                families=[family],
            )

    def evaluation(self, *, passed: bool = False, check: str = "drift", **fields: Any) -> Evaluation:
        """A new evaluation, later than all before it."""
        self.judged += 1
        given: dict[str, Any] = {
            "run_id": f"run-{self.judged}",
            "asset": check,
            "model": "loans",
            "day": DAY,
            "timestamp": NOW + timedelta(seconds=self.judged),
        }
        return Evaluation(passed=passed, check=check, **{**given, **fields})

    def judge(self, *, passed: bool = False, check: str = "drift", **fields: Any) -> SeedResult:
        return open_from_evaluations(self.store, [self.evaluation(passed=passed, check=check, **fields)])

    def incidents(self) -> list[Incident]:
        """All incidents, the oldest first."""
        with self.store.session() as connection:
            return incidents.query(connection)[::-1]

    def events(self, incident_id: int) -> list[IncidentEvent]:
        with self.store.session() as connection:
            return incidents.events(connection, incident_id)

    def findings(self, incident_id: int) -> list[StoredFinding]:
        with self.store.session() as connection:
            return findings.of_incident(connection, incident_id)

    def notices(self, incident_id: int) -> list[Notice]:
        with self.store.session() as connection:
            return notices.of_incident(connection, incident_id)


@pytest.fixture(scope="session")
def worlds() -> Callable[[Store], World]:
    """Makes a world around a store of the test's own."""
    return World


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops the clock at an instant."""

    def stop(moment: datetime) -> None:
        monkeypatch.setenv("AIMON_NOW", moment.isoformat())

    stop(NOW)
    return stop


@pytest.fixture
def world(store: Store, at: Callable[[datetime], None]) -> World:
    return World(store)
