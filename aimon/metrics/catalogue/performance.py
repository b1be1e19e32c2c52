"""The performance metrics: how right the model was, judged by the change since the baseline."""

from aimon.metrics.metric import NO_LIMIT, Basis, Direction, Family, Metric, Scope
from aimon.spec.model import Limit

_POINTS, _WIDE, _TENTH = (
    Limit(warning=0.05, critical=0.1),
    Limit(warning=0.1, critical=0.2),
    Limit(warning=0.1, critical=0.25),
)
_BY_POINTS = "Five points below the baseline are worth a look, ten are a different model."
_BY_WIDE = "Ten and twenty points below the baseline: it rests on one class only and moves with that class's share."
_BY_GROWTH = "A tenth and a quarter above the baseline."
_NONE = "No default limit: it describes what the limited metrics beside it already judge."
_HAND_TILL = (Scope.MODEL, Scope.CLASS)


def _metric(
    name: str,
    formula: str,
    *,
    limit: Limit = NO_LIMIT,
    basis: Basis = Basis.DROP,
    why: str = _NONE,
    unit: str = "0 to 1",
    direction: Direction = Direction.LOWER,
    interval: str = "95 %, Wilson",
    scopes: tuple[Scope, ...] = (Scope.MODEL,),
    ideal: float | None = None,
    reference: str = "",
) -> Metric:
    return Metric(
        name=name,
        family=Family.PERFORMANCE,
        formula=formula,
        unit=unit,
        direction=direction,
        scopes=scopes,
        interval=interval,
        limit=limit,
        basis=basis,
        ideal=ideal,
        needs_labels=True,
        why=why,
        reference=reference,
    )


def _error(name: str, formula: str, **kinds: str | tuple[Scope, ...]) -> Metric:
    return _metric(
        name,
        formula,
        limit=_TENTH,
        basis=Basis.GROWTH,
        why=_BY_GROWTH,
        direction=Direction.HIGHER,
        **kinds,  # type: ignore[arg-type]
    )


def _count(name: str, formula: str) -> Metric:
    return _metric(
        name,
        formula,
        unit="rows",
        direction=Direction.NEITHER,
        interval="exact",
        basis=Basis.VALUE,
        scopes=(Scope.MODEL, Scope.GROUP),
    )


