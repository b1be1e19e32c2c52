"""Dagster's own home: the folder DAGSTER_HOME names, or `storage/dagster` of the project, made when it is missing.

Telemetry and the UI's sign-up form are off: nothing here opens a connection off the machine.
"""

import fcntl
import os
from pathlib import Path

import dagster as dg

from resources.names import DOCUMENTS_POOL

CONFIG_FILE = "dagster.yaml"
READY = ".storages-made"
CONFIG = """\
# Written once, yours to edit. Production keeps runs and events in PostgreSQL: see docs.dagster.io, "dagster.yaml".
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:  # a model is analysed by one run at a time
      - {key: aimon/model, value: {applyLimitPerUniqueValue: true}, limit: 1}
  pools: {granularity: run, default_limit: 4}  # lake; documents have a limit of their own, of 1
run_monitoring:  # a run that does not start, or does not end, is failed
  enabled: true
  start_timeout_seconds: 180
  max_runtime_seconds: 21600
run_retries:  # a killed run is run again; what fails by itself is tried again where it failed
  enabled: true
  max_retries: 3
  retry_on_asset_or_op_failure: false
retention:
  sensor:
    purge_after_days: {skipped: 7, failure: 30, success: 30, started: 7}
"""


EVENT_LOG = """\
event_log_storage:
  module: aimon_pipelines.event_log
  class: KeptSqliteEventLog
  config: {{base_dir: {home}/history/runs/}}
"""
"""Left out where runs and events are kept in PostgreSQL."""


ENVIRONMENT = {"DAGSTER_EVENT_BATCH_SIZE": "500"}
"""What announces a run, an event for each of its partitions, is stored so many at once. Dagster reads it from there."""


def dagster_home(root: Path) -> Path:
    """The folder of dagster.yaml, with one in it and with the storages it names made.

    Dagster lets two processes that start on an empty home both stamp its databases, after which neither opens them;
    so the first process makes them under a lock.
    """
    chosen = os.environ.get("DAGSTER_HOME")
    home = (Path(chosen) if chosen else root / "storage" / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / CONFIG_FILE).exists():
            (home / CONFIG_FILE).write_text(CONFIG + EVENT_LOG.format(home=home), encoding="utf-8")
        if not (home / READY).exists():
            with dg.DagsterInstance.from_config(str(home)) as instance:
                instance.event_log_storage.set_concurrency_slots(DOCUMENTS_POOL, 1)
                (home / READY).touch()
    return home


def open_instance(root: Path) -> dg.DagsterInstance:
    """The project's Dagster instance; close it by leaving its `with` block."""
    os.environ.update(ENVIRONMENT, DAGSTER_HOME=str(dagster_home(root)))
    return dg.DagsterInstance.get()
