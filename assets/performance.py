"""`performance`: how right the model was, on the labels known so far; provisional until their horizon has passed."""

from aimon.verdict.record import Family
from assets.family import family_step
from resources.names import PERFORMANCE

STEP = family_step(
    PERFORMANCE,
    Family.PERFORMANCE,
    description="How right the model was, on the labels known so far; provisional until their horizon has passed.",
    check_description="No mature performance metric lies beyond its limit, and none is estimated to without labels.",
    beside=(Family.ESTIMATE,),
)
