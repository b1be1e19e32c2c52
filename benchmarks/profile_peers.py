"""Runs under the peers' own interpreter: reads the name of a peer a line, profiles, prints the seconds it took."""

import logging
import os
import sys
import time
import warnings

REFERENCE, CURRENT, CATEGORIES = sys.argv[1:4]

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
os.environ["DO_NOT_TRACK"] = "1"
os.environ["WHYLOGS_NO_ANALYTICS"] = "True"


def run() -> None:
    import pandas as pd
    import whylogs
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    reference, current = pd.read_parquet(REFERENCE), pd.read_parquet(CURRENT)
    categories = CATEGORIES.split(",")
    numbers = [name for name in reference.columns if name not in categories]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)

    def evidently() -> None:
        sides = [Dataset.from_pandas(frame, data_definition=definition) for frame in (current, reference)]
        Report([DataDriftPreset(method="psi")]).run(*sides).dict()

    def whylogs_profile() -> None:
        for frame in (current, reference):
            whylogs.log(frame).profile().view()

    runs = {"evidently": evidently, "whylogs": whylogs_profile, "nothing": lambda: None}
    output, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        start = time.perf_counter()
        runs[line.strip()]()
        output.write(f"{time.perf_counter() - start}\n")
        output.flush()


run()
