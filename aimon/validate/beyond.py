"""When failing rows are more than the reference explains. In: the reference's rows, the day's rows. Out: yes or no.

The limits are those of data quality. The test is the exact binomial one, since a day may have three rows and a suite
a hundred expectations: one null among three is no news.
"""

from dataclasses import dataclass

from aimon.metrics.bins import BEYOND_CHANCE
from aimon.metrics.proportions import wilson

SIGNIFICANT = 0.001


@dataclass(frozen=True, slots=True)
class Reference:
    """Failing rows of one kind among the reference's rows, and what may not be exceeded.

    `limit` bounds the rise above the reference's share, or the share itself where `rise` is False. `blind` is set for
    values that the reference could not have: 20/n of all rows are missed by n rows with a chance of e^-20.
    """

    failing: int
    rows: int
    limit: float
    rise: bool = True
    blind: bool = False

    @property
    def share(self) -> float:
        """The share of failing rows in the reference."""
        return self.failing / self.rows if self.rows else 0.0

    @property
    def most(self) -> float:
        """The largest share that may be behind the day's failing rows."""
        if not self.rise:
            return self.limit
        return float(wilson(self.failing, self.rows)[1]) + self.limit + (BEYOND_CHANCE / self.rows if self.blind else 0)

    def exceeded(self, failing: int, rows: int) -> bool:
        """Whether so many failing rows have a chance below 0.001 where no more than `most` fail: P(Bin(m, most) >= y).

        >>> reference = Reference(failing=40, rows=4000, limit=0.05)
        >>> round(reference.most, 4)
        0.0636
        >>> reference.exceeded(60, 400), reference.exceeded(30, 400), reference.exceeded(1, 1)
        (True, False, False)
        """
        from scipy.special import bdtrc

        if failing == 0 or self.rows == 0 or self.most >= 1.0:
            return False
        return bool(bdtrc(failing - 1, rows, max(self.most, 0.0)) < SIGNIFICANT)
