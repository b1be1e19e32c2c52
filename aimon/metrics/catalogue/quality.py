"""The data quality metrics: whether values are there, known, in range and readable."""

from aimon.metrics.metric import NO_LIMIT, Basis, Direction, Family, Metric, Scope
from aimon.spec.model import Limit

_FEW, _MANY = Limit(warning=0.05, critical=0.2), Limit(warning=0.01, critical=0.05)


def _share(name: str, formula: str, limit: Limit, why: str, basis: Basis = Basis.RISE) -> Metric:
    return Metric(
        name=name,
        family=Family.QUALITY,
        formula=formula,
        unit="share of rows",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval="95 %, Newcombe for a change, Wilson for a share",
        limit=limit,
        basis=basis,
        ideal=0.0,
        why=why,
        reference="Newcombe (1998); Wilson (1927)",
    )


QUALITY = (
    _share(
        "missing_shift",
        "share of null and NaN now - the reference's share",
        _FEW,
        "Five points more missing values are a fault worth a look, twenty a broken feed.",
        Basis.VALUE,
    ),
    _share(
        "unseen_share",
        "share of categories that the reference never had",
        _FEW,
        "Bounds the rise above what the reference's own rare values lead to expect (Good and Turing), so that columns "
        "with ever new values stay calm. Five points of new categories are a new code list, twenty a new meaning.",
    ),
    _share(
        "out_of_range",
        "share of numbers beyond the reference's smallest and largest, or of scores outside [0, 1]; to a grid step",
        _FEW,
        "Bounds the rise above the reference's share, with the reference's own sampling error: a small reference has "
        "not seen its whole range.",
    ),
    _share(
        "infinite_share",
        "share of infinite numbers",
        NO_LIMIT,
        "No default limit: infinities have a bin of their own in psi.",
    ),
    _share(
        "unreadable_share",
        "share of values that are no number in a column of numbers",
        _MANY,
        "Text in a column of numbers is a change of type: one percent more is a fault, five percent a broken feed.",
    ),
    _share(
        "empty_shift",
        "share of empty texts now - the reference's share",
        _FEW,
        "As for missing values: an empty text is a missing one.",
        Basis.VALUE,
    ),
    Metric(
        name="distinct_count",
        family=Family.QUALITY,
        formula="number of distinct categories; by the most likely number where there are too many to name",
        unit="values",
        direction=Direction.NEITHER,
        scopes=(Scope.COLUMN,),
        interval="exact, or 95 % of the estimate",
        reference="Flajolet and Martin (1985), Probabilistic counting algorithms",
    ),
)
