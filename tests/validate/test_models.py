"""Models of every task, and columns of any name."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from aimon.clock import day_end
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import ModelSpec
from aimon.validate.facts import Facts
from aimon.validate.suite import Suite

DAY = date(2026, 11, 20)
START = datetime(2026, 11, 20, tzinfo=UTC)


def rows(task: str, count: int, seed: int) -> pa.Table:
    random = np.random.default_rng(seed)
    columns = {
        "at": pa.array([START + timedelta(seconds=10 * number) for number in range(count)], pa.timestamp("us", "UTC")),
        "x": random.normal(size=count),
        "tokens": random.integers(10, 500, count),
        "cost": random.exponential(0.01, count),
        "failed": random.random(count) < 0.05,
    }
    if task in ("regression", "ranking"):
        predicted, label = random.normal(size=count), random.normal(size=count)
    elif task == "generative":
        predicted, label = [f"an answer of some words {n}" for n in range(count)], ["good", "bad"] * (count // 2)
    else:
        predicted, label = random.choice(["a", "b", "c"], count), random.choice(["a", "b", "c"], count)
    return pa.table({**columns, "p": predicted, "y": label})


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "ranking", "generative"])
def test_every_task_has_a_suite_that_a_good_day_passes_and_a_bad_one_fails(task):
    spec = ModelSpec.model_validate(
        {
            "model": "m",
            "task": task,
            "columns": {"timestamp": "at", "prediction": "p", "label": "y", "tokens": "tokens", "cost": "cost"}
            | {"error": "failed", "features": ["x"]},
        }
    )
    reference = rows(task, 2_000, 1)
    grid = build_grid(spec, reference)
    suite = Suite(spec, grid, count_all(grid, reference))
    facts = Facts(as_of=day_end(DAY))
    assert suite.run(rows(task, 1_000, 2), DAY, facts).failed == []
    day = rows(task, 1_000, 2)
    spoilt = day.set_column(day.column_names.index("tokens"), "tokens", pa.array(["many"] * 1_000))
    spoilt = spoilt.set_column(spoilt.column_names.index("x"), "x", pa.nulls(1_000))
    assert {(finding.name, finding.column) for finding in suite.run(spoilt, DAY, facts).failed} == {
        ("type", "tokens"),
        ("nulls", "x"),
    }


@pytest.mark.parametrize(
    ("task", "answers", "spoilt", "expected"),
    [
        ("regression", {"lower": "low", "upper": "high"}, {"low": "wide"}, ("type", "low")),
        ("multiclass", {"class_scores": {"a": "q", "b": "r"}}, {"r": 7.5}, ("range", "r")),
    ],
)
def test_ends_of_intervals_must_be_numbers_and_scores_of_classes_lie_from_0_to_1(task, answers, spoilt, expected):
    def day(seed: int) -> pa.Table:
        random, table = np.random.default_rng(seed), rows(task, 1_000, seed)
        for name in ("low", "high", "q", "r"):
            table = table.append_column(name, pa.array(random.random(1_000)))
        return table

    spec = ModelSpec.model_validate(
        {"model": "m", "task": task, "columns": {"prediction": "p", "label": "y", "features": ["x"], **answers}}
    )
    grid = build_grid(spec, day(1))
    suite = Suite(spec, grid, count_all(grid, day(1)))
    good, bad = day(2), day(2)
    for name, value in spoilt.items():
        bad = bad.set_column(bad.column_names.index(name), name, pa.array([value] * 1_000))
    assert suite.run(good, DAY, Facts(as_of=day_end(DAY))).failed == []
    (found,) = suite.run(bad, DAY, Facts(as_of=day_end(DAY))).failed
    assert (found.name, found.column) == expected


@pytest.mark.parametrize(
    "name", ['gro"up', "$PARAMETER", "price / €", "select", " spaced ", "{}", "%s", "a.b", "é" * 90]
)
def test_a_column_may_have_any_name(name):
    spec = ModelSpec.model_validate(
        {"model": "m", "task": "binary", "columns": {"prediction": "p", "features": [name]}}
    )
    reference = pa.table({"p": [0, 1] * 500, name: ["u", "v"] * 500})
    grid = build_grid(spec, reference)
    suite = Suite(spec, grid, count_all(grid, reference))
    facts = Facts(as_of=day_end(DAY))
    assert suite.run(reference, DAY, facts).failed == []
    (found,) = suite.run(pa.table({"p": [0, 1] * 500, name: ["w"] * 1_000}), DAY, facts).failed
    assert (found.name, found.column) == ("categories", name)
