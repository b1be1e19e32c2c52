import numpy as np
import pytest
from sklearn import metrics as sk  # noqa: TID253 - the oracle of these tests

from aimon.metrics.estimate import Obstacle
from aimon.metrics.performance import performance
from aimon.metrics.versus import Scored, of_class, over_classes

CLASSES = ["cat", "dog", "eel"]
COLUMNS = {"cat": "p cat", "dog": "p dog", "eel": "p eel"}


def _rows(random: np.random.Generator, n: int, sharpness: float = 1.5) -> dict[str, np.ndarray]:
    """Labels, and probabilities of a softmax that knows something about them."""
    label = random.choice(3, n, p=[0.6, 0.38, 0.02])
    logits = random.normal(size=(n, 3)) + sharpness * np.eye(3)[label]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = np.array(CLASSES)
    return {"t": names[label], "y": names[p.argmax(axis=1)], **{f"p {name}": p[:, k] for k, name in enumerate(CLASSES)}}


def _found(counted, data: dict, current: dict | None = None, **roles) -> dict:
    roles = {"label": "t", "class_scores": COLUMNS, "features": (), **roles}
    _, grid, baseline, window = counted(data, data if current is None else current, task="multiclass", **roles)
    return {(each.metric, each.group): each for each in performance(grid, baseline, window)}


def test_areas_and_losses_over_classes_are_those_of_scikit_learn(counted, random) -> None:
    data = _rows(random, 20_000)
    found = _found(counted, data)
    p = np.stack([data[column] for column in COLUMNS.values()], axis=1)
    truth = (data["t"][:, None] == np.array(CLASSES)).astype(float)
    area = sk.roc_auc_score(data["t"], p, multi_class="ovr", average="macro", labels=CLASSES)
    assert found["roc_auc", None].value == pytest.approx(area, abs=0.001)
    precision = sk.average_precision_score(truth, p, average="macro")
    assert found["average_precision", None].value == pytest.approx(precision, abs=0.005)
    assert found["log_loss", None].value == pytest.approx(sk.log_loss(data["t"], p, labels=CLASSES), rel=1e-4)
    assert found["brier", None].value == pytest.approx(((p - truth) ** 2).sum(axis=1).mean(), rel=1e-4)
    for name in ("roc_auc", "average_precision", "log_loss", "brier"):
        estimate = found[name, None]
        assert estimate.low < estimate.value < estimate.high
        assert estimate.change.value == 0.0
        assert estimate.obstacle is None


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_against_all_others_is_measured_like_the_positive_one_of_two(name: str, counted, random) -> None:
    data = _rows(random, 20_000)
    found = _found(counted, data)
    own, p = data["t"] == name, data[COLUMNS[name]]
    assert found["roc_auc", name].value == pytest.approx(sk.roc_auc_score(own, p), abs=0.001)
    assert found["average_precision", name].value == pytest.approx(sk.average_precision_score(own, p), abs=0.005)
    assert found["log_loss", name].value == pytest.approx(sk.log_loss(own, p), rel=1e-3)
    assert found["brier", name].value == pytest.approx(sk.brier_score_loss(own, p), rel=1e-3)
    assert found["ece", name].value is not None
    assert found["roc_auc", name].column == "t"


def test_a_score_that_tells_a_class_no_longer_apart_is_seen_in_that_class(counted, random) -> None:
    before, after = _rows(random, 5000), _rows(random, 5000)
    after["p dog"] = random.permutation(after["p dog"])
    found = _found(counted, before, after)
    assert found["roc_auc", "dog"].change.high < -0.2
    assert found["roc_auc", "cat"].change.high > -0.05
    assert found["roc_auc", None].change.value < -0.05


