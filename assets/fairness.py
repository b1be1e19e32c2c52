"""`fairness`: rates by protected group and their gaps, for single attributes and their pairs."""

from aimon.verdict.record import Family
from assets.family import family_step
from resources.names import FAIRNESS

STEP = family_step(
    FAIRNESS,
    Family.FAIRNESS,
    description="Rates by protected group and their gaps, for single attributes and their pairs.",
    check_description="No gap between groups lies beyond its limit with its whole interval.",
)
