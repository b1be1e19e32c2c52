"""A credit model's records and counts of every kind, whose names may be chosen: what the tests of the forms render."""

from datetime import UTC, datetime, timedelta

import numpy as np

from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from aimon.verdict.record import Family, Maturity, Record, Verdict

AS_OF = datetime(2026, 11, 20, 6, tzinfo=UTC)
SPEC = ModelSpec(model="m", task=Task.BINARY, columns=Columns(prediction="yes"), label_horizon=timedelta(days=7))


def binary(name="income", group="Black", city="Köln"):
    """A grid of every kind of column and the same profile for both sides, named at will."""
    rng = np.random.default_rng(4)
    axes = {
        name: NumericAxis(center=0.0, scale=1.0, low=-4.0, high=4.0),
        "city": CategoryAxis(values=(city, "Paris")),
        "race": CategoryAxis(values=("White", group)),
        "yes": CategoryAxis(values=("no", "yes")),
        "p": ProbabilityAxis(),
        "truth": CategoryAxis(values=("0", "1")),
    }
    grid = Grid(
        task=Task.BINARY,
        axes=axes,
        kinds={name: Kind.NUMERIC} | dict.fromkeys(("city", "race", "yes", "truth"), Kind.CATEGORICAL),
        prediction="yes",
        score="p",
        label="truth",
        features=(name, "city"),
        protected=("race",),
        positive=("yes",),
        label_positive=("1",),
    )
    scores = axes["p"].cell(rng.uniform(size=1000))
    score_label = np.zeros((axes["p"].size, 2), np.int64)
    np.add.at(score_label, (scores, rng.integers(0, 2, 1000)), 1)
    tables = {
        "rows": np.array([1000]),
        f"column:{name}": np.bincount(axes[name].cell(rng.normal(size=1000)), minlength=axes[name].size),
        "column:city": np.array([600, 300, 0, 60, 40]),
        "column:race": np.array([700, 300, 0, 0, 0]),
        "column:yes": np.array([500, 500, 0, 0, 0]),
        "column:p": np.bincount(scores, minlength=axes["p"].size),
        "selection:race": np.array([[300, 400, 0], [200, 100, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        "confusion": np.array([[400, 100], [150, 350]]),
        "score_label": score_label,
    }
    return grid, Profile(grid.id, {TableKey(table): counts for table, counts in tables.items()})


def records(name="income", group="Black"):
    drift = {"family": Family.DRIFT, "metric": "psi", "threshold": 0.25, "n_reference": 1000, "n_current": 1000}
    return [
        Record(**drift, column=name, value=0.5, low=0.4, high=0.6, p_adjusted=1e-9, verdict=Verdict.CRITICAL),
        Record(**drift, column="city", value=0.01, verdict=Verdict.OK),
        Record(**drift, column=name, value=0.3, verdict=Verdict.WATCH, segment=f"city={name}"),
        Record(
            family=Family.FAIRNESS,
            metric="selection_rate",
            column="race",
            group="White",
            value=0.57,
            low=0.53,
            high=0.61,
            n_current=700,
        ),
        Record(
            family=Family.FAIRNESS,
            metric="selection_rate",
            column="race",
            group=group,
            value=0.33,
            low=0.28,
            high=0.39,
            n_current=300,
        ),
        Record(
            family=Family.FAIRNESS,
            metric="disparate_impact",
            column="race",
            groups=(group, "White"),
            value=0.58,
            low=0.5,
            high=0.7,
            threshold=0.8,
            verdict=Verdict.CRITICAL,
        ),
        Record(
            family=Family.PERFORMANCE,
            metric="accuracy",
            value=0.7,
            low=0.65,
            high=0.75,
            threshold=0.7,
            verdict=Verdict.WATCH,
            maturity=Maturity.PROVISIONAL,
            reason=f"because of {name}",
        ),
        Record(family=Family.OPERATIONS, metric="volume", value=1000.0),
    ]
