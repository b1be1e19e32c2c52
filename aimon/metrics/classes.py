"""A confusion table whose rows and columns are the same classes. In: counts by predicted and true category. Out: it.

The prediction's axis and the label's may name different values, or one value in two spellings.
"""

import numpy as np

from aimon.profile.axis import CategoryAxis
from aimon.profile.canonical import with_synonyms
from aimon.profile.profile import Counts

OTHER_PREDICTION, OTHER_LABEL = "(other prediction)", "(other label)"


def square(table: Counts, prediction: CategoryAxis, label: CategoryAxis) -> tuple[Counts, list[str]]:
    """The square table and its classes; rows without a prediction or a label are left out.

    Values that the reference rarely or never had cannot be told apart, so none of them counts as correct.

    >>> axis = CategoryAxis(values=("cat", "dog"))
    >>> table = np.zeros((5, 5), np.int64)
    >>> table[0, 0], table[1, 0], table[3, 1] = 7, 2, 1
    >>> counts, classes = square(table, axis, axis)
    >>> counts.tolist(), classes
    ([[7, 0, 0], [2, 0, 0], [0, 1, 0]], ['cat', 'dog', '(other prediction)'])
    """
    known = with_synonyms({value: place for place, value in enumerate(prediction.values)})
    classes = list(prediction.values)
    of_label = []
    for value in label.values:
        if value not in known:
            known[value] = len(classes)
            classes.append(value)
        of_label.append(known[value])
    size = len(classes)
    of_prediction = [*range(len(prediction.values)), size, size]
    counts = np.zeros((size + 2, size + 2), np.int64)
    inside = table[: prediction.null, : label.null]
    np.add.at(counts, (np.array(of_prediction)[:, None], np.array([*of_label, size + 1, size + 1])[None, :]), inside)
    kept = [*range(size), *(place for place in (size, size + 1) if counts[place].any() or counts[:, place].any())]
    names = [*classes, OTHER_PREDICTION, OTHER_LABEL]
    return counts[np.ix_(kept, kept)], [names[place] for place in kept]
