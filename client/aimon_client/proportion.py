"""The interval of a share. In: how many of how many. Out: Wilson's bounds, which stay within 0 and 1."""

import math

Z_95 = 1.959963984540054


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float]:
    """Between which shares the true one lies, at 95 %; (0, 1) where nothing was seen.

    >>> low, high = wilson(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0215, 0.1118)
    """
    if whole <= 0:
        return 0.0, 1.0
    share, weight = part / whole, z * z / whole
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / whole + weight / (4 * whole)) / (1 + weight)
    low = 0.0 if part == 0 else max(middle - half, 0.0)
    return low, (1.0 if part == whole else min(middle + half, 1.0))
