"""What a year in one Dagster run costs beside the same work without Dagster: 365 days of 10,000 rows, one model.

Inside the run, the engine's own work is timed; the rest of the run's time is Dagster's. Every few days a twin does the
same day in another project by calling the engine, without Dagster, so that the two kinds of work can be held together.
Validation and report are timed on a day of 100,000 rows.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import yaml

from aimon.clock import DAY, day_start, days, today
from aimon.daily.model_day import ModelDay
from aimon.metrics.metric import Family
from aimon.platform import Platform, open_platform
from aimon_pipelines.execution import QUIET, register
from aimon_pipelines.instance import open_instance
from aimon_pipelines.partitions import model_days
from aimon_pipelines.schedules import RANGE_END, RANGE_START
from aimon_pipelines.steps import STEPS
from assets.chain import model_day_assets
from assets.made import Made
from assets.step import Step
from benchmarks.measure import arguments, report, resident_mb
from benchmarks.validation import SPEC, made_day
from resources.names import ModelDayKey
from resources.platform import platform as platform_resource

MODEL = "bench"
ROWS, LARGE_ROWS, REFERENCE_ROWS = 10_000, 100_000, 20_000
FAMILIES = (Family.DRIFT, Family.FAIRNESS, Family.PERFORMANCE, Family.OPERATIONS)
JOB = "backfill"
EVERY, WINDOW = 7, 30
WORK = {ModelDay: ("ingest", "validate", "count", "ask", "judge", "report"), Platform: ("heard",)}
"""What the engine does of a day, the note of what was done included; the rest of a run is Dagster's."""


@dataclass
class Stopwatch:
    """When each day of the run began, what the engine and the twin took of it, and the process's memory then, in MB."""

    began: list[float] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)
    twin: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    running: bool = False

    def timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, with its time added to the day's; what it calls of its kind is not counted twice."""

        def call(*args: Any, **named: Any) -> Any:
            if self.running or not self.engine:
                return method(*args, **named)
            self.running, start = True, time.perf_counter()
            try:
                return method(*args, **named)
            finally:
                self.engine[-1] += time.perf_counter() - start
                self.running = False

        return call


@contextmanager
def watched(watch: Stopwatch) -> Iterator[None]:
    """The engine's steps of a day, timed while the block lasts."""
    own = {(of, name): getattr(of, name) for of, names in WORK.items() for name in names}
    for (of, name), method in own.items():
        setattr(of, name, watch.timed(method))
    try:
        yield
    finally:
        for (of, name), method in own.items():
            setattr(of, name, method)


