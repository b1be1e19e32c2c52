"""Emergency patients and how urgent a model finds them. Planted: one laboratory value arrives in another unit."""

from datetime import date

import numpy as np
import pyarrow as pa

from examples.planted import Fault, Signal
from examples.traffic import Rng, sigmoid, stamps

NAME = "triage-priority"
HOSPITALS = ("north", "south")
DAYS = 10
PATIENTS_A_DAY = 900
MG_PER_MMOL = 9.01
"""Milligrams of lactate in a decilitre, where the model expects millimoles in a litre."""
URGENT = 0.35
FAULT = Fault(
    model=NAME,
    what="lactate arrives in mg/dL instead of mmol/L",
    signals=(Signal("drift", None, "lactate"),),
    echoes=(Signal("quality", "out_of_range", "lactate"),),
    share_of_days=0.3,
)


def rows(rng: Rng, day: date, patients: int, *, faulty: bool = False) -> pa.Table:
    """The patients of one hospital and day."""
    age = np.clip(rng.normal(52, 21, patients), 0, 104).round()
    lactate = rng.lognormal(0.45, 0.45, patients)
    pulse = np.clip(rng.normal(84 + 4 * np.log(lactate), 15, patients), 35, 210).round()
    score = sigmoid(-2.6 + 0.02 * age + 1.1 * np.log(lactate) + 0.012 * (pulse - 84) + 0.6 * rng.normal(size=patients))
    return pa.table(
        {
            "arrived_at": pa.array(stamps(rng, day, patients), pa.timestamp("us", tz="UTC")),
            "age": age,
            "pulse": pulse,
            "lactate": np.round(lactate * (MG_PER_MMOL if faulty else 1.0), 2),
            "arrival": rng.choice(["on foot", "ambulance"], patients, p=[0.7, 0.3]),
            "sex": rng.choice(["female", "male"], patients),
            "urgency": np.round(score, 5),
            "urgent": (score > URGENT).astype(np.int64),
            "admitted": (rng.random(patients) < score).astype(np.int64),
        }
    )
