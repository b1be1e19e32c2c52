"""The metrics of whole rows: whether the columns together moved. They are computed from samples, not from counts."""

from aimon.metrics.metric import Direction, Family, Metric, Scope
from aimon.spec.model import Limit

MULTIVARIATE = (
    Metric(
        name="domain_auc",
        family=Family.DRIFT,
        formula="P(a current row scores above a reference row), by a classifier that learnt to tell them apart",
        unit="0.5 to 1",
        direction=Direction.HIGHER,
        scopes=(Scope.MODEL,),
        interval="95 %, DeLong, for the mean of two folds",
        limit=Limit(warning=0.59, critical=0.64),
        ideal=0.5,
        primary=True,
        why="The areas that a shift of one normal column gives at the limits of its psi: psi is the squared shift, the "
        "area is Phi(shift / sqrt 2), so 0.1 is 0.59 and 0.25 is 0.64. Many small shifts add up to as much.",
        reference="Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests; DeLong et al. (1988)",
    ),
    Metric(
        name="reconstruction_shift",
        family=Family.DRIFT,
        formula="(mean error now - mean error of held-out reference rows) / its standard deviation; the error is what "
        "the reference's principal components (80 % of the variance of normal scores) leave of a row",
        unit="standard deviations of the reference's errors",
        direction=Direction.EITHER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal",
        ideal=0.0,
        reference="Jackson and Mudholkar (1979), Control procedures for residuals of principal component analysis",
    ),
)