def test_the_interval_of_the_mean_area_holds_the_truth(random) -> None:
    laws = [(np.linspace(3, 1, 30), np.linspace(1, 3, 30)), (np.linspace(4, 1, 30), np.linspace(1, 4, 30))]
    shares = [(others / others.sum(), own / own.sum()) for others, own in laws]

    def drawn(rows: int) -> dict[str, Scored]:
        return {
            str(place): Scored(random.multinomial(2 * rows, others), random.multinomial(rows, own), None)
            for place, (others, own) in enumerate(shares)
        }

    truth = over_classes(drawn(10_000_000))["roc_auc"].value
    found = [over_classes(drawn(150))["roc_auc"] for _ in range(300)]
    assert np.mean([measure.low <= truth <= measure.high for measure in found]) >= 0.93


def test_labels_of_a_class_that_no_column_scores_make_the_losses_unsupported(counted, random) -> None:
    data = _rows(random, 2000)
    found = _found(counted, data, class_scores={"cat": "p cat", "dog": "p dog"})
    eels = (data["t"] == "eel").sum()
    assert found["log_loss", None].obstacle is Obstacle.ASSUMPTION
    assert found["log_loss", None].note == f"{eels} labels are of classes without a column in class_scores"
    assert found["roc_auc", None].obstacle is None


def test_scores_that_are_no_probabilities_have_areas_and_no_losses(counted, random) -> None:
    data = _rows(random, 2000)
    data |= {column: np.log(data[column]) for column in COLUMNS.values()}
    found = _found(counted, data)
    own = data["t"] == "dog"
    assert found["roc_auc", "dog"].value == pytest.approx(sk.roc_auc_score(own, data["p dog"]), abs=0.002)
    assert ("log_loss", None) not in found
    assert ("brier", "dog") not in found


def test_a_class_of_a_handful_of_rows_widens_the_mean_and_a_class_without_rows_is_left_out() -> None:
    plenty = Scored(np.array([500, 100]), np.array([100, 500]), None)
    handful, none = Scored(np.array([900, 290]), np.array([2, 3]), None), Scored(np.array([900]), np.array([0]), None)
    alone, mixed = over_classes({"a": plenty})["roc_auc"], over_classes({"a": plenty, "b": handful})["roc_auc"]
    assert mixed.low == pytest.approx(alone.low / 2)
    assert mixed.high == pytest.approx((alone.high + 1) / 2)
    assert over_classes({"a": plenty, "c": none})["roc_auc"] == alone
    assert over_classes({"c": none})["roc_auc"].note == "no class has both rows of its own and rows of others"
    assert over_classes({}) == {}


def test_few_rows_have_losses_without_an_interval() -> None:
    few = Scored(np.array([5, 5]), np.array([5, 5]), np.array([0.25, 0.75]))
    loss = over_classes({"a": few, "b": few})["brier"]
    assert (loss.value, loss.low) == (pytest.approx(2 * of_class(few)["brier"].value), None)
    assert loss.obstacle is Obstacle.TOO_FEW_ROWS


def test_classes_are_found_whatever_their_spelling(counted, random) -> None:
    label = random.integers(0, 3, 1000)
    p = {f"p{k}": np.clip(random.normal(0.2 + 0.5 * (label == k), 0.1), 0, 1) for k in range(3)}
    data = {"t": label.astype(float), "y": label, **p}
    found = _found(counted, data, class_scores={"0": "p0", "1.0": "p1", "2": "p2"})
    assert found["roc_auc", "1"].value == pytest.approx(sk.roc_auc_score(label == 1, p["p1"]), abs=0.001)


def test_segments_have_the_scores_of_classes_too(counted, random) -> None:
    data = _rows(random, 6000) | {"site": np.array(["north", "south"] * 3000)}
    _, grid, baseline, window = counted(
        data, data, task="multiclass", label="t", class_scores=COLUMNS, features=(), segments=("site",)
    )
    found = {(e.metric, e.group): e for e in performance(grid, baseline, window, "site=north")}
    north = data["site"] == "north"
    expected = sk.roc_auc_score(data["t"][north] == "dog", data["p dog"][north])
    assert found["roc_auc", "dog"].value == pytest.approx(expected, abs=0.01)
