import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.classifier import separate
from aimon.insight.classifier_auc import Placements, null_error
from aimon.insight.multivariate import multivariate_drift
from aimon.insight.reconstruction import reconstruct
from aimon.insight.sample_columns import Column
from aimon.metrics.catalogue.multivariate import MULTIVARIATE
from aimon.metrics.estimate import Obstacle
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.judge import judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Verdict

Rng = np.random.Generator
DOMAIN_AUC, RECONSTRUCTION_SHIFT = MULTIVARIATE


def columns_of(reference: np.ndarray, current: np.ndarray) -> list[Column]:
    return [Column(f"c{place}", reference[:, place], current[:, place]) for place in range(reference.shape[1])]


def normal(rng: Rng, rows: int, columns: int = 6) -> np.ndarray:
    return rng.normal(size=(rows, columns))


def related(rng: Rng, rows: int) -> np.ndarray:
    """Columns 0 and 1 are related; each alone is standard normal."""
    made = normal(rng, rows)
    made[:, 1] = 0.8 * made[:, 0] + 0.6 * made[:, 1]
    return made


def test_the_area_and_its_error_are_those_of_the_textbook() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    positive = np.repeat([True, False], [300, 500])
    scores = np.round(rng.normal(size=800) + positive, 1)  # with ties
    placed = Placements.of(scores, positive)

    resampled = [
        roc_auc_score(positive[rows], scores[rows])
        for rows in (np.concatenate([rng.integers(0, 300, 300), rng.integers(300, 800, 500)]) for _ in range(400))
    ]
    assert placed.auc == pytest.approx(roc_auc_score(positive, scores))
    assert placed.error == pytest.approx(np.std(resampled), rel=0.1)


def test_the_error_of_an_area_that_tells_nothing_is_that_of_mann_whitney() -> None:
    rng = np.random.default_rng(2)
    areas = [Placements.of(rng.normal(size=90), np.arange(90) < 30).auc for _ in range(2_000)]

    assert null_error(30, 60) == pytest.approx(np.std(areas), rel=0.05)


def test_without_drift_the_classifier_alarms_no_more_often_than_it_says() -> None:
    significant = alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = separate(columns_of(normal(rng, 400), normal(rng, 250)), seed=seed)
        assert found is not None
        significant += found.p_value < 0.05
        alarms += found.low > 0.59
    assert significant <= 5  # nominal 3
    assert alarms == 0


def test_the_area_of_a_shifted_column_is_the_binormal_one_and_the_column_is_named() -> None:
    rng = np.random.default_rng(3)
    current = normal(rng, 6_000)
    current[:, 2] += 0.5
    found = separate(columns_of(normal(rng, 6_000), current), seed=1)

    assert found is not None
    assert found.low < 0.638 < found.high + 0.02  # Phi(0.5 / sqrt 2), less what trees cannot fit
    assert [carrier.column for carrier in found.carriers] == ["c2"]
    assert found.carriers[0].low > 0.05


def test_a_broken_relation_that_no_single_column_shows_is_seen_by_both_methods() -> None:
    rng = np.random.default_rng(4)
    reference, current = related(rng, 4_000), related(rng, 4_000)
    calm = columns_of(reference, current.copy())
    current[:, 1] = rng.permutation(current[:, 1])
    broken = columns_of(reference, current)

    found, second = separate(broken), reconstruct(broken)
    assert found is not None
    assert second is not None
    assert found.low > 0.64
    assert {carrier.column for carrier in found.carriers} == {"c0", "c1"}
    assert second.low > 0
    calm_found, calm_second = separate(calm), reconstruct(calm)
    assert calm_found is not None
    assert calm_second is not None
    assert calm_found.p_value > 0.05
    assert calm_second.low < 0 < calm_second.high


def test_many_small_shifts_are_seen_though_none_of_them_carries_the_drift() -> None:
    rng = np.random.default_rng(5)
    reference, current = normal(rng, 6_000, 40), normal(rng, 6_000, 40) + 0.1
    found = separate(columns_of(reference, current))

    assert found is not None
    assert found.auc > 0.59
    assert len(found.carriers) <= 2


def test_the_second_opinion_without_drift_is_calibrated() -> None:
    p_values = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        second = reconstruct(columns_of(related(rng, 800), related(rng, 300)), seed=seed)
        assert second is not None
        p_values.append(second.p_value)
    assert np.mean(np.array(p_values) < 0.05) <= 0.1
    assert 0.35 < np.mean(p_values) < 0.65


def test_categories_missing_values_infinities_and_constants_are_taken_as_they_come() -> None:
    rng = np.random.default_rng(6)

    def table(east: float) -> pa.Table:
        return pa.table(
            {
                "region": rng.choice(["east", "west", None], 1_500, p=[east, 0.9 - east, 0.1]),
                "income": pa.array(rng.lognormal(size=1_500), mask=rng.random(1_500) < 0.2),
                "huge": np.where(rng.random(1_500) < 0.1, np.inf, rng.normal(size=1_500)),
                "constant": np.ones(1_500),
                "empty": pa.nulls(1_500, pa.float64()),
                "flag": rng.random(1_500) < 0.5,
            }
        )

    drift = multivariate_drift(
        table(0.3), table(0.7), ["region", "income", "huge", "constant", "empty", "flag", "gone"]
    )
    assert drift.columns == ("region", "income", "huge", "flag")
    assert drift.separation is not None
    assert [carrier.column for carrier in drift.separation.carriers] == ["region"]
    assert drift.sentence.startswith("A classifier tells current rows from reference rows (AUC 0.")
    assert drift.sentence.endswith("; carried by region.")


def test_the_same_seed_gives_the_same_result() -> None:
    rng = np.random.default_rng(7)
    columns = columns_of(normal(rng, 500), normal(rng, 500) + 0.3)

    assert separate(columns, seed=3) == separate(columns, seed=3)
    assert reconstruct(columns, seed=3) == reconstruct(columns, seed=3)
    assert separate(columns, seed=3) != separate(columns, seed=4)


def test_the_estimates_are_judged_by_the_limits_of_the_catalogue() -> None:
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="p"))
    rng = np.random.default_rng(8)
    reference, calm, moved = (pa.table({"x": rng.normal(size=4_000) + shift}) for shift in (0.0, 0.0, 0.7))

    verdicts = []
    for current in (calm, moved):
        estimate, second = multivariate_drift(reference, current, ["x"]).estimates
        verdicts.append(judge(estimate, limits_of(spec, DOMAIN_AUC, estimate, None)).verdict)
        assert limits_of(spec, RECONSTRUCTION_SHIFT, second, None) is None
    assert verdicts == [Verdict.OK, Verdict.CRITICAL]


def test_too_few_rows_are_said_to_be_too_few() -> None:
    few = pa.table({"x": np.arange(50.0)})
    drift = multivariate_drift(few, few, ["x"])
    estimate, second = drift.estimates

    assert estimate.obstacle is second.obstacle is Obstacle.TOO_FEW_ROWS
    assert drift.sentence == (
        "Whether the columns together moved cannot be told: 50 reference and 50 current rows; "
        "at least 100 of each are needed."
    )
    assert "there is no column to look at" in multivariate_drift(few, few, []).sentence
