"""The real code location with the daily schedule ticking every minute, for a daemon that a test watches."""

import os
from pathlib import Path

from aimon_pipelines.definitions import build_definitions

defs = build_definitions(Path(os.environ.get("AIMON_ROOT", ".")), daily_cron="* * * * *")
