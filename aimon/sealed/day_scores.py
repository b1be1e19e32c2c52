"""A day's scores on the server: of every window that ends with it, made of the registered envelopes without any secret.

A day's envelopes are added once and their sum is kept, so that a window of 30 days is 30 sums and not all envelopes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from aimon.errors import SealedError
from aimon.lake.lake import Lake
from aimon.sealed.evaluation import read_evaluation
from aimon.sealed.joins import folder
from aimon.sealed.reference import model_scores
from aimon.sealed.scores import OWN, ScoreManifest, Scores, Total, read_scores, read_total, score, totalled
from aimon.sealed.sums import read, registered
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store.sealed import StoredEnvelope
from aimon.store.store import Store


def make_scores(
    store: Store, lake: Lake, root: Path, spec: ModelSpec, day: date, spans: Mapping[str, int]
) -> ScoreManifest | None:
    """Score the windows of so many days and keep the result; None where the day has no envelope."""
    source = spec.source
    if not isinstance(source, SealedSource) or not registered(store, spec.model, day, "scores"):
        return None
    if source.evaluation is None:
        raise SealedError(f"{spec.model}: its file names no evaluation key; write source: {{evaluation: ...}}")
    evaluation = read_evaluation(root / source.evaluation)
    if evaluation.key_id != source.key:
        raise SealedError(
            f"{source.evaluation} belongs to key {evaluation.key_id}, and {spec.model} is declared with key "
            f"{source.key}"
        )
    days = {
        each: found
        for each in (day - timedelta(back) for back in range(max(spans.values())))
        if (found := total_of(store, lake, source, spec.model, each)) is not None
    }
    if day not in days:
        return None
    windows = {
        window: [found for each, found in days.items() if each > day - timedelta(span)]
        for window, span in sorted(spans.items(), key=lambda span: span[0] != OWN)
    }
    made = score(model_scores(root, spec), day, windows, evaluation.server)
    lake.write_bytes(scores_key(spec.model, day, made.manifest.id), made.to_bytes())
    return made.manifest


def total_of(store: Store, lake: Lake, source: SealedSource, model: str, day: date) -> Total | None:
    """The sum of the day's envelopes of the declared key and plan; None where there are none."""
    found = [each for each in registered(store, model, day, "scores") if each.layout_id == source.layout]
    if not found:
        return None
    key = total_key(model, day, source.key, found)
    if lake.exists(key):
        return read_total(lake.read_bytes(key), key)
    envelopes = [each for each in read(lake, found) if each.header.key_id == source.key]
    if not envelopes:
        return None
    made = totalled(envelopes)
    lake.write_bytes(key, made.to_bytes())
    return made


def read_day_scores(lake: Lake, model: str, day: date, manifest_id: str) -> Scores:
    """The scores as they were kept."""
    return read_scores(lake.read_bytes(scores_key(model, day, manifest_id)), manifest_id[:16])


def scores_key(model: str, day: date, manifest_id: str) -> str:
    """Where the lake has the scores."""
    return f"{folder(model, day)}/scores/{manifest_id}.scores"


def total_key(model: str, day: date, key_id: str, envelopes: Sequence[StoredEnvelope]) -> str:
    """Where the lake has the sum of these envelopes."""
    named = hashlib.sha256("\n".join([key_id, *sorted(each.id for each in envelopes)]).encode()).hexdigest()
    return f"{folder(model, day)}/totals/{named}.total"
