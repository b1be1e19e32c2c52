"""What people said of predictions, joined with the rows by id: which class was predicted."""

from collections.abc import Sequence
from datetime import date

from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.store import words


def join_feedback(platform: Platform, spec: ModelSpec, days: Sequence[date]) -> int:
    """Look for the predictions in the days that the lake holds; how many words were joined."""
    with platform.store.session() as connection:
        wanted = set(words.lonely(connection, spec.model))
    found: dict[str, str] = {}
    for day in days if wanted else ():
        if platform.lake.manifest(spec.model, day) is not None:
            found |= _predicted(platform, spec, day, wanted)
    if not found:
        return 0
    with platform.store.transaction() as connection:
        return words.join_feedback(connection, spec.model, found)


def _predicted(platform: Platform, spec: ModelSpec, day: date, wanted: set[str]) -> dict[str, str]:
    names = [spec.columns.id or "id", spec.columns.prediction]
    if not set(names) <= set(platform.lake.day_file(spec.model, day).names()):
        return {}
    return {
        str(name): str(predicted)
        for batch in platform.lake.read_day(spec.model, day, names)
        for name, predicted in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if predicted is not None and str(name) in wanted
    }
