"""The metrics estimated without labels, and how well they held; those of rankings and generated answers."""

from aimon.metrics.metric import NO_LIMIT, Basis, Direction, Family, Metric, Scope
from aimon.spec.model import Limit

_LOGIT = "95 %, of the realised value: chance of the labels and error of the calibration, on the logit scale"
_LOG = "95 %, of the realised value: chance of the labels and error of what was learnt, on the logarithmic scale"
_CALIBRATED = (
    "; P(true | score) is learnt from the baseline's labels, anew for the window with reference rows weighted by how "
    "dense the window is around them"
)


def _share(name: str, formula: str, limit: Limit, why: str) -> Metric:
    return Metric(
        name=f"estimated_{name}",
        family=Family.ESTIMATE,
        formula=f"{formula}{_CALIBRATED}",
        unit="0 to 1",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval=_LOGIT,
        limit=limit,
        basis=Basis.DROP,
        why=why,
        reference="Bialek et al. (2024), Estimating model performance under covariate shift without labels",
    )


def _error(name: str, formula: str) -> Metric:
    return Metric(
        name=f"estimated_{name}",
        family=Family.ESTIMATE,
        formula=formula,
        unit="the label's",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL,),
        interval=_LOG,
        limit=Limit(warning=0.1, critical=0.25),
        basis=Basis.GROWTH,
        why=f"As `{name}`: a tenth and a quarter above the baseline.",
    )


_POINTS, _WIDE = Limit(warning=0.05, critical=0.1), Limit(warning=0.1, critical=0.2)

ESTIMATES = (
    Metric(
        name="support_share",
        family=Family.ESTIMATE,
        formula="sampled rows where reference rows are at least a fiftieth as dense / sampled rows",
        unit="0 to 1",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval="95 %, Wilson",
        ideal=1.0,
        why="No default limit: below 0.95 the estimates beside it are unsupported.",
    ),
    _share(
        "accuracy",
        "mean of P(the prediction is right | score)",
        _POINTS,
        "As `accuracy`: five and ten points below the baseline.",
    ),
    _share(
        "precision",
        "expected tp / selected",
        _WIDE,
        "As `precision`: ten and twenty points below the baseline.",
    ),
    _share(
        "recall",
        "expected tp / expected positives",
        _WIDE,
        "As `recall`: ten and twenty points below the baseline.",
    ),
    _share(
        "f1",
        "2 expected tp / (selected + expected positives)",
        _WIDE,
        "As `f1`: ten and twenty points below the baseline.",
    ),
    _share(
        "roc_auc",
        "area under the ROC curve of the expected positives and negatives by score",
        _POINTS,
        "As `roc_auc`: five and ten points below the baseline.",
    ),
    _error("mae", "sum over cells of the prediction of share x the reference's mean |error|, x the weighted factor"),
    _error("rmse", "sqrt of the same with squared errors"),
    Metric(
        name="estimate_coverage",
        family=Family.ESTIMATE,
        formula="earlier estimates whose interval held the realised value / earlier estimates with mature labels",
        unit="0 to 1",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval="95 %, Wilson",
        ideal=0.95,
        why="No default limit: where it is below 0.8 for certain, the next estimates are unsupported.",
    ),
    Metric(
        name="estimated_label_share",
        family=Family.ESTIMATE,
        formula="the shares of classes that, with the reference's scores (or answers) of each class, make those of the "
        "window most likely",
        unit="0 to 1",
        direction=Direction.NEITHER,
        scopes=(Scope.CLASS,),
        interval="95 %, resampling of reference and window",
        reference="Saerens, Latinne and Decaestecker (2002); Lipton, Wang and Smola (2018)",
    ),
    Metric(
        name="concept_drift",
        family=Family.PERFORMANCE,
        formula="mean error since the last shift that ADWIN finds in the window's labelled rows, less that before it",
        unit="share of rows; the label's for a regression",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        limit=_POINTS,
        ideal=0.0,
        needs_labels=True,
        why="Five and ten points more errors than before the shift. Of a regression it describes.",
        reference="Bifet and Gavalda (2007), Learning from time-changing data with adaptive windowing",
    ),
)

_NORMAL = "95 %, normal over queries"


def _of_ranking(name: str, formula: str, limit: Limit, why: str, reference: str = "") -> Metric:
    return Metric(
        name=name,
        family=Family.PERFORMANCE,
        formula=formula,
        unit="0 to 1",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval=_NORMAL,
        limit=limit,
        basis=Basis.DROP,
        needs_labels=True,
        why=why,
        reference=reference,
    )


_MEAN = "No default limit: `ndcg` judges the same order."

TASKS = (
    _of_ranking(
        "ndcg",
        "mean over queries of DCG / ideal DCG of the first ten, DCG = sum of relevance / log2(rank + 1)",
        _POINTS,
        "Five points below the baseline are worth a look, ten are a different model.",
        "Jaervelin and Kekaelaeinen (2002)",
    ),
    _of_ranking("mrr", "mean over queries of 1 / rank of the first relevant answer", NO_LIMIT, _MEAN),
    _of_ranking("map", "mean over queries of the mean precision at each relevant answer", NO_LIMIT, _MEAN),
    Metric(
        name="refusal_rate",
        family=Family.OPERATIONS,
        formula="answers that open like a refusal / answers",
        unit="share of rows",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL,),
        interval="95 %, Wilson",
        limit=_POINTS,
        basis=Basis.RISE,
        why="Five and ten points above the baseline.",
    ),
    Metric(
        name="answer_words",
        family=Family.OPERATIONS,
        formula="mean number of words of an answer",
        unit="words",
        direction=Direction.EITHER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        basis=Basis.MOVE,
    ),
    Metric(
        name="judge_score",
        family=Family.PERFORMANCE,
        formula="mean mark of the judging model, uncorrected",
        unit="the mark's",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        basis=Basis.DROP,
    ),
    Metric(
        name="judged_quality",
        family=Family.PERFORMANCE,
        formula="mean mark that people would give: theirs where they marked, and the judge's elsewhere corrected by it",
        unit="the mark's",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        basis=Basis.DROP,
        needs_labels=True,
        why="No default limit: it has the unit of the marks.",
        reference="Angelopoulos, Duchi and Zrnic (2023), PPI++",
    ),
    Metric(
        name="judge_agreement",
        family=Family.PERFORMANCE,
        formula="Cohen's kappa of the judge's and people's marks: (equal - equal by chance) / (1 - equal by chance)",
        unit="-1 to 1",
        direction=Direction.LOWER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        limit=Limit(warning=0.4),
        ideal=1.0,
        needs_labels=True,
        why="Below 0.4 agreement beyond chance is no more than fair.",
        reference="Cohen (1960); Fleiss, Cohen and Everitt (1969); Landis and Koch (1977) for the words",
    ),
)
