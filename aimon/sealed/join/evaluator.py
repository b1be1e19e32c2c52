"""Joining records with their labels without any key. In: envelopes, a seed. Out: one joined sum with its manifest.

The seed makes the mask that hides single records from the owner of the key: the server keeps it, an auditor gets it,
the owner must not. The same envelopes and seed give the same sum.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import check_alike
from aimon.sealed.framing import framed, parts
from aimon.sealed.join import cohorts
from aimon.sealed.join.encoder import LABELLED, LABELS
from aimon.sealed.join.layout import MOST_IN_DIGIT
from aimon.sealed.manifest import Identified, read_manifest
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.parameters import FILTER, parameters
from aimon.sealed.seal.product import Factor, sum_of_products

MAGIC = b"aimon-joined-1\n"
LEAST_RECORDS = 50
LEAST_SEED = 16
MOST_ENVELOPES = MOST_IN_DIGIT

PlainMask = Mapping[str, Sequence[int]]
"""By the id of an envelope of records, 0 or 1 for each record."""


class JoinManifest(Identified):
    """What a joined sum was made of; `parts` names its ciphertexts, a shard each, by their digests."""

    model: str
    key_id: str
    layout_id: str
    parameters: str
    inputs: dict[str, int]
    labels: tuple[str, ...]
    mask: str | None
    seed_digest: str
    blocks: tuple[int, ...]
    parts: dict[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        """How many records went in."""
        return sum(self.inputs.values())


class Joined(BaseModel):
    """Sums of products, still sealed: `records`, `labelled` where labels are missing, and `positive`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: JoinManifest
    ciphertexts: dict[str, tuple[bytes, ...]]

    def to_bytes(self) -> bytes:
        """As a file."""
        blobs = [blob for part in self.manifest.parts for blob in self.ciphertexts[part]]
        return framed(MAGIC, self.manifest.model_dump_json().encode(), blobs)


