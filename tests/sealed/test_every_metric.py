"""Rows with everything that goes wrong in them, of every task: they open to what they are in the clear."""

from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.metrics.metric import Family
from aimon.metrics.registry import METRICS
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import Profile, total
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.secret import SecretKey
from aimon.spec.model import Task
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record
from tests.profile.nasty_rows import differences, nasty_rows, nasty_spec
from tests.profile.test_laws import other_rows
from tests.sealed.loans import DAY, SPEC, loans_grid
from tests.sealed.loans import rows as loans

SECRET, PUBLIC = SecretKey.generate(CUBE)
NEED_ROWS = {
    *("domain_auc", "reconstruction_shift", "concept_drift", "ndcg", "mrr", "map", "refusal_rate", "answer_words"),
    *("judge_score", "judged_quality", "judge_agreement"),
}
NEED_SUMS = {"mae", "rmse", "r2", "bias", "mape", "median_absolute_error", "tokens", "cost_usd"}
"""Metrics that no counts in slots give: of whole rows, and of sums, whose integers are too large."""
NOT_OF_COUNTS = {"symmetric_chi2", "psi_forecast", "volume_slope", "volume_forecast"}
"""Metrics of sealed scores and trends, which take the place of counts and are compared where these are tested."""


@cache
def layout_of(task: Task) -> Layout:
    return Layout(sealed_grid(build_grid(nasty_spec(task), nasty_rows())), CUBE)


def opened_and_clear(layout: Layout, tables: list[pa.Table]) -> tuple[Profile, Profile]:
    sealing = Encoder(layout, PUBLIC, model="nasty", version="1", sender="host", number=0)
    envelopes = [sealing.seal_rows(table, DAY) for table in tables]
    opened = DecryptGate(layout, SECRET, PUBLIC.id, least_rows=1).open(add(envelopes), envelopes)
    return opened, layout.kept(total([count_all(layout.grid, table) for table in tables], layout.grid.id))


@settings(max_examples=25, deadline=None)
@given(task=st.sampled_from(list(Task)), sizes=st.lists(st.integers(1, 60), min_size=1, max_size=3), seed=st.integers())
def test_any_rows_open_to_the_counts_that_they_have_in_the_clear(task: Task, sizes: list[int], seed: int) -> None:
    tables = [other_rows(size, abs(seed) + place) for place, size in enumerate(sizes)]
    assert differences(*opened_and_clear(layout_of(task), tables)) == []


@pytest.fixture(scope="module")
def compared() -> list[tuple[Record, Record]]:
    """Every record of every task, of sealed counts and of the same counts in the clear."""
    pairs: list[tuple[Record, Record]] = []
    worlds = [(nasty_spec(task), layout_of(task), nasty_rows) for task in Task]
    for spec, layout, rows in (*worlds, (SPEC, Layout(loans_grid(), CUBE), loans)):
        baseline = layout.kept(count_all(layout.grid, rows(4_000, 0)))
        both = opened_and_clear(layout, [rows(1_000, 11), rows(900, 12)])
        sealed, clear = (list(evaluate(spec, layout.grid, baseline, each)) for each in both)
        assert len(sealed) == len(clear) > 50
        pairs += zip(sealed, clear, strict=True)
    return pairs


def test_every_record_is_that_of_the_same_counts_in_the_clear(compared: list[tuple[Record, Record]]) -> None:
    assert [(sealed, clear) for sealed, clear in compared if sealed != clear] == []


def test_every_metric_that_counts_give_is_compared_for_all_rows_by_segment_and_by_group(
    compared: list[tuple[Record, Record]],
) -> None:
    valued = [sealed for sealed, _ in compared if sealed.value is not None]
    families = {Family.DRIFT, Family.QUALITY, Family.FAIRNESS, Family.PERFORMANCE, Family.OPERATIONS}
    wanted = {name for name, metric in METRICS.items() if metric.family in families}
    assert {each.metric for each in valued} == wanted - NEED_ROWS - NEED_SUMS - NOT_OF_COUNTS
    by_segment = {each.metric for each in valued if each.segment is not None}
    assert by_segment > {
        "psi",
        "roc_auc",
        "ece",
        "calibration_slope",
        "log_loss",
        "disparate_impact",
        "confidence_shift",
    }
    by_group = {each.metric for each in valued if each.group is not None}
    assert by_group > {"tpr", "ppv", "selection_rate", "calibration"}
    crossed = {each.metric for each in valued if each.column == ("sex", "age")}
    assert crossed > {"disparate_impact", "equalized_odds_difference", "tpr", "selection_rate"}
