import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.insight.ranking import RankingSums, rank_queries, ranking_estimates, ranking_sums
from aimon.metrics.estimate import Obstacle


def rows(seed, queries=60, tied=False):
    random = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), random.integers(2, 15, queries))
    score = random.integers(0, 4, len(query)).astype(float) if tied else random.normal(size=len(query))
    relevance = random.choice([0.0, 0.0, 1.0, 2.0, 3.0], len(query))
    shuffled = random.permutation(len(query))
    return query[shuffled], score[shuffled], relevance[shuffled]


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_ndcg_is_that_of_scikit_learn(tied, k):
    from sklearn.metrics import ndcg_score

    query, score, relevance = rows(1, tied=tied)
    expected = [
        ndcg_score([relevance[query == each]], [score[query == each]], k=k)
        for each in np.unique(query)
        if relevance[query == each].any()
    ]
    assert rank_queries(query, score, relevance, k=k).ndcg == pytest.approx(expected)


@pytest.mark.parametrize("tied", [False, True])
def test_map_is_the_mean_of_average_precisions(tied):
    from sklearn.metrics import average_precision_score

    query, score, relevance = rows(2, tied=tied)
    expected = [
        average_precision_score(relevance[query == each] > 0, score[query == each])
        for each in np.unique(query)
        if relevance[query == each].any()
    ]
    assert rank_queries(query, score, relevance).map == pytest.approx(expected)


def test_mrr_is_one_over_the_place_of_the_first_relevant_answer():
    query = np.array([0, 0, 0, 1, 1, 2])
    score = np.array([9.0, 8.0, 7.0, 1.0, 2.0, 5.0])
    relevance = np.array([0.0, 0.0, 1.0, 2.0, 1.0, 0.0])
    found = rank_queries(query, score, relevance)
    assert found.mrr.tolist() == pytest.approx([1 / 3, 1.0])
    assert found.others == 1


def test_rows_without_score_or_relevance_are_left_out():
    query = np.array([0, 0, 0, 1])
    score = np.array([3.0, np.nan, 1.0, 1.0])
    relevance = np.array([0.0, 5.0, 1.0, np.nan])
    found = rank_queries(query, score, relevance)
    assert found.mrr.tolist() == [0.5]
    assert len(rank_queries(query[:0], score[:0], relevance[:0]).ndcg) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_measures_lie_between_0_and_1_and_a_perfect_order_has_1(seed, tied):
    query, score, relevance = rows(seed, queries=12, tied=tied)
    found = rank_queries(query, score, relevance)
    for name in ("ndcg", "mrr", "map"):
        values = getattr(found, name)
        assert ((values > 0.0) & (values <= 1.0 + 1e-12)).all()
    assert rank_queries(query, relevance, relevance).ndcg == pytest.approx(1.0)


def table(seed):
    query, score, relevance = rows(seed)
    return pa.table({"q": [f"query {each}" for each in query], "s": score, "r": relevance})


def sums(data):
    return ranking_sums(data, query="q", score="s", relevance="r")


def test_days_add_up_to_the_window():
    first, second = table(3), table(4)
    renamed = second.set_column(0, "q", pa.array([f"other {text}" for text in second["q"].to_pylist()]))
    assert sums(first) + sums(renamed) == sums(pa.concat_tables([first, renamed]))


def test_the_interval_is_that_of_a_mean_over_queries():
    found = rank_queries(*rows(5, queries=400))
    measure = sums(table(5)).measure("ndcg")
    big = ranking_sums(
        pa.table(dict(zip("qsr", rows(5, queries=400), strict=True))), query="q", score="s", relevance="r"
    ).measure("ndcg")
    assert big.value == pytest.approx(found.ndcg.mean(), abs=1e-8)
    assert big.high - big.value == pytest.approx(1.96 * found.ndcg.std(ddof=1) / len(found.ndcg) ** 0.5, rel=1e-3)
    assert measure.n == len(rank_queries(*rows(5)).ndcg)


def test_rows_of_no_query_are_left_out():
    data = pa.table({"q": ["a", None, "a"], "s": [1.0, 9.0, 2.0], "r": [1.0, 1.0, 0.0]})
    assert sums(data).queries == 1
    assert sums(data).measure("mrr").value == 0.5


def test_a_day_without_relevant_answers_is_not_estimable():
    none = sums(pa.table({"q": ["a"], "s": [1.0], "r": [0.0]}))
    assert none == RankingSums(0, 1, 0, 0, 0, 0, 0, 0)
    assert {each.obstacle for each in ranking_estimates(None, none)} == {Obstacle.NO_DENOMINATOR}


def test_estimates_hold_the_change_since_the_baseline():
    good = sums(table(6))
    query, _, relevance = rows(6)
    bad = ranking_sums(pa.table({"q": query, "s": -relevance, "r": relevance}), query="q", score="s", relevance="r")
    found = {each.metric: each for each in ranking_estimates(good, bad)}
    assert set(found) == {"ndcg", "mrr", "map"}
    assert found["ndcg"].change.high < 0.0
    assert found["ndcg"].labels
