import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sk  # noqa: TID253 - the oracle of these tests

from aimon.metrics.classes import square
from aimon.metrics.confusion import balanced_accuracy, binary, by_class, f1, matthews, multiclass, rates
from aimon.metrics.performance import performance
from aimon.profile.axis import CategoryAxis

tables = arrays(np.int64, (2, 2), elements=st.integers(0, 200)).filter(lambda table: table.sum() > 0)
square_tables = arrays(np.int64, (4, 4), elements=st.integers(0, 30)).filter(lambda table: table.sum() > 0)


def _rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    predicted, true = np.indices(table.shape)
    return np.repeat(true.ravel(), table.ravel()), np.repeat(predicted.ravel(), table.ravel())


def _quietly(function, *args, **kwargs) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


@settings(max_examples=50)
@given(tables)
def test_binary_measures_are_those_of_scikit_learn(table: np.ndarray) -> None:
    true, predicted = _rows(table)
    measures = binary(table)
    assert measures["accuracy"].value == pytest.approx(sk.accuracy_score(true, predicted))
    oracles = {
        "precision": sk.precision_score,
        "recall": sk.recall_score,
        "f1": sk.f1_score,
        "mcc": sk.matthews_corrcoef,
    }
    for name, oracle in oracles.items():
        if measures[name].value is not None:
            assert measures[name].value == pytest.approx(_quietly(oracle, true, predicted), abs=1e-12)
    assert measures["balanced_accuracy"].value == pytest.approx(_quietly(sk.balanced_accuracy_score, true, predicted))
    assert [measures[name].value for name in ("tn", "fp", "fn", "tp")] == sk.confusion_matrix(
        true, predicted, labels=[0, 1]
    ).ravel().tolist()


@given(tables)
def test_every_interval_holds_its_value(table: np.ndarray) -> None:
    for measure in binary(table).values():
        if measure.value is not None and measure.low is not None:
            assert measure.low <= measure.value + 1e-12
            assert measure.high >= measure.value - 1e-12


def test_a_rate_without_its_denominator_is_undefined_and_says_why() -> None:
    measures = binary(np.array([[10, 0], [0, 0]]))
    assert measures["precision"].value is None
    assert measures["precision"].note == "no row was selected"
    assert measures["recall"].note == "no row has a positive label"
    assert measures["mcc"].value is None
    assert measures["f1"].value is None
    assert rates(np.array([[0, 0], [3, 4]]))["npv"] == (0, 0, "every row was selected")


@settings(max_examples=30)
@given(square_tables)
def test_multiclass_measures_are_those_of_scikit_learn(table: np.ndarray) -> None:
    true, predicted = _rows(table)
    measures = multiclass(table)
    assert measures["accuracy"].value == pytest.approx(sk.accuracy_score(true, predicted))
    assert measures["balanced_accuracy"].value == pytest.approx(_quietly(sk.balanced_accuracy_score, true, predicted))
    for name, oracle in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        expected = _quietly(oracle, true, predicted, average="macro", zero_division=0)
        assert measures[name].value == pytest.approx(expected, abs=1e-12)
    if measures["mcc"].value is not None:
        assert measures["mcc"].value == pytest.approx(sk.matthews_corrcoef(true, predicted), abs=1e-12)


@settings(max_examples=30)
@given(square_tables)
def test_measures_of_a_class_are_those_of_scikit_learn(table: np.ndarray) -> None:
    true, predicted = _rows(table)
    found = by_class(table, ["0", "1", "2", "3"])
    for place in range(4):
        if str(place) not in found:
            assert table[place].sum() + table[:, place].sum() == 0
            continue
        negatives, fpr = (true != place), found[str(place)]["fpr"].value
        if negatives.any():
            assert fpr == pytest.approx((predicted[negatives] == place).mean())
        for name, oracle in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            value = found[str(place)][name].value
            if value is not None:
                assert value == pytest.approx(_quietly(oracle, true, predicted, labels=[place], average=None)[0])


@pytest.mark.parametrize("name", ["mcc", "f1", "precision", "recall", "balanced_accuracy"])
def test_intervals_of_averages_hold_the_truth_in_nineteen_of_twenty_samples(name: str, random) -> None:
    law = np.array([[0.3, 0.05, 0.02], [0.04, 0.25, 0.03], [0.01, 0.05, 0.25]])
    truth = multiclass((law * 1e9).astype(np.int64))[name].value
    held = []
    for drawn in random.multinomial(800, law.ravel(), 400):
        measure = multiclass(drawn.reshape(3, 3))[name]
        held.append(measure.low <= truth <= measure.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_f1_and_matthews_of_two_classes_hold_the_truth(random) -> None:
    law = np.array([[0.5, 0.1], [0.1, 0.3]])
    f1_truth, mcc_truth = 0.75, matthews((law * 1e9).astype(np.int64)).value
    found = [binary(drawn.reshape(2, 2)) for drawn in random.multinomial(500, law.ravel(), 500)]
    assert np.mean([m["f1"].low <= f1_truth <= m["f1"].high for m in found]) == pytest.approx(0.95, abs=0.03)
    assert np.mean([m["mcc"].low <= mcc_truth <= m["mcc"].high for m in found]) == pytest.approx(0.95, abs=0.03)


def test_nothing_at_all_has_no_measures() -> None:
    nothing = np.zeros((2, 2), np.int64)
    assert all(measure.value is None for measure in multiclass(nothing).values())
    assert balanced_accuracy(np.zeros(2, np.int64), np.zeros(2, np.int64)).value is None
    assert f1(0, 0, 0).value is None


def test_classes_meet_whatever_their_order_and_spelling() -> None:
    table = np.zeros((5, 6), np.int64)
    prediction, label = CategoryAxis(values=("1", "0")), CategoryAxis(values=("false", "true", "maybe"))
    table[0, 1], table[1, 0], table[1, 2], table[2, 3], table[4, 0], table[0, 5] = 5, 4, 3, 2, 100, 100
    counts, classes = square(table, prediction, label)
    assert classes == ["1", "0", "maybe", "(other prediction)", "(other label)"]
    assert np.trace(counts) == 9
    assert counts.sum() == 14


def test_a_multiclass_model_is_measured_on_its_rows(counted, random) -> None:
    true = random.choice(["cat", "dog", "eel"], 2000)
    predicted = np.where(random.random(2000) < 0.8, true, random.choice(["cat", "dog", "eel"], 2000))
    data = {"y": predicted, "t": true, "s": random.beta(8, 2, 2000), "x": random.normal(size=2000)}
    _, grid, baseline, window = counted(data, data, task="multiclass", label="t", score="s", features=("x",))
    found = {(e.metric, e.group): e for e in performance(grid, baseline, window)}
    assert found["f1", None].value == pytest.approx(sk.f1_score(true, predicted, average="macro"), abs=1e-12)
    assert found["recall", "dog"].value == pytest.approx(
        sk.recall_score(true, predicted, labels=["dog"], average=None)[0]
    )
    assert found["recall", "dog"].column == "t"
    assert found["accuracy", None].change.value == 0.0
    assert ("roc_auc", None) not in found
    assert found["ece", None].value is not None
