"""What all envelopes of one sender say alike. In: who sends what under which key. Out: numbered envelopes."""

from collections.abc import Iterable, Mapping
from datetime import date

from aimon.sealed.envelope import Envelope, Header, Kind
from aimon.sealed.seal.adding import digest
from aimon.sealed.signature import Signer, signed


class Heading:
    """Numbers one sender's envelopes from `number` on: a server refuses a number that is not higher than the last."""

    def __init__(
        self,
        *,
        model: str,
        version: str,
        sender: str,
        number: int,
        key_id: str,
        layout_id: str,
        parameters: str,
        signer: Signer | None = None,
    ) -> None:
        self._named = {
            "model": model,
            "version": version,
            "sender": sender,
            "key_id": key_id,
            "layout_id": layout_id,
            "parameters": parameters,
        }
        self._number = number
        self._signer = signer

    def envelope(
        self,
        ciphertexts: Iterable[bytes],
        *,
        day: date,
        slot: int,
        rows: int,
        present: tuple[str, ...],
        tags: Mapping[str, str] | None = None,
        kind: Kind = "cube",
        of: str | None = None,
    ) -> Envelope:
        """The ciphertexts under a header of their own."""
        sealed = tuple(ciphertexts)
        about = {"kind": kind, "of": of, "day": day, "slot": slot, "rows": rows, "present": present}
        digests = tuple(map(digest, sealed))
        header = Header.model_validate(
            {**self._named, **about, "tags": dict(tags or {}), "number": self._number, "digests": digests}
        )
        self._number += 1
        if self._signer is not None:
            header = signed(header, self._signer)
        return Envelope(header, sealed)
