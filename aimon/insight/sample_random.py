"""Random numbers for one purpose: the same seed and purpose, the same numbers; another purpose, unrelated ones.

Data made from a seed must never meet a split made from the same stream.
"""

import numpy as np


def random_for(purpose: str, seed: int) -> np.random.Generator:
    """A generator of its own for each purpose.

    >>> random_for("split", 7).random() == random_for("split", 7).random()
    True
    >>> random_for("split", 7).random() == random_for("folds", 7).random()
    False
    """
    return np.random.default_rng([seed, *purpose.encode()])
