"""An auditor's work: a result made again of its envelopes, without a key. In: files. Out: a manifest, or what differs.

Evaluation gives the same bytes each time, so that anybody with the envelopes can check a sum, a trend's weighted sum,
scores, with the keys that the server makes them by, and, with the seed that the server keeps, joined labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aimon.errors import SealedError
from aimon.sealed import evaluator, scores, trend
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluation import read_evaluation
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join import evaluator as joining
from aimon.sealed.join.evaluator import JoinManifest
from aimon.sealed.score_plan import read_score_plan
from aimon.sealed.scores import ScoreManifest
from aimon.sealed.trend import SlopeManifest

Repeated = tuple[Manifest | JoinManifest | ScoreManifest | SlopeManifest, str]


@dataclass(frozen=True, slots=True)
class Means:
    """What some results need beside their envelopes: the seed of a join; plan and evaluation key of scores."""

    seed: bytes | None = None
    plan: Path | None = None
    evaluation: Path | None = None


def repeated(content: bytes, name: str, envelopes: Sequence[Envelope], means: Means) -> Repeated:
    """What the audit log notes of the result, and a sentence. SealedError says what differs."""
    if content.startswith(joining.MAGIC):
        return _joined(content, name, envelopes, means.seed)
    if content.startswith(scores.MAGIC):
        return _scored(content, name, envelopes, means)
    if content.startswith(trend.MAGIC):
        weighted = trend.read_slope(content, name)
        trend.verify_slope(weighted, envelopes)
        return weighted.manifest, f"the trend follows from its {len(weighted.manifest.inputs)} envelopes"
    aggregate = evaluator.read_aggregate(content, name)
    evaluator.verify(aggregate, envelopes)
    return aggregate.manifest, f"the sum follows from its {len(aggregate.manifest.inputs)} envelopes"


def _scored(content: bytes, name: str, envelopes: Sequence[Envelope], means: Means) -> Repeated:
    found = scores.read_scores(content, name)
    if means.plan is None or means.evaluation is None:
        raise SealedError(f"{name} holds scores; --plan and --evaluation name what they were made with")
    plan = read_score_plan(means.plan)
    if plan.id != found.manifest.plan_id:
        raise SealedError(f"{means.plan} is another plan than {name} was made by, or was changed since")
    evaluation = read_evaluation(means.evaluation)
    if evaluation.key_id != found.manifest.key_id:
        raise SealedError(f"{means.evaluation} belongs to another key than {name}")
    scores.verify_scores(found, plan, envelopes, evaluation.server)
    return found.manifest, f"the scores of {len(found.manifest.windows)} windows follow from {len(envelopes)} envelopes"


def _joined(content: bytes, name: str, envelopes: Sequence[Envelope], seed: bytes | None) -> Repeated:
    joined = joining.read_joined(content, name)
    if seed is None:
        raise SealedError(f"{name} holds joined labels; --seed names the file of their seed, which the server keeps")
    manifest = joined.manifest
    if manifest.mask is not None:
        raise SealedError(f"{name} was joined with a mask; `verify_join` takes it, from Python")
    records = [each for each in envelopes if each.header.kind == "records"]
    labels = [each for each in envelopes if each.header.kind == "labels"]
    joining.verify_join(joined, records, labels, seed=seed)
    return manifest, f"the joined labels follow from {len(records)} envelopes of records and as many of labels"
