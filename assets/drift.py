"""`drift`: how far each column, the scores and the predictions moved from the baseline."""

from aimon.verdict.record import Family
from assets.family import family_step
from resources.names import DRIFT

STEP = family_step(
    DRIFT,
    Family.DRIFT,
    description="How far each column, the scores and the predictions moved from the baseline.",
    check_description="No column moved beyond its limit, significantly and materially.",
)
