"""`make demo`: the demo models through Dagster, and what was planted beside what was found.

The first run makes the data, up to yesterday, and materialises every day. A later run makes only what is missing.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aimon.clock import DAY, today
from aimon.daily.sealed_day import is_sealed
from aimon.platform import Platform, open_platform
from aimon.store import findings, incidents, notices
from aimon.store.findings import StoredFinding
from examples.generate import generate
from examples.planted import Fault, read_faults
from examples.scoreboard import Alarm, Scoreboard, compare_planted
from examples.sealed.projects import OWNER
from examples.sealed.projects import prepare as prepare_sealed
from examples.sealed.run import planted as planted_sealed

ROOT = Path(__file__).parent.parent / "demo"
PLANTED = "planted.json"
DAYS = 30
WINDOW_DAYS = {"1d": 1, "24h": 1, "7d": 7, "30d": 30}


def prepare(root: Path) -> tuple[Fault, ...]:
    """The demo project, made whole or not at all; what was planted in it."""
    planted = root / PLANTED
    if not planted.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent, prefix=".demo-") as draft:
            made = Path(draft) / "demo"
            generate(made, last_day=today() - DAY, days=DAYS)
            shutil.rmtree(root, ignore_errors=True)
            made.rename(root)
    faults = read_faults(planted)
    prepare_sealed(root, last_day(faults))
    return (*faults, planted_sealed(last_day(faults)))


def last_day(faults: tuple[Fault, ...]) -> date:
    """The last day there is data for."""
    return max(fault.last_day for fault in faults if fault.last_day is not None)


def materialise(platform: Platform, last: date) -> Iterator[str]:
    """Run the days that Dagster does not have yet; a line for each model."""
    from aimon_pipelines.execution import missing_days, run_model_days
    from aimon_pipelines.instance import open_instance
    from examples.sealed.run import materialise as materialise_sealed

    with open_instance(platform.root) as instance:
        for model in sorted(name for name, spec in platform.models.items() if not is_sealed(spec)):
            started = time.perf_counter()
            days = missing_days(instance, model, last - (DAYS - 1) * DAY, last)
            if not days:
                yield f"{model}: all {DAYS} days are there already"
                continue
            ran = run_model_days(platform, instance, model, days[0], days[-1])
            for key, reason in ran.failures.items():
                yield f"{key} FAILED: {reason}"
            yield f"{model}: {len(days)} days in {time.perf_counter() - started:.1f} s (Dagster run {ran.run_id[:8]})"
        yield from materialise_sealed(platform, instance, last)


def scoreboard(platform: Platform, faults: tuple[Fault, ...]) -> Scoreboard:
    """Planted faults against the findings behind the incidents."""
    alarms = []
    with platform.store.session() as connection:
        for incident in incidents.query(connection):
            for finding in findings.of_incident(connection, incident.id):
                if finding.cleared_at is None:
                    alarms.append(alarm(finding))  # noqa: PERF401 - three loops deep
    return compare_planted(faults, alarms)


def alarm(finding: StoredFinding) -> Alarm:
    """The finding in the scoreboard's words."""
    return Alarm(
        model=finding.model,
        day=finding.day,
        family=finding.family,
        metric=finding.metric,
        column=finding.column,
        group=finding.group,
        segment=finding.segment,
        window_days=WINDOW_DAYS.get(finding.window, 1),
    )


def incident_table(platform: Platform) -> Table:
    """The incidents, one a line."""
    table = Table("incident", "severity", "model", "days", "what", title="Incidents", title_justify="left")
    with platform.store.session() as connection:
        for incident in incidents.query(connection):
            days = f"{incident.first_day} to {incident.last_day}"
            table.add_row(f"#{incident.id}", incident.severity, incident.model, days, incident.title)
    return table


def where_to_look(platform: Platform) -> Iterator[str]:
    """Where the results are."""
    with platform.store.session() as connection:
        written = sum(notices.count(connection).values())
    settings = platform.project.settings
    yield f"notices   {written} in {settings.outbox_folder}"
    yield f"reports   {Path(settings.lake_location) / 'reports'}"
    yield f"records   {settings.database_url} (relative to {settings.root})"
    yield f"owner     {settings.root / OWNER}: the key, and pages of what the server may not see"
    yield "pages     aimon -C demo up, then http://127.0.0.1:3000"


def main() -> None:
    """Make, run, compare, print; exit with 1 when something planted was missed or something else alarmed."""
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    faults = prepare(ROOT)
    with open_platform(ROOT) as platform:
        for line in materialise(platform, last_day(faults)):
            console.print(line, markup=False)
        board = scoreboard(platform, faults)
        console.print(incident_table(platform))
        console.print("Planted beside found", style="italic")
        for line in board.lines():
            console.print(f"  {line}", markup=False)
        console.print("Where to look", style="italic")
        for line in where_to_look(platform):
            console.print(f"  {line}", markup=False)
    if not board.perfect:
        console.print("What was found is not what was planted.")
        sys.exit(1)


if __name__ == "__main__":
    main()
