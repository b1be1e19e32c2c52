"""Adding envelopes without any key. In: envelopes. Out: one aggregate with a manifest of what went into it.

Anybody with the same envelopes gets the same aggregate: that is how an auditor checks one.
"""

from collections.abc import Callable, Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope, Kind
from aimon.sealed.framing import framed, parts
from aimon.sealed.manifest import Identified, read_manifest
from aimon.sealed.seal.adding import digest, total
from aimon.sealed.seal.parameters import parameters

MAGIC = b"aimon-aggregate-1\n"


class Manifest(Identified):
    """What an aggregate was made of, by content; `digests` are of the sums, a ciphertext each."""

    model: str
    key_id: str
    layout_id: str
    parameters: str
    inputs: tuple[str, ...]
    rows: int
    present: tuple[str, ...]
    digests: tuple[str, ...]


class Aggregate(BaseModel):
    """A sum of envelopes, still sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: Manifest
    ciphertexts: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """As a file."""
        return framed(MAGIC, self.manifest.model_dump_json().encode(), self.ciphertexts)


def read_aggregate(content: bytes, name: str) -> Aggregate:
    """The aggregate of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, ciphertexts = parts(MAGIC, content, name, "aggregate; write one with `aimon sealed add`")
    manifest = read_manifest(Manifest, header, name)
    return Aggregate(manifest=manifest, ciphertexts=ciphertexts)


def add(envelopes: Iterable[Envelope]) -> Aggregate:
    """The sum of the envelopes, each once. SealedError where they do not belong together."""
    chosen = sorted(envelopes, key=lambda each: each.id)
    check_alike(chosen)
    first = chosen[0].header
    columns = zip(*(each.ciphertexts for each in chosen), strict=True)
    ciphertexts = tuple(total(parameters(first.parameters), column) for column in columns)
    manifest = Manifest(
        model=first.model,
        key_id=first.key_id,
        layout_id=first.layout_id,
        parameters=first.parameters,
        inputs=tuple(each.id for each in chosen),
        rows=sum(each.header.rows for each in chosen),
        present=tuple(sorted({table for each in chosen for table in each.header.present})),
        digests=tuple(digest(each) for each in ciphertexts),
    )
    return Aggregate(manifest=manifest, ciphertexts=ciphertexts)


def check_alike(envelopes: Sequence[Envelope], kind: Kind = "cube") -> None:
    """SealedError where there is none, one comes twice, or one is of another kind, model, key or layout."""
    if not envelopes:
        raise SealedError("there is nothing to add: no envelope was given")
    seen: dict[tuple[str, int], str] = {}
    sealed: dict[str, str] = {}
    for each in envelopes:
        name = (each.header.sender, each.header.number)
        if name in seen:
            how = "twice" if seen[name] == each.id else "with two contents"
            raise SealedError(f"envelope {name[1]} of {name[0]} was given {how}; each may be added once")
        seen[name] = each.id
        for ciphertext in each.header.digests:
            if ciphertext in sealed:
                raise SealedError(
                    f"{each.header.name} holds a ciphertext of {sealed[ciphertext]} once more; each may be added once"
                )
            sealed[ciphertext] = each.header.name
        if each.header.kind != kind:
            raise SealedError(f"envelope {name[1]} of {name[0]} holds {each.header.kind}, and {kind} is needed here")
    for what, read in _SAME.items():
        several = sorted({read(each) for each in envelopes})
        if len(several) > 1:
            raise SealedError(f"envelopes of different {what} do not add up: {', '.join(several)}")


_SAME: dict[str, Callable[[Envelope], str]] = {
    "models": lambda each: each.header.model,
    "keys": lambda each: each.header.key_id,
    "layouts": lambda each: each.header.layout_id,
    "parameter sets": lambda each: each.header.parameters,
}


def verify(aggregate: Aggregate, envelopes: Iterable[Envelope]) -> None:
    """Add the envelopes again and compare. SealedError names what differs."""
    given = list(envelopes)
    again = add(given)
    ours, theirs = again.manifest, aggregate.manifest
    for each in given:
        if each.id not in theirs.inputs:
            raise SealedError(
                f"the aggregate does not follow from its envelopes: {each.header.name} is none of its inputs, or its "
                "header was changed since"
            )
    missing = [each for each in theirs.inputs if each not in ours.inputs]
    if missing:
        raise SealedError(
            f"the aggregate does not follow from its envelopes: the input {missing[0][:16]} is not among them"
        )
    for name in type(ours).model_fields:
        if getattr(ours, name) != getattr(theirs, name):
            raise SealedError(f"the aggregate does not follow from its envelopes: {name} was changed")
    if len(aggregate.ciphertexts) != len(ours.digests):
        raise SealedError("the aggregate does not follow from its envelopes: a ciphertext is missing or too many")
    for place, (ciphertext, expected) in enumerate(zip(aggregate.ciphertexts, ours.digests, strict=True), 1):
        if digest(ciphertext) != expected:
            raise SealedError(f"the aggregate does not follow from its envelopes: ciphertext {place} was changed")