def read_joined(content: bytes, name: str) -> Joined:
    """The joined sum of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, blobs = parts(MAGIC, content, name, "joined sum")
    manifest = read_manifest(JoinManifest, header, name)
    if len(blobs) != sum(map(len, manifest.parts.values())):
        raise SealedError(f"{name}: it holds another number of ciphertexts than its manifest names")
    left = iter(blobs)
    return Joined(
        manifest=manifest,
        ciphertexts={part: tuple(next(left) for _ in digests) for part, digests in manifest.parts.items()},
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """An envelope of records with the labels of the same slots, and what they are multiplied by if there is a mask."""

    records: Envelope
    labels: Envelope
    mask: Factor | None

    def digits(self, shard: int) -> list[Factor]:
        """The factors of the records that are asked for."""
        return [self.records.ciphertexts[shard], *([] if self.mask is None else [self.mask])]

    def labelled(self, shard: int) -> list[Factor]:
        """The factors of those of them that have a label."""
        return [*self.digits(shard), *self._flags(LABELLED)]

    def positive(self, shard: int) -> list[Factor]:
        """The factors of those with a positive label."""
        return [*self.digits(shard), *self._flags(LABELS)]

    def _flags(self, name: str) -> list[bytes]:
        present = self.labels.header.present
        return [self.labels.ciphertexts[present.index(name)]] if name in present else []


def join(
    records: Iterable[Envelope],
    labels: Iterable[Envelope],
    *,
    seed: bytes,
    mask: PlainMask | Sequence[Envelope] | None = None,
    least: int = LEAST_RECORDS,
) -> Joined:
    """Count (group, decision, label) over the records, or over those that the mask chooses."""
    if len(seed) < LEAST_SEED:
        raise SealedError(f"a seed of {len(seed)} bytes can be guessed; draw {LEAST_SEED} or more at random")
    chosen = sorted(records, key=lambda each: each.id)
    check_alike(chosen, "records")
    pairs = paired(chosen, list(labels), mask)
    first = chosen[0].header
    scheme = parameters(first.parameters)
    rows = [each.header.rows for each in chosen]
    starts = cohorts.blocks(cohorts.loads(rows, scheme.slots - 1), least, MOST_IN_DIGIT)
    wanted = {"records": Pair.digits, "labelled": Pair.labelled, "positive": Pair.positive}
    if all(LABELLED not in each.labels.header.present for each in pairs):
        wanted.pop("labelled")
    made = {
        part: tuple(
            sum_of_products(
                scheme,
                (factors(each, shard) for each in pairs),
                cohorts.mask(starts, scheme.slots, scheme.modulus, seed, f"{part} {shard}"),
            )
            for shard in range(len(chosen[0].ciphertexts))
        )
        for part, factors in wanted.items()
    }
    manifest = JoinManifest(
        model=first.model,
        key_id=first.key_id,
        layout_id=first.layout_id,
        parameters=first.parameters,
        inputs={each.id: each.header.rows for each in chosen},
        labels=tuple(each.labels.id for each in pairs),
        mask=mask_id(mask),
        seed_digest=hashlib.sha256(seed).hexdigest(),
        blocks=starts,
        parts={part: tuple(map(digest, ciphertexts)) for part, ciphertexts in made.items()},
    )
    return Joined(manifest=manifest, ciphertexts=made)


def paired(
    records: Sequence[Envelope], labels: Sequence[Envelope], mask: PlainMask | Sequence[Envelope] | None
) -> list[Pair]:
    """Each envelope of records with its labels and its part of the mask. SealedError where one lacks or is too many."""
    if len(records) > MOST_ENVELOPES:
        raise SealedError(
            f"{len(records)} envelopes of records overflow a digit; join at most {MOST_ENVELOPES} at once and add the "
            "counts"
        )
    if mask is not None and records[0].header.parameters != FILTER.name:
        raise SealedError(
            f"the parameter set {records[0].header.parameters!r} has no room for a mask; seal records with "
            f"{FILTER.name!r}"
        )
    by_record = about(records, labels, "labels")
    factors = masks(records, mask)
    return [Pair(each, by_record[each.id], factors.get(each.id)) for each in records]


def about(records: Sequence[Envelope], others: Sequence[Envelope], kind: str) -> dict[str, Envelope]:
    """The labels or masks by the id of the records that they are about."""
    found: dict[str, Envelope] = {}
    known = {each.id: each.header for each in records}
    for other in others:
        name, of = f"envelope {other.header.number} of {other.header.sender}", other.header.of or ""
        if other.header.kind != kind:
            raise SealedError(f"{name} holds {other.header.kind}, and {kind} is needed here")
        if of not in known:
            raise SealedError(f"{name} holds {kind} of records that were not given")
        if of in found:
            raise SealedError(f"{name} holds {kind} of records that have some already; each may be joined once")
        if other.header.rows != known[of].rows:
            raise SealedError(f"{name} holds {kind} of {other.header.rows} records, and there are {known[of].rows}")
        for what in ("model", "key_id", "layout_id", "parameters"):
            if getattr(other.header, what) != getattr(known[of], what):
                raise SealedError(f"{name} is of another {what} than its records")
        found[of] = other
    for each in records:
        if each.id not in found:
            raise SealedError(f"envelope {each.header.number} of {each.header.sender} has no {kind} yet; leave it out")
    return found


def masks(records: Sequence[Envelope], mask: PlainMask | Sequence[Envelope] | None) -> dict[str, Factor]:
    """The mask of each envelope of records, as a factor."""
    if mask is None:
        return {}
    if not isinstance(mask, Mapping):
        return {key: each.ciphertexts[0] for key, each in about(records, mask, "mask").items()}
    found: dict[str, Factor] = {}
    for each in records:
        flags = mask.get(each.id)
        if flags is None or len(flags) != each.header.rows or not set(flags) <= {0, 1}:
            raise SealedError(
                f"the mask of envelope {each.header.number} of {each.header.sender} is not 0 or 1 for each"
            )
        padding = parameters(each.header.parameters).slots - 1 - len(flags)
        found[each.id] = (*map(int, flags), *([0] * padding), 1)
    return found


def mask_id(mask: PlainMask | Sequence[Envelope] | None) -> str | None:
    """A name of the mask by its content."""
    if mask is None:
        return None
    if isinstance(mask, Mapping):
        text = json.dumps({key: list(map(int, flags)) for key, flags in mask.items()}, sort_keys=True)
    else:
        text = json.dumps(sorted(each.id for each in mask))
    return hashlib.sha256(text.encode()).hexdigest()


def verify_join(
    joined: Joined,
    records: Iterable[Envelope],
    labels: Iterable[Envelope],
    *,
    seed: bytes,
    mask: PlainMask | Sequence[Envelope] | None = None,
    least: int = LEAST_RECORDS,
) -> None:
    """Join again and compare. SealedError names what differs."""
    ours, theirs = join(records, labels, seed=seed, mask=mask, least=least).manifest, joined.manifest
    for name in type(ours).model_fields:
        if getattr(ours, name) != getattr(theirs, name):
            raise SealedError(f"the joined sum does not follow from its envelopes: {name} differs")
    check_ciphertexts(joined)


def check_ciphertexts(joined: Joined) -> None:
    """SealedError where a ciphertext is not the one that the manifest names."""
    for part, digests in joined.manifest.parts.items():
        held = tuple(map(digest, joined.ciphertexts.get(part, ())))
        if held != digests:
            raise SealedError(f"the joined sum holds other ciphertexts than its manifest names: {part} was changed")
