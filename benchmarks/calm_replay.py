"""The replay: every day of every model is judged, told, grouped, routed and delivered by the product's own code.

Only the rows are missing: counts come from the simulated fleet, and the channel keeps what it is handed.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from aimon import clock
from aimon.clock import DAY
from aimon.daily.judging import per_window
from aimon.daily.window import WINDOWS, Window
from aimon.incident.cause import CHECK_FAMILIES
from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.failures import mended, report_failure, standing_failures
from aimon.incident.routes import Routing
from aimon.incident.seed import open_from_evaluations
from aimon.incident.silence import Expectation, awaited, watch
from aimon.profile.profile import Profile
from aimon.store import Store, open_store, records, registry
from aimon.store.notices import Notice
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Family, Maturity, Record
from benchmarks.calm_fleet import Model, Tables, baseline_of

MORNING = timedelta(hours=6)
OVERDUE = timedelta(hours=12)
ROUTING = Routing()
"""What holds where nothing is declared."""

NOON = timedelta(hours=13)
LABELLED = ("performance",)
LONGEST = max(window.days for window in WINDOWS)


@dataclass
class Kept:
    """The channel: what it was handed, and when."""

    notices: list[tuple[Notice, date]] = field(default_factory=list)
    today: date = date.min

    def send(self, notice: Notice) -> None:
        self.notices.append((notice, self.today))


@dataclass
class Watched:
    """One model under watch: its reference, and the counts of its last days by day."""

    model: Model
    features: Profile
    outcomes: Profile
    recent: deque[Tables] = field(default_factory=lambda: deque(maxlen=LONGEST))
    waiting: deque[tuple[date, Tables]] = field(default_factory=deque)
    labelled: deque[Tables] = field(default_factory=lambda: deque(maxlen=LONGEST))


@dataclass
class Replay:
    """What the replay leaves: the store, what the channel got, and how many checks failed on which day."""

    store: Store
    channel: Kept
    failed_checks: list[tuple[str, date, str]] = field(default_factory=list)


def replay(models: Sequence[Model], first: date, days: int, folder: Path) -> Replay:
    """Live through the days."""
    store = open_store("sqlite:///calm.db", folder)
    done = Replay(store, Kept())
    watched = [_watched(model, first) for model in models]
    with clock.stopped_at(clock.day_start(first)), store.transaction() as connection:
        for model in models:
            registry.declare(connection, model.spec, file=f"{model.name}.yaml", yaml_sha256="1")
    for offset in range(days):
        _live(done, watched, first + offset * DAY)
    return done


def _watched(model: Model, first: date) -> Watched:
    baseline = baseline_of(model, first)
    outcome = {key: counts for key, counts in baseline.tables.items() if key.table in ("rows", "labelled", "confusion")}
    feature = {key: counts for key, counts in baseline.tables.items() if key.table not in ("labelled", "confusion")}
    return Watched(model, Profile(model.grid.id, feature), Profile(model.grid.id, outcome))


def _live(done: Replay, watched: Sequence[Watched], day: date) -> None:
    """The morning after the day: judge it, tell what failed, and deliver; at noon, look for who is missing."""
    done.channel.today = day
    with clock.stopped_at(clock.day_end(day) + MORNING):
        told = [each for one in watched for each in _judged(done, one, day)]
        done.failed_checks += [(each.model, each.day, each.check) for each in told if not each.passed]
        open_from_evaluations(done.store, told)
        _steps(done, watched, day)
        deliver_pending(done.store, {"file": done.channel}, ROUTING, seconds=3600)
    with clock.stopped_at(clock.day_end(day) + NOON):
        asked = {(one.model.name, day) for one in watched} | {
            (model, missing) for model, missing, _ in awaited(done.store)
        }
        watch(done.store, [_expectation(watched, model, which, day) for model, which in sorted(asked)])
        deliver_pending(done.store, {"file": done.channel}, ROUTING, seconds=3600)


def _expectation(watched: Sequence[Watched], name: str, which: date, today: date) -> Expectation:
    """A silent day is made good on the morning after the silence."""
    model = next(one.model for one in watched if one.model.name == name)
    silence = next((fault for fault in model.faults if fault.kind == "silence" and fault.strength(which)), None)
    done = silence is None or today > silence.last
    return Expectation(model=name, day=which, step="report", deadline=clock.day_end(which) + OVERDUE, done=done)


def _steps(done: Replay, watched: Sequence[Watched], day: date) -> None:
    """Runs that failed on this morning, and those of the day before that were run again."""
    for failure in standing_failures(done.store):
        if failure.failed_at < clock.now():
            mended(done.store, failure)
    for one in watched:
        if any(fault.kind == "failed step" and fault.strength(day) for fault in one.model.faults):
            message = f"{day}|{one.model.name}: the source cannot be read"
            partition = f"{day}|{one.model.name}"
            report_failure(
                done.store, model=one.model.name, step="model_day", run_id=f"r-{day}", message=message,
                partitions=[partition],
            )  # fmt: skip


def _judged(done: Replay, one: Watched, day: date) -> Iterator[Evaluation]:
    """The checks of the day, and those of the day whose labels had their time."""
    model = one.model
    features, outcomes = model.draw(model.state(day))
    one.recent.append(features)
    one.waiting.append((day, outcomes))
    for family, judged in _families(one, one.recent, one.features, None).items():
        if family is not Family.PERFORMANCE:
            yield _kept(done, model, day, family, judged)
    while one.waiting and clock.day_end(one.waiting[0][0]) + model.horizon <= clock.now():
        mature, tables = one.waiting.popleft()
        one.labelled.append(tables)
        judged = _families(one, one.labelled, one.outcomes, Maturity.MATURE).get(Family.PERFORMANCE, [])
        yield _kept(done, model, mature, Family.PERFORMANCE, judged)


def _families(
    one: Watched, recent: Sequence[Tables], baseline: Profile, maturity: Maturity | None
) -> dict[Family, list[tuple[str, Record]]]:
    model, judged = one.model, dict[Family, list[tuple[str, Record]]]()
    for window in WINDOWS:
        current = Profile(model.grid.id, _summed(recent, window))
        for record in evaluate(per_window(model.spec, window), model.grid, baseline, current, maturity=maturity):
            judged.setdefault(record.family, []).append((window.name, record))
    return judged


def _summed(recent: Sequence[Tables], window: Window) -> Tables:
    days = list(recent)[-window.days :]
    return {key: np.sum([each[key] for each in days], axis=0) for key in days[-1]}


def _kept(done: Replay, model: Model, day: date, family: Family, judged: Sequence[tuple[str, Record]]) -> Evaluation:
    """Keep the records as the product does, and say how the check ended."""
    check = next(name for name, families in CHECK_FAMILIES.items() if family in families)
    with done.store.transaction() as connection:
        for window in WINDOWS:
            records.replace(
                connection,
                model=model.name,
                version=model.spec.version,
                day=day,
                window=window.name,
                records=[record for name, record in judged if name == window.name],
                families=[family],
                baseline_id="b",
                grid_id=model.grid.id,
                run_id="r",
                as_of=clock.now(),
            )
    alarms = [record for _, record in judged if record.verdict.alarms]
    critical = any(record.verdict == "critical" for record in alarms)
    return Evaluation(
        run_id=f"{day}-{check}-{clock.now().isoformat()}",
        asset=check,
        check=check,
        model=model.name,
        day=day,
        passed=not alarms,
        severity="ERROR" if critical else "WARN",
        timestamp=clock.now(),
    )
