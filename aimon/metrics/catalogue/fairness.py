"""The fairness metrics: rates by group, gaps between groups, and how the gaps moved."""

from aimon.metrics.metric import NO_LIMIT, WORST_CASES, Basis, Direction, Family, Metric, Scope
from aimon.spec.model import Limit

_WILSON = "95 %, Wilson"
_PAIRS = "95 % for all pairs of groups together (Tukey-Kramer), Newcombe"


def _rate(name: str, formula: str, *, needs_labels: bool = True) -> Metric:
    return Metric(
        name=name,
        family=Family.FAIRNESS,
        formula=formula,
        unit="share of the denominator's rows",
        direction=Direction.NEITHER,
        scopes=(Scope.GROUP,),
        interval=_WILSON,
        needs_labels=needs_labels,
        reference="Wilson (1927)",
    )


def _gap(
    name: str, formula: str, limit: Limit, why: str, *, needs_labels: bool = True, interval: str = _PAIRS
) -> Metric:
    return Metric(
        name=name,
        family=Family.FAIRNESS,
        formula=formula,
        unit="difference of shares",
        direction=Direction.HIGHER,
        scopes=(Scope.GROUPS,),
        interval=interval,
        limit=limit,
        ideal=0.0,
        needs_labels=needs_labels,
        why=why,
        reference="Newcombe (1998); Kramer (1956)",
    )


def _shift(of: Metric) -> Metric:
    return Metric(
        name=f"{of.name}_shift",
        family=Family.FAIRNESS,
        formula=f"{of.name} now - {of.name} of the baseline",
        unit=of.unit,
        direction=Direction.LOWER if of.direction is Direction.LOWER else Direction.HIGHER,
        scopes=(Scope.GROUPS,),
        interval="95 %, from both intervals (Zou and Donner)",
        basis=Basis.VALUE,
        ideal=0.0,
        needs_labels=of.needs_labels,
        reference="Zou and Donner (2008)",
    )


_RATES = (
    Metric(
        name="count",
        family=Family.FAIRNESS,
        formula="rows of the group",
        unit="rows",
        direction=Direction.NEITHER,
        scopes=(Scope.GROUP,),
        interval="exact",
    ),
    _rate("selection_rate", "selected / rows with a prediction", needs_labels=False),
    _rate("tpr", "tp / (tp + fn): recall of the positive labels"),
    _rate("fnr", "fn / (tp + fn)"),
    _rate("tnr", "tn / (tn + fp)"),
    _rate("ppv", "tp / (tp + fp): precision of the selected"),
    _rate("npv", "tn / (tn + fn)"),
    _rate("base_rate", "(tp + fn) / rows with prediction and label"),
    Metric(
        name="calibration",
        family=Family.FAIRNESS,
        formula="mean score - share of positive labels in the group",
        unit="difference of shares",
        direction=Direction.EITHER,
        scopes=(Scope.GROUP,),
        interval="95 %, normal",
        ideal=0.0,
        needs_labels=True,
        reference="Kleinberg et al. (2017), Inherent trade-offs in the fair determination of risk scores",
    ),
)
_GAPS = (
    _gap(
        "demographic_parity_difference",
        "largest - smallest selection rate",
        Limit(warning=0.05, critical=0.1),
        "Five points of selection rate between groups call for an explanation, ten for action.",
        needs_labels=False,
    ),
    Metric(
        name="disparate_impact",
        family=Family.FAIRNESS,
        formula="smallest / largest selection rate",
        unit="ratio",
        direction=Direction.LOWER,
        scopes=(Scope.GROUPS,),
        interval="95 % for all pairs of groups together, Katz's log interval",
        limit=Limit(critical=0.8),
        ideal=1.0,
        why="The four-fifths rule of the US Uniform Guidelines on employee selection.",
        reference="29 CFR 1607.4 D; Katz et al. (1978)",
    ),
    _gap(
        "equal_opportunity_difference",
        "largest - smallest tpr",
        Limit(warning=0.1),
        "Ten points of true positive rate between groups: those who qualify are recognised unequally.",
    ),
    _gap("fpr_difference", "largest - smallest fpr", NO_LIMIT, "No default limit: equalized odds holds it."),
    _gap(
        "equalized_odds_difference",
        "the larger of the tpr gap and the fpr gap",
        Limit(warning=0.1),
        "As for equal opportunity, errors of both kinds considered.",
    ),
    _gap(
        "predictive_parity_difference",
        "largest - smallest ppv",
        Limit(warning=0.1),
        "Ten points of precision between groups: being selected means different things.",
    ),
    _gap(
        "calibration_difference",
        "largest - smallest calibration",
        Limit(warning=0.1),
        "Ten points between groups: one score means different chances.",
        interval="95 % for all pairs of groups together (Tukey-Kramer), normal",
    ),
)
_UNKNOWN = (
    Metric(
        name="unknown_share",
        family=Family.FAIRNESS,
        formula="rows whose group is null, unseen or too rare to name / rows",
        unit="share of rows",
        direction=Direction.HIGHER,
        scopes=(Scope.GROUPS,),
        interval=_WILSON,
        ideal=0.0,
    ),
    *(
        Metric(
            name=f"{name}_bounds",
            family=Family.FAIRNESS,
            formula=f"{name}, with the least and the most that the rows of unknown group could make of it",
            unit=unit,
            direction=Direction.NEITHER,
            scopes=(Scope.GROUPS,),
            interval=WORST_CASES,
            reference="Manski (2003), Partial identification of probability distributions",
        )
        for name, unit in (("demographic_parity_difference", "difference of shares"), ("disparate_impact", "ratio"))
    ),
)

FAIRNESS = (*_RATES, *_GAPS, *(_shift(gap) for gap in _GAPS), *_UNKNOWN)
