"""Rankings, generated answers and changed errors, judged from the rows of a small project."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.clock import day_end
from aimon.daily.model_day import ModelDay
from aimon.metrics.metric import Family
from aimon.platform import open_platform
from aimon.store import records
from aimon.store.records import StoredRecord
from tests.tiny_project import rows, tiny_project

DAY = date(2026, 11, 1)
HEAD = "source: {kind: parquet, path: data/*.parquet}\nbaseline: {path: reference.parquet}\n"
RANKING = f"""\
model: search
task: ranking
{HEAD}columns: {{id: id, timestamp: at, prediction: position, query: query, label: relevance, features: [words]}}
"""
ANSWERS = f"""\
model: search
task: generative
{HEAD}columns: {{id: id, timestamp: at, prediction: answer, judge: judge, label: people, features: [words]}}
"""


def times(day: date, count: int) -> pa.Array:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return pa.array([start + timedelta(seconds=20 * number) for number in range(count)], pa.timestamp("us", "UTC"))


def ranked(day: date, random: np.random.Generator, *, good: bool) -> pa.Table:
    """Two hundred queries with ten answers each; a bad ranking puts what is relevant anywhere."""
    queries, answers = 200, 10
    position = np.tile(np.arange(1, answers + 1), queries)
    first = random.random((queries, answers)) < 0.9 / np.arange(1, answers + 1)
    relevance = first if good else random.permuted(first, axis=1)
    return pa.table(
        {
            "id": [f"{day}-{number}" for number in range(queries * answers)],
            "at": times(day, queries * answers),
            "position": position,
            "query": [f"q{number}" for number in np.repeat(np.arange(queries), answers)],
            "relevance": relevance.ravel().astype(int),
            "words": random.normal(size=queries * answers),
        }
    )


def answered(day: date, random: np.random.Generator, *, good: bool) -> pa.Table:
    """Two thousand answers, marked by a judge that is right nine times of ten, a quarter of them by people too."""
    count = 2_000
    is_good = random.random(count) < (0.9 if good else 0.5)
    judge = np.where(random.random(count) < 0.9, is_good, ~is_good).astype(float)
    people = pa.array(is_good.astype(float), mask=random.random(count) >= 0.25)
    refusal, answer = "I'm sorry, but I cannot help with that.", "Here is what you asked for: it is seven."
    texts = np.where(random.random(count) < (0.02 if good else 0.2), refusal, answer)
    return pa.table(
        {
            "id": [f"{day}-{number}" for number in range(count)],
            "at": times(day, count),
            "answer": texts,
            "judge": judge,
            "people": people,
            "words": random.normal(size=count),
        }
    )


def judged(root: Path, model: str, law: Callable[..., pa.Table], *, good: bool) -> dict[str, StoredRecord]:
    """The day's records of the whole, by metric."""
    random = np.random.default_rng(3)
    (root / "models").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "aimon.yaml").write_text("models: models\n")
    (root / "models" / "search.yaml").write_text(model)
    pq.write_table(law(DAY - timedelta(30), random, good=True), root / "reference.parquet")
    pq.write_table(law(DAY, random, good=good), root / "data" / "day.parquet")
    with open_platform(root) as platform:
        work = ModelDay(platform, platform.model("search"), DAY, as_of=day_end(DAY))
        work.ingest()
        for family in Family:
            work.judge(family)
        with platform.store.session() as connection:
            found = records.query(connection, model="search", since=DAY, until=DAY, window="1d")
    return {each.metric: each for each in found if each.segment is None and each.group is None and each.column is None}


@pytest.mark.parametrize(("good", "verdict"), [(True, "ok"), (False, "critical")])
def test_rankings_are_judged_by_whole_queries_against_the_reference(tmp_path: Path, good: bool, verdict: str) -> None:
    found = judged(tmp_path, RANKING, ranked, good=good)

    assert found["ndcg"].verdict == verdict
    assert found["ndcg"].family == "performance"
    assert None not in (found["mrr"].value, found["map"].value)
    assert found["ndcg"].n_current == pytest.approx(195, abs=6)  # queries with something relevant


@pytest.mark.parametrize(("good", "verdict"), [(True, "ok"), (False, "critical")])
def test_answers_are_judged_by_refusals_and_by_marks(tmp_path: Path, good: bool, verdict: str) -> None:
    found = judged(tmp_path, ANSWERS, answered, good=good)

    assert found["refusal_rate"].verdict == verdict
    assert found["refusal_rate"].family == "operations"
    quality = found["judged_quality"]
    assert None not in (quality.low, quality.high)
    assert quality.low < (0.9 if good else 0.5) < quality.high  # type: ignore[operator]
    assert (found["judge_agreement"].value or 0.0) > 0.4


def test_errors_that_rise_within_the_month_are_dated(tmp_path: Path) -> None:
    root = tiny_project(tmp_path / "project", days=0)
    folder = root / "data" / "alpha"
    folder.mkdir(parents=True, exist_ok=True)
    days = [DAY + timedelta(number) for number in range(6)]
    for number, day in enumerate(days):
        made = rows(day, 600, seed=1)
        turned = np.random.default_rng(number).random(600) < (0.05 if number < 3 else 0.4)
        label = np.where(turned, 1 - made["decision"].to_numpy(), made["decision"].to_numpy())
        made = made.set_column(made.column_names.index("label"), "label", pa.array(label))
        pq.write_table(made, folder / f"{day}.parquet")
    with open_platform(root) as platform:
        for day in days:
            work = ModelDay(platform, platform.model("alpha"), day, as_of=day_end(days[-1]) + timedelta(2))
            work.ingest()
            work.judge(Family.PERFORMANCE)
        with platform.store.session() as connection:
            (found,) = records.query(connection, model="alpha", since=day, until=day, metric="concept_drift")
    assert (found.window, found.maturity, found.verdict) == ("30d", "mature", "critical")
    assert found.value == pytest.approx(0.35, abs=0.06)
    assert "since about 2026-11-0" in (found.reason or "")
