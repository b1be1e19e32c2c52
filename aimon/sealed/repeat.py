"""An auditor's work: a result made again of its envelopes, without a key. In: files. Out: a manifest, or what differs.

Evaluation gives the same bytes each time, so that anybody with the envelopes can check a sum, a trend's weighted sum,
and, with the seed that the server keeps, joined labels.
"""

from collections.abc import Sequence

from aimon.errors import SealedError
from aimon.sealed import evaluator, trend
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join import evaluator as joining
from aimon.sealed.join.evaluator import JoinManifest


def repeated(
    content: bytes, name: str, envelopes: Sequence[Envelope], seed: bytes | None = None
) -> tuple[Manifest | JoinManifest | None, str]:
    """What the audit log notes of the result, if it notes such, and a sentence. SealedError says what differs."""
    if content.startswith(joining.MAGIC):
        return _joined(content, name, envelopes, seed)
    if content.startswith(trend.MAGIC):
        weighted = trend.read_slope(content, name)
        trend.verify_slope(weighted, envelopes)
        return None, f"the trend follows from its {len(weighted.manifest.inputs)} envelopes"
    aggregate = evaluator.read_aggregate(content, name)
    evaluator.verify(aggregate, envelopes)
    return aggregate.manifest, f"the sum follows from its {len(aggregate.manifest.inputs)} envelopes"


def _joined(content: bytes, name: str, envelopes: Sequence[Envelope], seed: bytes | None) -> tuple[JoinManifest, str]:
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
