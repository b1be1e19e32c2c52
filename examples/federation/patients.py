"""What the hospitals' model decided. In: a hospital, a seed. Out: its rows of one day.

Two hospitals are large and one is small. At each of them women are taken for treatment a little more often than men;
but most women go where few are taken. Pooled, men are taken more often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

MODEL = """\
model: treatment
version: "1"
task: binary
columns:
  prediction: treated
  score: score
  features: {age: numeric, pressure: numeric, ward: categorical}
  protected: [sex]
positive: 1
"""


@dataclass(frozen=True, slots=True)
class Hospital:
    """How many come, how many of them are women, and how many of each are taken."""

    patients: int
    women: float
    taken: Mapping[str, float]
    older: float


HOSPITALS = {
    "north": Hospital(4_000, 0.20, {"f": 0.74, "m": 0.68}, 0.0),
    "south": Hospital(4_000, 0.80, {"f": 0.28, "m": 0.22}, 4.0),
    "west": Hospital(1_500, 0.50, {"f": 0.52, "m": 0.46}, 2.0),
}


def rows(name: str, seed: int, *, older: bool = True) -> pa.Table:
    """A day of the hospital; on the usual day, not the later one, patients are not `older`."""
    hospital, random = HOSPITALS[name], np.random.default_rng([seed, *name.encode()])
    n = hospital.patients
    sex = np.where(random.random(n) < hospital.women, "f", "m")
    chance = np.where(sex == "f", hospital.taken["f"], hospital.taken["m"])
    treated = (random.random(n) < chance).astype(int)
    return pa.table(
        {
            "age": np.round(random.normal(52 + (hospital.older if older else 0), 14, n).clip(0, 105)),
            "pressure": random.normal(128, 17, n),
            "ward": random.choice(["surgery", "medicine", "heart"], n),
            "sex": sex,
            "score": (0.35 * treated + 0.6 * random.random(n)).clip(0.01, 0.99),
            "treated": treated,
        }
    )


def write_project(folder: Path) -> Path:
    """The model file; every hospital has it."""
    path = folder / "treatment.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return path
