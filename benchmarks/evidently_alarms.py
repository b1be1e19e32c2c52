"""How often Evidently's default tests find drift where there is none. `false_alarms` runs it with the peers' Python.

Arguments: kind of column, reference rows, window rows, windows, seed. Prints the share of windows with a finding.
"""

import sys

import numpy as np
import pandas as pd  # noqa: TID253 - Evidently reads frames
from evidently import DataDefinition, Dataset, Report  # noqa: TID253 - this is the program under test
from evidently.presets import DataDriftPreset  # noqa: TID253 - as above

COLUMNS = 30


def frame(kind: str, rows: int, random: np.random.Generator) -> pd.DataFrame:
    """Thirty columns of one kind."""
    if kind.startswith("uniform"):
        size = int(kind.split()[1])
        return pd.DataFrame({f"x{i}": random.integers(0, size, rows).astype(str) for i in range(COLUMNS)})
    return pd.DataFrame({f"x{i}": random.normal(size=rows) for i in range(COLUMNS)})


def drifted(kind: str, n: int, m: int, random: np.random.Generator) -> bool:
    """Whether any column of a window that equals its reference in law is called drifted."""
    names = [f"x{i}" for i in range(COLUMNS)]
    columns = {"categorical_columns": names} if kind.startswith("uniform") else {"numerical_columns": names}
    before, after = (
        Dataset.from_pandas(frame(kind, rows, random), data_definition=DataDefinition(**columns)) for rows in (n, m)
    )
    metrics = Report([DataDriftPreset()]).run(after, before).dict()["metrics"]
    (count,) = (each["value"]["count"] for each in metrics if "DriftedColumnsCount" in str(each["metric_name"]))
    return count > 0


def share(arguments: list[str]) -> float:
    """The share of windows in which a column is called drifted."""
    kind, n, m, rounds, seed = arguments[0], *map(int, arguments[1:])
    random = np.random.default_rng([seed, n, m])
    return float(np.mean([drifted(kind, n, m, random) for _ in range(rounds)]))


if __name__ == "__main__":
    print(share(sys.argv[1:]))
