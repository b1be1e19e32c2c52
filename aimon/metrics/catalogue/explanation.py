"""What explains an alarm: damaged columns, what they cost, where it gathers, since when. No default limit judges it."""

from aimon.metrics.metric import Direction, Family, Metric, Scope

_SHOWN = "No default limit: it explains what others judged."

EXPLANATIONS = (
    Metric(
        name="data_fault",
        family=Family.ESTIMATE,
        formula="sampled rows of the column that look damaged / sampled rows; the record's reason names the damage",
        unit="share of rows",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval="none",
        ideal=0.0,
        why=_SHOWN,
    ),
    Metric(
        name="root_cause",
        family=Family.ESTIMATE,
        formula="mean loss now - mean loss with the column drawn from the reference, less the same of reference rows",
        unit="the loss's: Brier score, mean absolute error or error rate",
        direction=Direction.HIGHER,
        scopes=(Scope.COLUMN,),
        interval="95 %, normal",
        ideal=0.0,
        why=_SHOWN,
        reference="Budhathoki et al. (2021), Why did the distribution change?",
    ),
    Metric(
        name="worst_segment",
        family=Family.ESTIMATE,
        formula="change inside the found segment - change outside: of errors, a column, a selection gap or its size",
        unit="shares, the loss's, or standard deviations of the column",
        direction=Direction.EITHER,
        scopes=(Scope.MODEL,),
        interval="95 %, normal, on rows that had no part in finding the segment",
        ideal=0.0,
        why=_SHOWN,
        reference="Chung et al. (2019), Slice finder; Genovese, Roeder and Wasserman (2006) for the discovery rate",
    ),
    Metric(
        name="change_point",
        family=Family.ESTIMATE,
        formula="the level, slope or spread of an alarming series since its last change; the reason has the day",
        unit="the series'",
        direction=Direction.NEITHER,
        scopes=(Scope.COLUMN, Scope.MODEL),
        interval="the days in the reason: 95 %",
        why=_SHOWN,
        reference="Davis, Lee, Rodriguez-Yam (2006); Zhang and Siegmund (2007)",
    ),
    Metric(
        name="explanation_age",
        family=Family.ESTIMATE,
        formula="days since segments and root causes were searched for the alarms that stand",
        unit="days",
        direction=Direction.NEITHER,
        scopes=(Scope.MODEL,),
        interval="none",
        why=_SHOWN,
    ),
)
EXPLAINING = frozenset(metric.name for metric in EXPLANATIONS)
