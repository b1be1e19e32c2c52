"""The code location of `aimon up` with the daily schedule at the minute that AIMON_FLEET_CRON names."""

import os
from pathlib import Path

from aimon_pipelines.definitions import build_definitions

defs = build_definitions(Path(os.environ["AIMON_ROOT"]), daily_cron=os.environ["AIMON_FLEET_CRON"])