PERFORMANCE = (
    _metric(
        "labelled_share",
        "rows with a label / rows",
        limit=Limit(warning=0.2, critical=0.5),
        why="Bounds the fall below the baseline's share once the labels had their time: a fifth less is a feed with "
        "gaps, half of it a broken one. Two files that are compared have no such time, so there it describes.",
    ),
    _metric("accuracy", "correct / rows with prediction and label", limit=_POINTS, why=_BY_POINTS),
    _metric(
        "balanced_accuracy",
        "mean over classes of recall",
        limit=_POINTS,
        why=_BY_POINTS,
        interval="95 %, normal",
        reference="Brodersen et al. (2010)",
    ),
    _metric("precision", "tp / (tp + fp); macro for several classes", limit=_WIDE, why=_BY_WIDE, scopes=_HAND_TILL),
    _metric("recall", "tp / (tp + fn); macro for several classes", limit=_WIDE, why=_BY_WIDE, scopes=_HAND_TILL),
    _metric("f1", "2 tp / (2 tp + fp + fn); macro for several classes", limit=_WIDE, why=_BY_WIDE, scopes=_HAND_TILL),
    Metric(
        name="fpr",
        family=Family.PERFORMANCE,
        formula="fp / (fp + tn): share of negative labels that were selected",
        unit="0 to 1",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL, Scope.GROUP, Scope.CLASS),
        interval="95 %, Wilson",
        limit=_POINTS,
        basis=Basis.RISE,
        needs_labels=True,
        why="Five and ten points above the baseline. By group it describes.",
    ),
    _metric(
        "mcc",
        "correlation of prediction and label: (c s - sum p t) / sqrt((s^2 - sum p^2)(s^2 - sum t^2))",
        limit=_WIDE,
        why="Ten and twenty points below the baseline.",
        unit="-1 to 1",
        interval="95 %, delta method",
        reference="Matthews (1975); Gorodkin (2004)",
    ),
    _metric(
        "roc_auc",
        "P(a positive scores above a negative) + P(tie) / 2; macro, each class against all others, for several classes",
        limit=_POINTS,
        why=_BY_POINTS,
        interval="95 %, DeLong on the logit scale; over classes the mean of theirs",
        scopes=_HAND_TILL,
        reference="DeLong et al. (1988)",
    ),
    _metric(
        "average_precision",
        "sum over falling thresholds of (recall_k - recall_(k-1)) precision_k; macro for several classes",
        scopes=_HAND_TILL,
        limit=_WIDE,
        why="Ten and twenty points below the baseline: it moves with the share of positives.",
        interval="95 %, logit; over classes the mean of theirs",
        reference="Boyd et al. (2013)",
    ),
    _error(
        "log_loss",
        "mean of -ln of the score given to what happened",
        unit="nats",
        interval="95 %, normal",
        scopes=_HAND_TILL,
    ),
    _error(
        "brier",
        "mean of (score - outcome)^2; for several classes of its sum over classes, from 0 to 2",
        interval="95 %, normal; over classes the sum of theirs",
        reference="Brier (1950)",
        scopes=_HAND_TILL,
    ),
    _metric(
        "ece",
        "sum over ten bins of equal mass of share x |positive share - mean score|, less its value under perfect "
        "calibration; for several classes of the given answer's confidence, and of each class's own score",
        scopes=_HAND_TILL,
        limit=_POINTS,
        basis=Basis.RISE,
        why="Five and ten points above the baseline.",
        direction=Direction.HIGHER,
        interval="95 %, normal",
        ideal=0.0,
        reference="Naeini et al. (2015)",
    ),
    _metric(
        "calibration_slope",
        "b of logit P(positive) = a + b logit(score)",
        unit="1 is calibrated",
        direction=Direction.NEITHER,
        interval="95 %, likelihood",
        ideal=1.0,
        reference="Cox (1958)",
    ),
    _metric(
        "calibration_intercept",
        "a of logit P(positive) = a + logit(score)",
        unit="log odds; 0 is calibrated",
        direction=Direction.EITHER,
        interval="95 %, likelihood",
        ideal=0.0,
        reference="Cox (1958)",
    ),
    *(
        _count(name, formula)
        for name, formula in (
            ("tn", "negative labels not selected"),
            ("fp", "negative labels selected"),
            ("fn", "positive labels not selected"),
            ("tp", "positive labels selected"),
        )
    ),
    _error("mae", "mean of |prediction - label|", unit="the label's", interval="95 %, normal"),
    _error("rmse", "sqrt(mean of (prediction - label)^2)", unit="the label's", interval="95 %, delta method"),
    _metric(
        "median_absolute_error",
        "median of |prediction - label|, to a grid step",
        unit="the label's",
        direction=Direction.HIGHER,
        basis=Basis.GROWTH,
        interval="95 %, order statistics",
        reference="Conover (1999)",
    ),
    _metric(
        "mape",
        "mean of |prediction - label| / |label|; unsupported where labels are 0",
        unit="share of the label",
        direction=Direction.HIGHER,
        basis=Basis.GROWTH,
        interval="95 %, normal",
        why="No default limit: a handful of small labels decides it, and mae and rmse judge the same errors.",
        reference="Hyndman and Koehler (2006)",
    ),
    _metric(
        "interval_coverage",
        "labels inside [lower, upper] / labels with both ends",
        limit=_POINTS,
        why="Five and ten points below the baseline. Where the level is known, give it a floor of its own.",
    ),
    _metric(
        "bias",
        "mean of prediction - label",
        unit="the label's",
        direction=Direction.EITHER,
        basis=Basis.MOVE,
        interval="95 %, normal",
        ideal=0.0,
    ),
    _metric(
        "r2",
        "1 - mean squared error / variance of the label; undefined on a constant label",
        limit=_POINTS,
        why=_BY_POINTS,
        unit="at most 1",
        interval="95 %, normal",
        reference="Olkin and Finn (1995)",
    ),
)
