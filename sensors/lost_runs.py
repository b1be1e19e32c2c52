"""The sensor for runs whose process is gone: killed with the machine, or with the daemon that watched it.

Dagster's default launcher does not look after a process once its code server is gone, so such a run would be "started"
for ever. Here it is failed, and Dagster runs it again as `run_retries` says, with the same tags and so the same bytes.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from platform import node

import dagster as dg
from dagster import DagsterEventType, RunsFilter

from aimon.platform import Platform
from resources.names import HOST_TAG

INTERVAL_SECONDS = 30
STARTED_LATER_SECONDS = 2.0
"""How much later than the run its process may seem to have started: clocks tick, and are set."""
AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
LOST = "The run's process is gone; it was killed, or its machine stopped."


def process_start(pid: int) -> datetime | None:
    """When the process of that number started; None where there is none, or only its remains.

    Where the system has no /proc, a process that is there is taken for the one that was meant.
    """
    if not Path("/proc/stat").exists():
        return datetime.fromtimestamp(0, UTC) if is_there(pid) else None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    seconds = int(boot.split()[1]) + int(fields[18]) / os.sysconf("SC_CLK_TCK")
    return None if state in "ZX" else datetime.fromtimestamp(seconds, UTC)


def is_there(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def worker_of(instance: dg.DagsterInstance, run_id: str) -> tuple[int, datetime] | None:
    """The number of the process that took the run up last, and when it did; None where none has yet."""
    taken = None
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.ENGINE_EVENT):
        data = entry.dagster_event.engine_event_data if entry.dagster_event is not None else None
        pid = data.metadata.get("pid") if data is not None else None
        if pid is not None:
            taken = int(str(pid.value)), datetime.fromtimestamp(entry.timestamp, UTC)
    return taken


def lost_runs(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    """Runs of this machine that say they are at work and whose process is not there, or is another one by now."""
    if instance.run_launcher.supports_check_run_worker_health:
        return
    for run in instance.get_runs(RunsFilter(statuses=AT_WORK)):
        worker = worker_of(instance, run.run_id)
        if worker is None or not is_of_this_machine(instance, run):
            continue
        pid, taken_at = worker
        started = process_start(pid)
        if started is None or (started - taken_at).total_seconds() > STARTED_LATER_SECONDS:
            yield run


def is_of_this_machine(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a process's number means anything here: machines may share a database, but not one of SQLite."""
    shared = type(instance.run_storage).__module__.startswith("dagster_postgres")
    return run.tags.get(HOST_TAG, "" if shared else node()) == node()


@dg.sensor(
    name="lost_runs",
    description="Fails runs whose process is gone, so that they are run again.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def lost_runs_sensor(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    lost = list(lost_runs(context.instance))
    for run in lost:
        context.instance.report_run_failed(run, LOST)
    platform.beat(context.sensor_name)
    return dg.SkipReason(
        f"{len(lost)} lost runs: {', '.join(run.run_id for run in lost)}" if lost else "no run is lost"
    )
