"""Writes the demo project: configuration, three models' days and reference rows, and the list of planted faults.

The same seed gives the same bytes: `python -m examples.generate --out storage/demo --last-day 2026-11-19 --seed 7`
"""

import argparse
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from examples import card_fraud, loan_approval, support_assistant
from examples.planted import Fault, dated_faults, write_faults
from examples.traffic import Rng, Stamps, Traffic, spread, stamps

PROJECT = Path(__file__).parent / "demo"
REFERENCE_DAYS = 28


class Model(NamedTuple):
    """One demo model: how many requests it gets and what they look like."""

    name: str
    traffic: Traffic
    rows: Callable[[Rng, Stamps, date, int | None], pa.Table]
    suffix: str
    reference_rows: int


MODELS = (
    Model(loan_approval.NAME, loan_approval.TRAFFIC, loan_approval.rows, "parquet", 40_000),
    Model(card_fraud.NAME, card_fraud.TRAFFIC, card_fraud.rows, "parquet", 40_000),
    Model(support_assistant.NAME, support_assistant.TRAFFIC, support_assistant.rows, "csv", 30_000),
)


def generate(out: Path, *, last_day: date, days: int = 30, seed: int = 7) -> tuple[Fault, ...]:
    """Write the whole project into `out` and return what was planted."""
    faults = dated_faults(last_day, days)
    if out.resolve() != PROJECT.resolve():
        shutil.copytree(PROJECT, out, dirs_exist_ok=True)
    for number, model in enumerate(MODELS):
        fault = next(fault for fault in faults if fault.model == model.name)
        first_day = last_day - timedelta(days - 1)
        rng = np.random.default_rng([seed, number, 0])
        moments = spread(rng, first_day - timedelta(REFERENCE_DAYS), REFERENCE_DAYS, model.reference_rows)
        far_future = last_day + timedelta(365)
        _write(model.rows(rng, moments, far_future, None), out / "reference" / f"{model.name}.{model.suffix}")
        for offset in range(days):
            day = first_day + timedelta(offset)
            rng = np.random.default_rng([seed, number, days - offset])
            moments = stamps(rng, day, model.traffic.volume(rng, day))
            table = model.rows(rng, moments, last_day, fault.day_number(day))
            _write(table, out / "data" / model.name / f"{day}.{model.suffix}")
    write_faults(out / "planted.json", faults, seed=seed)
    return faults


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        parquet.write_table(table, path, compression="zstd")


def main() -> None:
    """Read the arguments, write the project, say what is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m examples.generate", description="Write the demo project.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the project into")
    parser.add_argument("--last-day", type=date.fromisoformat, required=True, help="the last day of data (2026-11-19)")
    parser.add_argument("--days", type=int, default=30, help="how many days to make")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes")
    arguments = parser.parse_args()
    if arguments.days < 1:
        parser.error("--days must be at least 1")
    for fault in generate(arguments.out, last_day=arguments.last_day, days=arguments.days, seed=arguments.seed):
        print(f"{fault.model}: from {fault.first_day} to {fault.last_day} {fault.what}")


if __name__ == "__main__":
    main()
