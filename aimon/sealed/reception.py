"""Taking envelopes in without any key. In: bytes from a host, the declared models. Out: an envelope, or why not.

The file is in the lake before it is registered, and is named by its content: sent again, it is the same envelope.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aimon.clock import DAY, today
from aimon.errors import SealedError
from aimon.lake.lake import Lake
from aimon.sealed.envelope import Envelope, Header, read_envelope
from aimon.sealed.seal.adding import loaded
from aimon.sealed.seal.parameters import CUBE, JOIN, Parameters, parameters
from aimon.sealed.seal.real import DRIFT, RealParameters, check_fresh
from aimon.sealed.signature import check_senders
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store import sealed
from aimon.store.sealed import StoredEnvelope
from aimon.store.store import Store

MOST_CIPHERTEXTS = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope that is kept; `is_new` where it was not before."""

    envelope: Envelope
    is_new: bool


def take(store: Store, lake: Lake, models: Mapping[str, ModelSpec], content: bytes, kept: timedelta) -> Taken:
    """Check an envelope and keep it. SealedError, or ConflictError for a replay, says why not."""
    envelope = read_envelope(content, "the envelope")
    spec = check_header(envelope.header, models, kept)
    check_signature(envelope, spec)
    check_ciphertexts(envelope)
    header, model = envelope.header, spec.model
    key = envelope_key(model, header.day, envelope.id)
    if not lake.exists(key):
        lake.write_bytes(key, content)
    stored = StoredEnvelope(
        id=envelope.id,
        model=model,
        day=header.day,
        sender=header.sender,
        number=header.number,
        layout_id=header.layout_id,
        ciphertexts=len(envelope.ciphertexts),
        rows=header.rows,
        bytes=len(content),
        kind=header.kind,
        of=header.of,
    )
    with store.transaction() as connection:
        if header.kind == "labels":
            check_records(sealed.envelope(connection, header.of or ""), stored)
        return Taken(envelope, sealed.take(connection, stored))


def check_header(header: Header, models: Mapping[str, ModelSpec], kept: timedelta) -> ModelSpec:
    """The model that the envelope is of; SealedError where it does not fit what the model's file declares."""
    spec = models.get(header.model)
    if spec is None:
        raise SealedError(f"there is no model {header.model!r} here; its file says what may be sent")
    source = spec.source
    if not isinstance(source, SealedSource):
        raise SealedError(f"{header.model} has no sealed source; its file says where its predictions come from")
    key, layout, scheme = sealed_with(header, source)
    for what, found, declared in (
        ("version", header.version, spec.version),
        ("key", header.key_id, key),
        ("layout", header.layout_id, layout),
        ("parameter set", header.parameters, scheme.name),
    ):
        if found != declared:
            raise SealedError(
                f"the envelope is of {what} {found}, and {header.model} is declared with {what} {declared}; seal with "
                "the public key and the plan that belong to the model's file"
            )
    check_day(header.day, kept)
    if not header.rows:
        raise SealedError("the envelope holds no rows; send none where there is nothing to count")
    return spec


def sealed_with(header: Header, source: SealedSource) -> tuple[str, str, Parameters | RealParameters]:
    """The key, the layout and the parameter set that envelopes of this kind are sealed with."""
    if (header.kind == "scores") is not (source.release == "scores"):
        wanted = "scores" if source.release == "scores" else "counts"
        raise SealedError(
            f"the envelope holds {header.kind}, and {header.model} is declared with release: {source.release}; seal "
            f"{wanted}"
        )
    if header.kind == "scores":
        return source.key, source.layout, DRIFT
    if header.kind == "cube":
        return source.key, source.layout, CUBE
    if header.kind not in ("records", "labels"):
        raise SealedError(f"the envelope holds {header.kind}, and the server takes counts, records and labels")
    if source.join is None:
        raise SealedError(
            f"the envelope holds {header.kind}, and {header.model} joins no labels; its file says so with "
            "source: {join: ...}"
        )
    return source.join.key, source.join.layout, JOIN


def check_records(records: StoredEnvelope | None, labels: StoredEnvelope) -> None:
    """SealedError where labels are about records that are not here, or are not theirs."""
    if records is None or records.kind != "records" or records.model != labels.model:
        raise SealedError("the envelope holds labels of records that have not come; send the records first")
    if (records.rows, records.day) != (labels.rows, labels.day):
        raise SealedError(
            f"the envelope holds labels of {labels.rows} records of {labels.day}, and there are {records.rows} records "
            f"of {records.day}"
        )


def check_signature(envelope: Envelope, spec: ModelSpec) -> None:
    """SealedError where the model's file names senders, and the envelope is of none of them."""
    if isinstance(spec.source, SealedSource) and spec.source.senders:
        check_senders([envelope], spec.source.senders)


def check_day(day: date, kept: timedelta) -> None:
    """SealedError where the day is still to come, or longer ago than anything is kept."""
    if day > today() + DAY:
        raise SealedError(f"the envelope is of {day}, which is still to come; see the clock of its host")
    if day < today() - kept:
        raise SealedError(f"the envelope is of {day}, longer ago than predictions are kept")


def check_ciphertexts(envelope: Envelope) -> None:
    """SealedError where a ciphertext is none of the parameter set: it would spoil the day's sum."""
    if len(envelope.ciphertexts) > MOST_CIPHERTEXTS:
        raise SealedError(f"the envelope has {len(envelope.ciphertexts)} ciphertexts, more than {MOST_CIPHERTEXTS}")
    if envelope.header.kind == "labels" and len(envelope.ciphertexts) != len(envelope.header.present):
        raise SealedError("the envelope of labels names other ciphertexts than it has")
    if envelope.header.kind == "scores":
        if len(envelope.ciphertexts) != 1:
            raise SealedError("an envelope for scores has one ciphertext")
        check_fresh(DRIFT, envelope.ciphertexts[0])
        return
    for each in envelope.ciphertexts:
        loaded(parameters(envelope.header.parameters), each)


def envelope_key(model: str, day: date, envelope_id: str) -> str:
    """Where the lake has the envelope."""
    return f"sealed/model={model}/date={day.isoformat()}/envelopes/{envelope_id}.sealed"
