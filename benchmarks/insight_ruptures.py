"""The change points that `ruptures` finds in series given as JSON on stdin. Runs in an environment of its own.

Its documented starting points: PELT on the kernel cost with penalty 10, PELT on its default cost with penalty 10, and
with the Bayesian penalty for values of variance 1. Series are standardised, missing days left out.
"""

import json
import sys

import numpy as np
import ruptures

SETTINGS = {
    "rbf_10": lambda values: ruptures.Pelt(model="rbf").fit(values).predict(pen=10),
    "l2_10": lambda values: ruptures.Pelt().fit(values).predict(pen=10),
    "l2_bic": lambda values: ruptures.Pelt().fit(values).predict(pen=2.0 * np.log(len(values))),
}


def changes(setting: str, series: list[float | None]) -> list[int]:
    """The first day of each new regime."""
    days = [day for day, value in enumerate(series) if value is not None]
    values = np.array([series[day] for day in days], float)
    values = (values - values.mean()) / values.std()
    return [days[place] for place in SETTINGS[setting](values)[:-1]]


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump({setting: [changes(setting, series) for series in given] for setting in SETTINGS}, sys.stdout)
