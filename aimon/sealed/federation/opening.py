"""Opening a sum together. In: a sum, its envelopes, a share. Out: a part of the decryption; of all parts, the counts.

Each site decides by itself, before it helps: the sum must follow from envelopes that their sites signed, hold enough
rows, differ enough from what it helped to open before, and show no site that did not agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aimon.errors import SealedError
from aimon.profile.profile import Profile
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Aggregate, verify
from aimon.sealed.federation.charter import SiteName
from aimon.sealed.federation.message import Message, Part, write_message
from aimon.sealed.federation.session import Session, by_site, residues_of
from aimon.sealed.federation.site import Site
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.ledger import Ledger, check_cohort, release_of
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.joint import fused, part, weights
from aimon.sealed.seal.parameters import Parameters
from aimon.sealed.seal.polynomials import Residues, data_ring
from aimon.sealed.signature import check_senders


@dataclass(slots=True)
class Holder:
    """A site that holds its share of a joint key, and remembers what it helped to open."""

    site: Site
    session: Session
    share: Residues = field(repr=False)
    ledger: Ledger = field(default_factory=Ledger)

    def partial(self, aggregate: Aggregate, envelopes: Sequence[Envelope], openers: Sequence[SiteName]) -> bytes:
        """The site's part, which is of use only with those of the other openers. It is in the ledger first."""
        together = self._checked(openers)
        check_sum(self.session, aggregate, envelopes)
        self.session.check_members(envelopes)
        release = release_of(
            aggregate.manifest.id,
            {each.id: each.header.rows for each in envelopes},
            senders={each.id: each.header.sender for each in envelopes},
        )
        check_cohort(self.ledger, release.rows, release.manifest_id, self.session.charter.least_rows)
        self._check_apart(envelopes, release.manifest_id)
        share = self._weighted(together)
        scheme, seed = self.session.charter.scheme, self.site.derived("flooding")
        parts = [
            part(scheme, share, each, seed, f"{self.session.id} {digest(each)} {' '.join(together)}")
            for each in aggregate.ciphertexts
        ]
        if self.ledger.earlier(release.manifest_id) is None:
            self.ledger.add(release)
        body = Part(site=self.site.name, session=self.session.id, manifest_id=aggregate.manifest.id, openers=together)
        return write_message(body, [each.astype("<u8").tobytes() for each in parts], self.site.signer)

    def _checked(self, openers: Sequence[SiteName]) -> tuple[SiteName, ...]:
        charter = self.session.charter
        together = tuple(sorted(set(openers), key=charter.place))
        if len(together) != charter.threshold:
            raise SealedError(
                f"{len(together)} sites cannot open together: the charter of {charter.name} says {charter.threshold}"
            )
        if self.site.name not in together:
            raise SealedError(f"{self.site.name} is not one of the sites that open together: {', '.join(together)}")
        return together

    def _check_apart(self, envelopes: Sequence[Envelope], manifest_id: str) -> None:
        """SealedError where the difference to an earlier sum would show a site that did not agree."""
        now = {each.id: each for each in envelopes}
        for earlier in self.ledger.releases:
            shared = now.keys() & earlier.senders.keys()
            if earlier.manifest_id == manifest_id or not shared:
                continue
            for senders in (
                {each.header.sender for key, each in now.items() if key not in earlier.senders},
                {sender for key, sender in earlier.senders.items() if key not in now},
            ):
                if senders and not senders <= set(self.session.alone) and senders != set(self.session.charter.sites):
                    raise SealedError(
                        "beside an earlier sum this one would show what is of "
                        f"{', '.join(sorted(senders))} only, who did not all agree to that"
                    )

    def _weighted(self, together: Sequence[SiteName]) -> Residues:
        charter = self.session.charter
        if charter.threshold == len(charter.sites):
            return self.share
        ring, places = data_ring(charter.scheme), [charter.place(each) for each in together]
        factors = weights(ring.primes, places, charter.place(self.site.name))
        return ring.scaled(self.share[: len(ring.primes)], factors)


def check_sum(session: Session, aggregate: Aggregate, envelopes: Sequence[Envelope]) -> None:
    """SealedError where the sum is of another key, or does not follow from envelopes that the sites signed."""
    if aggregate.manifest.key_id != session.key_id:
        raise SealedError(
            f"the sum is of key {aggregate.manifest.key_id}, this federation holds key {session.key_id} together"
        )
    check_senders(envelopes, session.signing_keys)
    verify(aggregate, envelopes)


@dataclass(frozen=True, slots=True)
class JointKey:
    """Decrypts the ciphertexts of one sum, by everybody's parts; a `DecryptGate` takes it as it takes a secret key."""

    parameters: Parameters
    parts: dict[str, tuple[Residues, ...]]
    """The openers' parts by the digest of the ciphertext."""

    def noise_bits(self, ciphertext: bytes) -> int:
        """How many bits of room are left; at 0 the counts are garbage."""
        return self._fused(ciphertext)[1]

    def decrypt(self, ciphertext: bytes) -> list[int]:
        """The counts, each modulo the modulus."""
        return self._fused(ciphertext)[0]

    def _fused(self, ciphertext: bytes) -> tuple[list[int], int]:
        parts = self.parts.get(digest(ciphertext))
        if parts is None:
            raise SealedError("no site opened this ciphertext: it is not of the sum that the parts are for")
        return fused(self.parameters, ciphertext, parts)


def fuse(
    session: Session,
    layout: Layout,
    aggregate: Aggregate,
    envelopes: Sequence[Envelope],
    partials: Sequence[Message[Part]],
) -> Profile:
    """The counts of the sum. SealedError names the part that is missing, changed, or of another sum or session."""
    check_sum(session, aggregate, envelopes)
    found = _checked_parts(session, aggregate, partials)
    scheme = session.charter.scheme
    ciphertexts = zip(
        aggregate.ciphertexts, zip(*(_polynomials(session, each) for each in found), strict=True), strict=True
    )
    key = JointKey(scheme, {digest(ciphertext): parts for ciphertext, parts in ciphertexts})
    return DecryptGate(layout, key, session.key_id, session.charter.least_rows).open(aggregate, envelopes)


def _checked_parts(session: Session, aggregate: Aggregate, partials: Sequence[Message[Part]]) -> list[Message[Part]]:
    if not partials:
        raise SealedError(f"no part was given; {session.charter.threshold} sites open a sum together")
    for each in partials:
        if each.body.session != session.id:
            raise SealedError(f"{each.name} is of another session, that is of another joint key")
        if each.body.manifest_id != aggregate.manifest.id:
            raise SealedError(f"{each.name} is for another sum")
        if each.body.openers != partials[0].body.openers:
            raise SealedError(f"{each.name} and {partials[0].name} are for different sites to open together")
    openers = partials[0].body.openers
    if len(openers) < session.charter.threshold:
        raise SealedError(f"{len(openers)} sites cannot open a sum: {session.charter.threshold} must do so together")
    found = list(by_site(openers, partials, "partial").values())
    for each in found:
        each.check_signed(session.signing_keys[each.body.site])
        if len(each.blobs) != len(aggregate.ciphertexts):
            raise SealedError(f"{each.name} holds {len(each.blobs)} parts of {len(aggregate.ciphertexts)} ciphertexts")
    return found


def _polynomials(session: Session, message: Message[Part]) -> list[Residues]:
    ring = data_ring(session.charter.scheme)
    return [residues_of(ring, blob, message.name) for blob in message.blobs]