def make_project(root: Path, data: Path) -> Path:
    """A project of one model whose source lies in the folder."""
    (root / "models").mkdir(parents=True)
    (root / "aimon.yaml").write_text("models: models\n")
    declared = SPEC | {
        "source": {"kind": "parquet", "path": f"{data}/days/*.parquet"},
        "baseline": {"path": str(data / "reference.parquet")},
    }
    (root / "models" / f"{MODEL}.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))
    return root


def write_source(data: Path, first: date, last: date, seed: int) -> None:
    (data / "days").mkdir(parents=True)
    pq.write_table(made_day(first - 30 * DAY, REFERENCE_ROWS, seed), data / "reference.parquet")
    for day in days(first, last):
        pq.write_table(made_day(day, ROWS, seed), data / "days" / f"{day}.parquet")


def work(platform: Platform, day: date) -> None:
    """A model day by the engine alone, as the run's steps do it."""
    judged = ModelDay(platform, platform.model(MODEL), day, as_of=day_start(day + DAY))
    judged.ingest()
    judged.validate()
    judged.judge(Family.QUALITY)
    judged.count()
    judged.ask()
    for family in FAMILIES:
        judged.judge(family)
    judged.report()
    platform.heard(MODEL, [step.name for step in STEPS if step.is_of(judged)], day, None)


def interleaved(steps: tuple[Step, ...], twin: Callable[[date], None], watch: Stopwatch) -> tuple[Step, ...]:
    """The steps, the first of which has the twin do every few days before it begins."""

    def make(day: ModelDay) -> Made:
        start = time.perf_counter()
        watch.running = True
        if len(watch.began) % EVERY == 0:
            twin(day.day)
        watch.running = False
        watch.began.append(time.perf_counter())
        watch.twin.append(watch.began[-1] - start)
        watch.engine.append(0.0)
        watch.memory.append(resident_mb())
        return steps[0].make(day)

    return (replace(steps[0], make=make), *steps[1:])


def definitions(root: Path, steps: tuple[Step, ...]) -> dg.Definitions:
    assets = model_day_assets(model_days(root), steps)
    return dg.Definitions(
        assets=[assets],
        jobs=[dg.define_asset_job(JOB, selection=dg.AssetSelection.assets(assets))],
        resources={"platform": platform_resource.configured({"root": str(root)})},
        executor=dg.in_process_executor,
    )


@contextmanager
def prepared(root: Path) -> Iterator[Platform]:
    """The project with its baseline frozen, so that no day pays for it."""
    with open_platform(root) as platform:
        ModelDay(platform, platform.model(MODEL), today(), as_of=day_start(today())).reference  # noqa: B018
        yield platform


def backfill(root: Path, twin_root: Path, first: date, last: date) -> dict[str, float]:
    """One run over the days, with some of the twin's days between."""
    watch = Stopwatch()
    with prepared(root) as platform, prepared(twin_root) as twin, open_instance(root) as instance:
        register(platform, instance)
        job = definitions(root, interleaved(STEPS, lambda day: work(twin, day), watch)).resolve_job_def(JOB)
        work(twin, first)
        tags = {RANGE_START: str(ModelDayKey(MODEL, first)), RANGE_END: str(ModelDayKey(MODEL, last))}
        with watched(watch):
            start = time.perf_counter()
            result = job.execute_in_process(run_config=QUIET, instance=instance, tags=tags)
            ended = time.perf_counter()
    if not result.success:
        raise SystemExit("the backfill failed")
    return figures(watch, start, ended)


def figures(watch: Stopwatch, start: float, ended: float) -> dict[str, float]:
    """Medians over the days; what the run needs before its first and after its last day is spread over all.

    The last day has no next one to end it, so it counts with the run's end.
    """
    number = len(watch.began)
    run = [watch.began[i + 1] - watch.twin[i + 1] - watch.began[i] for i in range(number - 1)]
    each = statistics.median(whole - work for whole, work in zip(run, watch.engine, strict=False))
    rest = (ended - start) - sum(watch.twin) - sum(run) - watch.engine[-1]
    return {
        "overhead_ms_per_day": 1_000 * (each + rest / number),
        "overhead_ms_each_day": 1_000 * each,
        "run_start_and_end_s": rest,
        "engine_day_s": statistics.median(watch.engine),
        "plain_day_s": statistics.median(watch.twin[::EVERY]),
        "run_s": ended - start - sum(watch.twin),
        "memory_after_a_window_mb": watch.memory[min(WINDOW, number - 1)],
        "memory_at_the_end_mb": watch.memory[-1],
        "days": number,
        "rows_per_day": ROWS,
    }


def of_a_large_day(root: Path, data: Path, day: date, seed: int, rounds: int) -> dict[str, float]:
    """Validation and report of 100,000 rows: median wall time."""
    pq.write_table(made_day(day, LARGE_ROWS, seed), data / "days" / f"{day}.parquet")
    taken: dict[str, list[float]] = {"validation_s": [], "report_s": []}
    with prepared(root) as platform:
        for _ in range(rounds + 1):
            judged = ModelDay(platform, platform.model(MODEL), day, as_of=day_start(day + DAY))
            judged.ingest()
            start = time.perf_counter()
            judged.validate()
            validated = time.perf_counter()
            judged.count()
            for family in FAMILIES:
                judged.judge(family)
            before = time.perf_counter()
            judged.report()
            taken["validation_s"].append(validated - start)
            taken["report_s"].append(time.perf_counter() - before)
    return {name: statistics.median(times[1:]) for name, times in taken.items()} | {"large_rows": LARGE_ROWS}


def main() -> None:
    given = arguments(__doc__ or "")
    last = today() - DAY
    first = last - timedelta(20 if given.quick else 364)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        write_source(data, first, last, given.seed)
        root, twin = (make_project(Path(folder) / name, data) for name in ("run", "twin"))
        taken = backfill(root, twin, first, last)
        taken |= of_a_large_day(twin, data, last, given.seed, rounds=3 if given.quick else 7)
    report("backfill", taken)


if __name__ == "__main__":
    main()
