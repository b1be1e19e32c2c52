"""The drift metrics: how far a window's columns lie from the reference."""

from aimon.metrics.metric import EACH_BOUND, Basis, Direction, Family, Metric, Scope
from aimon.spec.model import Limit

_ONE_SIDED = f"{EACH_BOUND}, by inverting the noncentral chi-square law"


def _divergence(name: str, formula: str, unit: str, reference: str, interval: str = _ONE_SIDED) -> Metric:
    return Metric(
        name=name,
        family=Family.DRIFT,
        formula=formula,
        unit=unit,
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval=interval,
        ideal=0.0,
        reference=reference,
    )


DRIFT = (
    Metric(
        name="psi",
        family=Family.DRIFT,
        formula="sum (q - p) ln(q / p) over the deciles of the reference, or over the categories",
        unit="nats",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval=_ONE_SIDED,
        limit=Limit(warning=0.1, critical=0.25),
        ideal=0.0,
        primary=True,
        why="The industry's two limits: below 0.1 no material change, above 0.25 a major one. 0.25 is about a shift "
        "of the mean by half a standard deviation. It is the one test a column that raises the drift alarm: it needs "
        "significance after Benjamini-Hochberg over all columns, and a lower bound above the limit.",
        reference="Siddiqi (2006), Credit risk scorecards; Yurdakul (2018), Statistical properties of PSI",
    ),
    Metric(
        name="symmetric_chi2",
        family=Family.DRIFT,
        formula="sum (q - p)^2 / (q + p) over bins of a tenth of the reference or more, of sealed models that give "
        "scores only",
        unit="0 to 2",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval=f"{_ONE_SIDED}, and the step of 0.001 in which it is told",
        limit=Limit(warning=0.05, critical=0.125),
        ideal=0.0,
        primary=True,
        why="Half of PSI's limits: for a small change it is half the PSI of the same bins, and for a large one less.",
        reference="Le Cam (1986), Asymptotic methods in statistical decision theory; Topsoe (2000), triangular "
        "discrimination",
    ),
    Metric(
        name="psi_forecast",
        family=Family.DRIFT,
        formula="psi of the counts a week ahead, each on its least-squares line over the days; of sealed models with "
        "`trend`",
        unit="nats",
        direction=Direction.NEITHER,
        scopes=(Scope.COLUMN,),
        interval="none",
    ),
    _divergence(
        "kl",
        "sum p ln(p / q): the current distribution seen from the reference",
        "nats",
        "Kullback and Leibler (1951), On information and sufficiency",
    ),
    _divergence(
        "js",
        "sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2) with logarithms of base 2: the Jensen-Shannon distance",
        "0 to 1",
        "Lin (1991), Divergence measures based on the Shannon entropy",
    ),
    _divergence("hellinger", "sqrt(1 - sum sqrt(p q))", "0 to 1", "Hellinger (1909)"),
    _divergence(
        "wasserstein",
        "integral of |F - G| over the numbers, divided by the reference's interquartile range",
        "interquartile ranges of the reference",
        "Vaserstein (1969); Ramdas et al. (2017), On Wasserstein two-sample testing",
        "95 %, delta method",
    ),
    _divergence(
        "ks",
        "max |F - G| over the numbers",
        "0 to 1",
        "Massart (1990), The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality",
        "95 %, Dvoretzky-Kiefer-Wolfowitz band",
    ),
    _divergence(
        "chi2",
        "bias-corrected Cramer's V of the two-sample chi-square test; bins with fewer than 5 expected rows pooled",
        "0 to 1",
        "Bergsma (2013), A bias-correction for Cramer's V",
    ),
    _divergence("total_variation", "sum |q - p| / 2", "share of rows", "", "95 %, normal"),
    _divergence("l_infinity", "max |q - p|", "share of rows", "", "95 %, normal"),
    Metric(
        name="class_shift",
        family=Family.DRIFT,
        formula="largest |q - p| over the classes of the prediction, or of the label; new classes count",
        unit="share of rows",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval="95 % for all classes together, Newcombe",
        limit=Limit(warning=0.2),
        ideal=0.0,
        why="A fifth of the answers changed class: a different model, or different people, whatever the features say.",
    ),
    Metric(
        name="confidence_shift",
        family=Family.DRIFT,
        formula="mean score now - mean score of the reference",
        unit="score",
        direction=Direction.EITHER,
        scopes=(Scope.COLUMN,),
        interval="95 %, Welch",
        limit=Limit(warning=0.1),
        ideal=0.0,
        why="Ten points of mean score, up or down: neither is an improvement without labels.",
        reference="Welch (1947)",
    ),
    Metric(
        name="entropy_shift",
        family=Family.DRIFT,
        formula="mean of -s ln s - (1 - s) ln(1 - s) now - the reference's mean",
        unit="nats",
        direction=Direction.EITHER,
        scopes=(Scope.COLUMN,),
        interval="95 %, Welch",
        ideal=0.0,
        reference="Shannon (1948)",
    ),
    Metric(
        name="drift_score",
        family=Family.DRIFT,
        formula="100 x mean over features of min(1, psi / its critical limit), weighted by declared importance",
        unit="0 to 100",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL,),
        interval="none",
        basis=Basis.VALUE,
        ideal=0.0,
    ),
)
