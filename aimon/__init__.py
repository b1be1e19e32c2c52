"""The engine: a typed library that watches machine-learning models, usable without Dagster.

Importing it turns off the telemetry of the libraries it may load later; a value set beforehand stays.
"""

import os

for _switch, _off in (
    ("DO_NOT_TRACK", "1"),
    ("DAGSTER_DISABLE_TELEMETRY", "yes"),
    ("GX_ANALYTICS_ENABLED", "false"),
    ("WHYLOGS_NO_ANALYTICS", "True"),
):
    os.environ.setdefault(_switch, _off)
