"""`operations`: volume, errors, latency, tokens and cost."""

from aimon.verdict.record import Family
from assets.family import family_step
from resources.names import OPERATIONS

STEP = family_step(
    OPERATIONS,
    Family.OPERATIONS,
    description="Volume, errors, latency, tokens and cost.",
    check_description="Volume, errors, latency and cost are within their limits.",
)
