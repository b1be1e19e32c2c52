"""All labels of a day that were joined: one file of joined sums. In: these, and what their envelopes' headers say.

The headers let the owner of the key, who is given no envelope of records, see of which day and of whom they are.
"""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope, Header
from aimon.sealed.framing import framed, parts
from aimon.sealed.join.evaluator import Joined, JoinManifest, read_joined
from aimon.sealed.manifest import Identified, read_manifest

MAGIC = b"aimon-joined-day-1\n"
HEADERS = TypeAdapter(tuple[Header, ...])


class DayManifest(Identified):
    """The joined sums of a day, by the ids of their manifests."""

    model: str
    day: date
    joins: tuple[str, ...]


class JoinedDay(BaseModel):
    """The joined sums themselves, and the headers of all records and labels in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: DayManifest
    joins: tuple[Joined, ...]
    headers: tuple[Header, ...]

    def to_bytes(self) -> bytes:
        """As a file."""
        blobs = [HEADERS.dump_json(self.headers), *(each.to_bytes() for each in self.joins)]
        return framed(MAGIC, self.manifest.model_dump_json().encode(), blobs)


def joined_day(model: str, day: date, joins: Sequence[Joined], envelopes: Sequence[Envelope]) -> JoinedDay:
    """The joined sums of a day, in the order of their ids."""
    ordered = sorted(joins, key=lambda each: each.manifest.id)
    manifest = DayManifest(model=model, day=day, joins=tuple(each.manifest.id for each in ordered))
    return JoinedDay(manifest=manifest, joins=tuple(ordered), headers=tuple(each.header for each in envelopes))


def read_joined_day(content: bytes, name: str) -> JoinedDay:
    """The joined labels of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, blobs = parts(MAGIC, content, name, "day of joined labels")
    manifest = read_manifest(DayManifest, header, name)
    joins = tuple(read_joined(each, name) for each in blobs[1:])
    try:
        headers = HEADERS.validate_json(blobs[0] if blobs else b"")
    except ValidationError as error:
        raise SealedError(f"{name}: its headers were changed, or are of another version") from error
    if tuple(each.manifest.id for each in joins) != manifest.joins:
        raise SealedError(f"{name}: it holds other joined sums than its manifest names")
    return JoinedDay(manifest=manifest, joins=joins, headers=headers)


def check_day(found: JoinedDay, model: str, day: date) -> dict[str, Envelope]:
    """The headers by the ids of their envelopes. SealedError where one is of another day or model, or comes twice.

    An envelope without its ciphertexts has the same id: that follows from the header.
    """
    known = {each.id: each for each in (Envelope(header, ()) for header in found.headers)}
    named: dict[str, Envelope] = {}
    for joined in found.joins:
        manifest = joined.manifest
        if manifest.mask is not None or len(manifest.labels) != len(manifest.inputs):
            raise SealedError("a joined sum of the day holds a choice of its records, or other labels than records")
        for records, labels in zip(manifest.inputs, manifest.labels, strict=True):
            if not known.keys() >= {records, labels}:
                raise SealedError("the joined labels name envelopes whose headers are not with them")
            for each in (records, labels):
                if each in named:
                    raise SealedError(f"{known[each].header.name} was joined twice; each may be joined once")
                named[each] = known[each]
                _check_header(known[each].header, joined.manifest, model, day)
            if known[records].header.rows != manifest.inputs[records]:
                raise SealedError(f"{known[records].header.name} has another number of rows than the sum says")
            if known[labels].header.of != records:
                raise SealedError(f"{known[labels].header.name} holds labels of other records than it was joined with")
    return named


def _check_header(header: Header, manifest: JoinManifest, model: str, day: date) -> None:
    wanted = "records" if header.of is None else "labels"
    for what, found, expected in (
        ("kind", header.kind, wanted),
        ("model", header.model, model),
        ("day", header.day, day),
        ("key", header.key_id, manifest.key_id),
        ("layout", header.layout_id, manifest.layout_id),
    ):
        if found != expected:
            raise SealedError(f"{header.name} is of {what} {found}, and was joined as one of {expected}")
