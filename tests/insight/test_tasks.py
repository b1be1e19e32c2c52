import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.tasks import task_estimates
from aimon.metrics.registry import METRICS
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.judge import judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Verdict

RANKING = ModelSpec(model="m", task="ranking", columns=Columns(prediction="place", query="q", label="clicked"))
ANSWERS = ModelSpec(model="m", task="generative", columns=Columns(prediction="answer", judge="mark", label="person"))


def rankings(seed, queries=200, skill=2.0):
    random = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), 8)
    clicked = (random.random(len(query)) < 0.25).astype(int)
    score = skill * clicked + random.normal(size=len(query))
    place = np.concatenate([np.argsort(np.argsort(-part)) + 1 for part in score.reshape(-1, 8)])
    return pa.table({"q": query, "place": place, "clicked": clicked})


def answers(seed, rows=1_000, good=0.8, refuse=0.05):
    random = np.random.default_rng(seed)
    text = np.where(random.random(rows) < refuse, "I'm sorry, I cannot help.", "It is on its way to you.")
    truth = random.random(rows) < good
    mark = np.where(random.random(rows) < 0.9, truth, ~truth).astype(float)
    person = np.where(random.random(rows) < 0.2, truth, np.nan)
    return pa.table({"answer": text, "mark": mark, "person": pa.array(person, from_pandas=True)})


def by_metric(estimates):
    return {each.metric: each for each in estimates}


def verdict(spec, estimate):
    return judge(estimate, limits_of(spec, METRICS[estimate.metric], estimate, None)).verdict


def test_a_ranking_by_position_is_judged_against_its_baseline():
    found = by_metric(task_estimates(RANKING, rankings(1), rankings(2, skill=0.3)))
    assert set(found) == {"ndcg", "mrr", "map"}
    assert found["ndcg"].change.value < -0.1
    assert verdict(RANKING, found["ndcg"]) is Verdict.CRITICAL
    assert verdict(RANKING, by_metric(task_estimates(RANKING, rankings(1), rankings(3)))["ndcg"]) is Verdict.OK


def test_a_score_orders_a_ranking_where_there_is_one():
    data = rankings(4)
    scored = data.append_column("s", pa.array(-data["place"].to_numpy()))
    spec = RANKING.model_copy(update={"columns": RANKING.columns.model_copy(update={"score": "s"})})
    assert task_estimates(spec, None, scored) == task_estimates(RANKING, None, data)


def test_answers_have_refusals_words_and_corrected_quality():
    found = by_metric(task_estimates(ANSWERS, answers(1), answers(2, good=0.6, refuse=0.3)))
    assert set(found) == {"refusal_rate", "answer_words", "judge_score", "judged_quality", "judge_agreement"}
    assert verdict(ANSWERS, found["refusal_rate"]) is Verdict.CRITICAL
    assert found["judge_score"].value == pytest.approx(0.58, abs=0.05)
    assert found["judged_quality"].low < 0.6 < found["judged_quality"].high
    assert found["judged_quality"].change.high < 0.0
    assert found["judge_agreement"].value == pytest.approx(0.8, abs=0.12)
    assert found["judged_quality"].labels
    assert not found["refusal_rate"].labels


def test_without_marks_of_people_the_judge_stands_alone():
    table = answers(3).drop_columns(["person"])
    found = by_metric(task_estimates(ANSWERS, None, table))
    assert found["judge_score"].value is not None
    assert found["judged_quality"].value is None
    assert "judge_agreement" not in found


def test_a_judge_that_marked_nothing_has_no_score():
    table = answers(3, rows=50).set_column(1, "mark", pa.nulls(50, pa.float64()))
    assert by_metric(task_estimates(ANSWERS, None, table))["judge_score"].note == "the judge marked no row"


def test_columns_that_are_not_there_are_not_judged():
    assert task_estimates(RANKING, None, rankings(5).drop_columns(["clicked"])) == []
    assert task_estimates(ANSWERS, None, pa.table({"other": [1]})) == []


def test_other_tasks_are_judged_by_counts():
    spec = ModelSpec(model="m", task="regression", columns=Columns(prediction="p"))
    assert task_estimates(spec, None, pa.table({"p": [1.0]})) == []
