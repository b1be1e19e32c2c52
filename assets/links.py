"""Links from Dagster's pages to what lies in the lake: an address to click, or a path to copy."""

from datetime import date

import dagster as dg

from aimon.lake.reports import report_key
from aimon.platform import Platform


def link(location: str) -> dg.MetadataValue[str]:
    """A path of this machine cannot be clicked in a browser, so it is shown as one to copy."""
    return dg.MetadataValue.url(location) if "://" in location else dg.MetadataValue.path(location)


def report_link(platform: Platform, model: str, day: date) -> dg.MetadataValue[str]:
    """Where the day's page is, or will be once its report is made."""
    return link(platform.lake.path(report_key(model, day)))
