"""The straight line through daily counts, without any key. In: envelopes of several days. Out: their weighted sum.

The least-squares slope is a sum of the days' counts with whole weights, divided by a whole number: the server makes the
sum, exactly; the owner divides. The level is the plain sum of the same envelopes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import check_alike
from aimon.sealed.framing import framed, parts
from aimon.sealed.manifest import Identified, read_manifest
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.parameters import parameters
from aimon.sealed.seal.product import weighted_total
from aimon.sealed.window import by_day

MAGIC = b"aimon-slope-1\n"
LEAST_DAYS = 3


class SlopeManifest(Identified):
    """What a weighted sum was made of: the day of each envelope and its rows, and the weight of each day."""

    model: str
    key_id: str
    layout_id: str
    parameters: str
    inputs: dict[str, date]
    rows: dict[date, int]
    present: tuple[str, ...]
    digests: tuple[str, ...]

    @property
    def weights(self) -> dict[date, int]:
        """The whole weight of each day."""
        return weights(tuple(self.rows))

    @property
    def divisor(self) -> int:
        """What the weighted sum is divided by to give the slope a day."""
        return sum(weight * day.toordinal() for day, weight in self.weights.items())


class Slope(BaseModel):
    """A weighted sum of days, still sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: SlopeManifest
    ciphertexts: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """As a file."""
        return framed(MAGIC, self.manifest.model_dump_json().encode(), self.ciphertexts)


def read_slope(content: bytes, name: str) -> Slope:
    """The weighted sum of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, ciphertexts = parts(MAGIC, content, name, "weighted sum; `aimon sealed trend --sum` writes one")
    manifest = read_manifest(SlopeManifest, header, name)
    return Slope(manifest=manifest, ciphertexts=ciphertexts)


def weights(days: Sequence[date]) -> dict[date, int]:
    """The smallest whole weights in proportion to each day's distance from the middle of them.

    >>> list(weights([date(2026, 11, day) for day in (1, 2, 3, 4)]).values())
    [-3, -1, 1, 3]
    >>> list(weights([date(2026, 11, day) for day in (1, 2, 6)]).values())
    [-2, -1, 3]
    """
    middle = sum(day.toordinal() for day in days)
    exact = {day: len(days) * day.toordinal() - middle for day in sorted(days)}
    divisor = math.gcd(*exact.values())
    return {day: weight // divisor for day, weight in exact.items()}


def slope(envelopes: Iterable[Envelope]) -> Slope:
    """The weighted sum of the envelopes. SealedError where the days are few, or a count could overflow."""
    chosen = list(envelopes)
    check_alike(chosen)
    days = by_day(chosen)
    if len(days) < LEAST_DAYS:
        raise SealedError(f"a trend needs {LEAST_DAYS} days or more, and there are {len(days)}")
    first, factors = chosen[0].header, weights(tuple(days))
    scheme = parameters(first.parameters)
    rows = {day: sum(each.header.rows for each in several) for day, several in days.items()}
    check_room(rows, factors, scheme.modulus)
    ordered = [each for several in days.values() for each in several]
    ciphertexts = tuple(
        weighted_total(scheme, [(factors[each.header.day], each.ciphertexts[place]) for each in ordered])
        for place in range(len(first.digests))
    )
    manifest = SlopeManifest(
        model=first.model,
        key_id=first.key_id,
        layout_id=first.layout_id,
        parameters=first.parameters,
        inputs={each.id: each.header.day for each in ordered},
        rows=rows,
        present=tuple(sorted({table for each in chosen for table in each.header.present})),
        digests=tuple(map(digest, ciphertexts)),
    )
    return Slope(manifest=manifest, ciphertexts=ciphertexts)


def check_room(rows: Mapping[date, int], factors: Mapping[date, int], modulus: int) -> None:
    """SealedError where a weighted sum of so many rows might not fit a slot."""
    largest = sum(abs(weight) * rows[day] for day, weight in factors.items())
    if largest >= modulus // 2:
        raise SealedError(
            f"weighted sums of these days reach {largest}, and a slot holds up to {modulus // 2 - 1}; choose fewer "
            "days, or an odd number of them"
        )


def verify_slope(found: Slope, envelopes: Iterable[Envelope]) -> None:
    """Add the envelopes again and compare. SealedError names what differs."""
    again = slope(envelopes).manifest
    for name in type(again).model_fields:
        if getattr(again, name) != getattr(found.manifest, name):
            raise SealedError(f"the trend does not follow from its envelopes: {name} differs")
    if len(found.ciphertexts) != len(again.digests):
        raise SealedError("the trend does not follow from its envelopes: a ciphertext is missing or too many")
    for place, (ciphertext, expected) in enumerate(zip(found.ciphertexts, again.digests, strict=True), 1):
        if digest(ciphertext) != expected:
            raise SealedError(f"the trend does not follow from its envelopes: ciphertext {place} was changed")
