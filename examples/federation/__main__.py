"""Start three hospitals and be their postman: adds what they sealed, and prints what two of them open together.

This process has no key. It sees the charter, envelopes, sums and parts; the counts it prints are those that the
hospitals agreed to show.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.sealed.envelope import read_envelope
from aimon.sealed.evaluator import read_aggregate
from aimon.sealed.federation.folder import SESSION
from aimon.sealed.federation.message import Part, read_message
from aimon.sealed.federation.opening import fuse
from aimon.sealed.federation.session import read_session
from aimon.sealed.plan import read_plan
from aimon.spec.model import ModelSpec
from aimon.spec.modelfile import load_model
from aimon.verdict.pooled import judge_pooled, rates
from aimon.verdict.record import Record, Verdict
from examples.federation.hospital import DAYS, OPENERS, aimon, awaited, sums
from examples.federation.patients import HOSPITALS, write_project
from examples.federation.patients import rows as patients_of

ROOT = Path(__file__).parents[2]
POOLED = "all three"


def main() -> None:
    """Print what was opened, and remove every file again."""
    with tempfile.TemporaryDirectory(prefix="aimon-federation-") as folder:
        started = time.perf_counter()
        opened = federated(Path(folder))
        seconds, grid = time.perf_counter() - started, read_plan(Path(folder) / "mail" / "plan.json").grid
        told(opened, load_model(Path(folder) / "treatment.yaml"), grid, seconds)


def federated(folder: Path) -> dict[str, Profile]:
    """The counts of every sum, by the sum's name, once three processes have opened them."""
    mail = folder / "mail"
    mail.mkdir()
    sites = [word for name in HOSPITALS for word in ("--site", name)]
    charter = mail / "charter.json"
    aimon("sealed", "federation", "start", charter, "--name", "hospitals", *sites, "--threshold", len(OPENERS))
    processes = [process_of(name, folder / name, mail) for name in HOSPITALS]
    try:
        example, spec = folder / "example.parquet", write_project(folder)
        pq.write_table(pa.concat_tables([patients_of(name, 0, older=False) for name in HOSPITALS]), example)
        aimon("sealed", "plan", example, "--spec", spec, "--federated", "--out", mail / "plan.json")
        for total, envelopes in sums(mail).items():
            aimon("sealed", "add", *map(awaited, envelopes), "--out", total)
        return {total.stem: opened_sum(folder, total, envelopes) for total, envelopes in sums(mail).items()}
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def process_of(name: str, own: Path, mail: Path) -> subprocess.Popen[bytes]:
    """A hospital as a process; it gets its own folder and the mail."""
    own.mkdir()
    command = [sys.executable, "-m", "examples.federation.hospital", name, str(own), str(mail)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def opened_sum(folder: Path, total: Path, envelopes: list[Path]) -> Profile:
    """What the openers' parts make of a sum."""
    parts = [awaited(total.with_name(f"{name}-{total.stem}.part")) for name in OPENERS]
    return fuse(
        read_session(folder / "mail" / SESSION),
        read_plan(folder / "mail" / "plan.json").layout,
        read_aggregate(total.read_bytes(), total.name),
        [read_envelope(each.read_bytes(), each.name) for each in envelopes],
        [read_message(each.read_bytes(), each.name, Part) for each in parts],
    )


def told(opened: Mapping[str, Profile], spec: ModelSpec, grid: Grid, seconds: float) -> None:
    """Each hospital's day and the pooled one, judged against the pooled usual day."""
    console = Console(width=110)
    table = Table("counts of", "rows", "women treated", "men treated", "verdicts worse than ok")
    sites = {name: opened[name] for name in HOSPITALS}
    judged = judge_pooled(spec, grid, opened["usual"], opened["later"], sites)
    for name, records in {POOLED: judged.whole, **judged.parts}.items():
        treated = rates(records, "selection_rate", "sex")
        shares = (f"{treated[group]:.1%}" for group in ("f", "m"))
        counted = opened["later"] if name == POOLED else opened[name]
        table.add_row(name, f"{counted.rows:,}", *shares, ", ".join(alarms(records)) or "none")
    console.print(table)
    for each in judged.turned():
        console.print(f"Turned around: {each}.")
    console.print(
        f"{len(DAYS)} pooled sums and {len(HOSPITALS)} single ones were opened by {' and '.join(OPENERS)} together, "
        f"in {seconds:.1f} s with the making of the joint key."
    )


def alarms(records: list[Record]) -> list[str]:
    """The warnings and critical findings, the columns that moved first."""
    worse = (each for each in records if each.segment is None and each.verdict in (Verdict.WARNING, Verdict.CRITICAL))
    return sorted({f"{each.metric} {each.column or ''}".strip() for each in worse})


if __name__ == "__main__":
    main()
