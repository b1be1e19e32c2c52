"""What the daily tick takes for 50 models of 100,000 rows each on one machine: Dagster's own daemon, queue, launcher.

The daily schedule ticks once, within minutes, which is all that differs from `aimon up`: its run requests, the
limits of runs at a time and the steps are the product's. Baselines are frozen before, as on any day but the first.
Timed from the tick to the last run's end, process starts and waiting in the queue included.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import yaml

from aimon.clock import DAY, day_start, now, today
from aimon.daily.model_day import ModelDay
from aimon.platform import open_platform
from aimon_pipelines.execution import missing_days, register
from aimon_pipelines.instance import ENVIRONMENT, dagster_home, open_instance
from aimon_pipelines.jobs import MODEL_DAY
from benchmarks.measure import arguments, report
from benchmarks.validation import SPEC, made_day

MODELS, FEW_MODELS = 50, 5
ROWS, REFERENCE_ROWS = 100_000, 20_000
DISTINCT = 5
LOCATION = "benchmarks.fleet_location"
HEAD_START, SHORT_START = timedelta(seconds=90), timedelta(seconds=30)
"""What the daemon has to come up in; the tick is at the first full minute after it."""
PATIENCE_SECONDS = 1_800


def make_fleet(root: Path, names: Sequence[str], day: date, seed: int) -> None:
    """So many models; a few distinct days of rows are shared between them."""
    (root / "models").mkdir()
    (root / "aimon.yaml").write_text("models: models\n")
    for number in range(min(DISTINCT, len(names))):
        pq.write_table(made_day(day - 30 * DAY, REFERENCE_ROWS, seed + number), root / f"reference-{number}.parquet")
        pq.write_table(made_day(day, ROWS, seed + number), root / f"day-{number}.parquet")
    for number, name in enumerate(names):
        shared = number % DISTINCT
        declared = SPEC | {
            "model": name,
            "source": {"kind": "parquet", "path": f"day-{shared}.parquet"},
            "baseline": {"path": f"reference-{shared}.parquet"},
        }
        (root / "models" / f"{name}.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))


def freeze(root: Path, names: Sequence[str]) -> None:
    """Everything that is there before the tick: partition keys and baselines."""
    with open_platform(root) as platform, open_instance(root) as instance:
        register(platform, instance)
        for name in names:
            ModelDay(platform, platform.model(name), today(), as_of=day_start(today())).reference  # noqa: B018


@contextmanager
def daemon(root: Path, tick: datetime) -> Iterator["subprocess.Popen[bytes]"]:
    """Dagster's daemon at work on the project, as `aimon up` starts it, with the day's tick at the minute."""
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", LOCATION]
    environment = {
        **os.environ,
        **ENVIRONMENT,
        "AIMON_ROOT": str(root),
        "AIMON_FLEET_CRON": f"{tick.minute} {tick.hour} * * *",
        "DAGSTER_HOME": str(dagster_home(root)),
    }
    with (root / "daemon.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def figures(root: Path, names: Sequence[str], day: date, head_start: timedelta) -> dict[str, float]:
    tick = (now() + head_start).replace(second=0, microsecond=0) + timedelta(minutes=1)
    load = os.getloadavg()[0]
    with daemon(root, tick) as process, open_instance(root) as instance:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (runs := ended(instance, names, day)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the tick did not end:\n{(root / 'daemon.log').read_text()[-4_000:]}")
            time.sleep(1)
    return {
        "tick_s": max(each.end_time or 0.0 for each in runs) - tick.timestamp(),
        "run_s_summed": sum((each.end_time or 0.0) - (each.start_time or 0.0) for each in runs),
        "runs": len(runs),
        "models": len(names),
        "rows_per_model": ROWS,
        "load_before": load,
    }


def ended(instance: dg.DagsterInstance, names: Sequence[str], day: date) -> Sequence[dg.RunRecord]:
    """The runs of the tick once all have ended and every model has its report; none before."""
    runs = [each for each in instance.get_run_records() if each.dagster_run.job_name == MODEL_DAY]
    if not runs or any(each.end_time is None for each in runs):
        return []
    return [] if any(missing_days(instance, name, day, day) for name in names) else runs


def main() -> None:
    given = arguments(__doc__ or "")
    names = [f"bench-{number:02d}" for number in range(FEW_MODELS if given.quick else MODELS)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root, day = Path(folder), today() - DAY
        make_fleet(root, names, day, given.seed)
        freeze(root, names)
        report("fleet_tick", figures(root, names, day, SHORT_START if given.quick else HEAD_START))


if __name__ == "__main__":
    main()
