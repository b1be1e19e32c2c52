"""Rows with everything that goes wrong in a column, and models that count them; the same rows for every engine."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from aimon.spec.model import Columns, Kind, ModelSpec, Task

FEATURES = {
    "amount": Kind.NUMERIC,
    "whole": Kind.NUMERIC,
    "constant": Kind.NUMERIC,
    "zeros": Kind.NUMERIC,
    "nothing": Kind.NUMERIC,
    "as text": Kind.NUMERIC,
    "price": Kind.NUMERIC,
    "flag": Kind.NUMERIC,
    "channel": Kind.CATEGORICAL,
    "code": Kind.CATEGORICAL,
    "ratio": Kind.CATEGORICAL,
    "merchant": Kind.CATEGORICAL,
    "opened": Kind.BOOLEAN,
    "birthday": Kind.DATETIME,
    "moment": Kind.DATETIME,
    "when": Kind.DATETIME,
    "comment": Kind.TEXT,
    'quo"ted, group': Kind.NUMERIC,
}
NUMBER_TEXTS = ["1", " 2.5 ", "+3", "-4e2", ".5", "7.", "nan", "-Inf", "infinity", "1e400", "1,5", "", "x", "1\n", None]
TIME_TEXTS = [
    "2026-02-28",
    "2026-02-30",
    "2024-02-29T23:59:59.123456Z",
    "2026-03-01 04:05",
    "2026-03-01T04:05:06+05:30",
    "1969-12-31T23:00:00-0100",
    "0001-01-01",
    "yesterday",
    "",
    None,
]
LONG_AGO = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
COMMENTS = ["", "   ", "Ok, 3 = café!", "naïve\ttabs\nand lines", "日本語 text", None]


def nasty_rows(rows: int = 400, seed: int = 7) -> pa.Table:
    """The rows; NaN, infinities, nulls, extremes, text of every sort."""
    random = np.random.default_rng(seed)

    def pick(values: list[object], kind: pa.DataType | None = None) -> pa.Array:
        return pa.array([values[place] for place in random.integers(0, len(values), rows)], kind)

    start = datetime(2026, 3, 1, tzinfo=UTC)
    amount = np.where(random.random(rows) < 0.1, 0.0, random.standard_t(2, rows))
    amount[:9] = [np.nan, np.inf, -np.inf, 1e300, -1e300, 5e-324, -0.0, 1.7e308, 1e-310]
    score = random.random(rows) ** 4
    score[:8] = [0.0, 1.0, 1e-300, 1 - 1e-16, 1.5, -0.1, np.nan, 0.5]
    outcome = np.random.default_rng(seed + 1).normal(50, 20, rows) * np.where(random.random(rows) < 0.02, 1e6, 1.0)
    outcome[9:14] = [0.0, -0.0, 1e-300, -1e-12, 5e-324][: max(0, rows - 9)]
    return pa.table(
        {
            "id": pa.array([f"r{number}" for number in range(rows)]),
            "at": pa.array(
                [start + timedelta(microseconds=int(us)) for us in random.integers(0, 86_400_000_000, rows)]
            ),
            "amount": pa.array(amount, mask=random.random(rows) < 0.1),
            "whole": pa.array(random.poisson(3, rows) * 7 - 5, mask=random.random(rows) < 0.1),
            "constant": pa.array(np.full(rows, 0.1)),
            "zeros": pa.array(np.where(random.random(rows) < 0.97, 0.0, random.exponential(5, rows))),
            "nothing": pa.nulls(rows, pa.float64()),
            "as text": pick(NUMBER_TEXTS),
            "price": pa.array(
                [None if cents % 9 == 0 else cents for cents in random.integers(-999, 9999, rows).tolist()]
            )
            .cast(pa.float64())
            .cast(pa.decimal128(12, 2)),
            "flag": pick([True, False, None]),
            "channel": pick(["web", "shop", "1.0", "1", "True", "o'hara", 'say "hi"', None]),
            "code": pick([1, 2, 3, 10_000_000_000, -4, None], pa.int64()),
            "ratio": pick([0.1, 1.0, 2.5, float("nan"), None], pa.float64()),
            "merchant": pa.array([f"merchant {int(number)}" for number in random.zipf(1.3, rows) % 400]),
            "opened": pick([True, False, None]),
            "birthday": pick([date(1969, 7, 20), date(2000, 2, 29), None]),
            "moment": pick([start.replace(tzinfo=None), LONG_AGO.replace(tzinfo=None), None], pa.timestamp("us")),
            "when": pick(TIME_TEXTS),
            "comment": pick(COMMENTS),
            'quo"ted, group': pa.array(random.normal(1e9, 1, rows)),
            "sex": pick(["f", "m", None]),
            "age": pa.array(random.integers(18, 90, rows)),
            "score": pa.array(score, mask=random.random(rows) < 0.05),
            "decision": pick([0, 1, 1, None], pa.int64()),
            "kind": pick(["a", "b", "c", "d", None]),
            "estimate": pa.array(random.normal(50, 20, rows), mask=random.random(rows) < 0.05),
            "defaulted": pick([False, True, None]),
            "truth": pick(["a", "b", "c", "e", None]),
            "outcome": pa.array(outcome),
            "seconds": pa.array(random.exponential(0.2, rows)),
            "failure": pick(["", "timeout", None]),
            "tokens": pa.array(random.integers(0, 5000, rows), mask=random.random(rows) < 0.05),
            "dollars": pa.array(random.exponential(0.01, rows)),
            "score a": pa.array(random.random(rows) ** 3, mask=random.random(rows) < 0.05),
            "score c": pick(["0", "0.25", "1e-9", "nan", "2", "x", None], pa.string()),
            "low": pa.array(random.normal(40, 15, rows), mask=random.random(rows) < 0.05),
            "high": pa.array(
                np.where(random.random(rows) < 0.1, np.inf, random.normal(60, 15, rows)),
                mask=random.random(rows) < 0.05,
            ),
        }
    )


def nasty_spec(task: Task) -> ModelSpec:
    """A model of the task over the nasty rows."""
    prediction, label, score = {
        Task.BINARY: ("decision", "defaulted", "score"),
        Task.MULTICLASS: ("kind", "truth", "score"),
        Task.REGRESSION: ("estimate", "outcome", None),
        Task.RANKING: ("estimate", "outcome", None),
        Task.GENERATIVE: ("comment", None, "score"),
    }[task]
    features = {name: kind for name, kind in FEATURES.items() if name != prediction}
    return ModelSpec(
        model="nasty",
        task=task,
        columns=Columns(
            prediction=prediction,
            label=label,
            score=score,
            id="id",
            timestamp="at",
            features=features,
            class_scores={"a": "score a", "c": "score c"} if task is Task.MULTICLASS else None,
            lower="low" if task is Task.REGRESSION else None,
            upper="high" if task is Task.REGRESSION else None,
            protected=("sex", "age"),
            segments=("channel", "whole"),
            latency="seconds",
            error="failure",
            tokens="tokens",
            cost="dollars",
        ),
        positive=1 if task is Task.BINARY else None,
    )


def differences(left: object, right: object) -> list[str]:
    """Which tables of two profiles differ, and where."""
    found = []
    for key in sorted({*left.tables, *right.tables}, key=str):  # type: ignore[attr-defined]
        a, b = left.tables.get(key), right.tables.get(key)  # type: ignore[attr-defined]
        if a is None or b is None:
            found.append(f"{key}: only on one side")
        elif not np.array_equal(a, b):
            places = np.argwhere(np.asarray(a) != np.asarray(b))[:4].tolist()
            found.append(f"{key}: {places} {[(int(a[tuple(p)]), int(b[tuple(p)])) for p in places]}")
    return found
