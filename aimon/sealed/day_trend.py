"""A day's trend on the server: the weighted sum of the last days' envelopes, made without any key, kept for the owner.

It goes beside the day's sum: when that is new, the trend is made again.
"""

from datetime import date, timedelta

from aimon.errors import MissingError, SealedError
from aimon.lake.lake import Lake
from aimon.sealed.joins import folder
from aimon.sealed.sums import read, registered
from aimon.sealed.trend import Slope, SlopeManifest, read_slope, slope
from aimon.spec.sealed import SealedSource
from aimon.store.store import Store


def make_trend(store: Store, lake: Lake, source: SealedSource, model: str, day: date) -> SlopeManifest | None:
    """Add the days with their weights and keep the sum; None where no trend is declared or none can be made yet."""
    if source.trend is None:
        return None
    found = [
        each
        for back in range(source.trend)
        for each in registered(store, model, day - timedelta(back))
        if each.layout_id == source.layout
    ]
    try:
        made = slope(each for each in read(lake, found) if each.header.key_id == source.key)
    except SealedError:  # too few days, or counts that might overflow: the day's sum does not wait for a trend
        return None
    lake.write_bytes(trend_key(model, day), made.to_bytes())
    return made.manifest


def read_trend(lake: Lake, model: str, day: date) -> Slope:
    """The weighted sum as it was kept; MissingError where there is none."""
    key = trend_key(model, day)
    if not lake.exists(key):
        raise MissingError(f"there is no sealed trend of {model} {day}")
    return read_slope(lake.read_bytes(key), key)


def trend_key(model: str, day: date) -> str:
    """Where the lake has the weighted sum."""
    return f"{folder(model, day)}/trend.slope"
