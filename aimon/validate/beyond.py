"""When failing rows are more than the reference explains. In: the reference's rows, the day's rows. Out: yes or no.

The rule is the one by which data quality is judged: the interval's lower bound lies above the limit, so that a small
day or a small reference raises no alarm by chance.
"""

from dataclasses import dataclass

from aimon.metrics.bins import BEYOND_CHANCE
from aimon.metrics.proportions import newcombe, wilson


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

    def exceeded(self, failing: int, rows: int) -> bool:
        """Whether that many failing rows are beyond the limit, chance allowed for.

        >>> reference = Reference(failing=40, rows=4000, limit=0.05)
        >>> reference.exceeded(40, 400), reference.exceeded(22, 400), reference.exceeded(1, 2)
        (True, False, False)
        """
        if rows == 0 or self.rows == 0:
            return False
        if not self.rise:
            return bool(wilson(failing, rows)[0] > self.limit)
        low = newcombe(self.failing, self.rows, failing, rows)[0]
        return bool(low - (BEYOND_CHANCE / self.rows if self.blind else 0.0) > self.limit)
