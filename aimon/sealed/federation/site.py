"""One site's side of a session. In: 32 random bytes, the others' messages. Out: its own messages, and its share.

Everything that a site keeps secret follows from its seed: a copy of the seed and the messages restore it whole.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from aimon.errors import SealedError
from aimon.sealed.federation.box import boxed, public_of, unboxed
from aimon.sealed.federation.charter import Charter, SiteName
from aimon.sealed.federation.message import Commit, Message, Reveal, promise, write_message
from aimon.sealed.federation.session import Session, check_commits, check_reveals, residues_of, session_id
from aimon.sealed.seal.joint import dealt, joint_public, offer, secret_of
from aimon.sealed.seal.polynomials import Residues, key_ring
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.randomness import stream
from aimon.sealed.signature import Signer


@dataclass(frozen=True, slots=True)
class Site:
    """A site of a charter; `seed` is its whole secret."""

    charter: Charter
    name: SiteName
    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, charter: Charter, name: SiteName) -> "Site":
        """A site with a seed of the operating system's randomness."""
        charter.place(name)
        return cls(charter, name, secrets.token_bytes(32))

    @property
    def signer(self) -> Signer:
        """Signs the site's messages and envelopes."""
        return Signer(self.derived("signing"))

    @property
    def secret(self) -> Residues:
        """Its term of the joint secret key."""
        return secret_of(self.charter.scheme, self.derived("share"))

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, which tell nothing of the others."""
        return stream(self.seed, f"{self.charter.id} {self.name} {purpose}", 32)

    def commit(self, *, alone: bool) -> bytes:
        """The first round: a promise of the offer."""
        body = Commit(
            site=self.name,
            charter_id=self.charter.id,
            signing_key=self.signer.public,
            sealing_key=public_of(self.derived("sealing")),
            promise=promise(self.derived("salt"), self._offer()),
            alone=alone,
        )
        return write_message(body, (), self.signer)

    def reveal(self, commits: Sequence[Message[Commit]]) -> bytes:
        """The second round, once all commits are there: the offer, and a share for each other site below n of n."""
        known = check_commits(self.charter, commits)
        self._check_own(known[self.name].body)
        session, blobs = session_id(self.charter, commits), [self._offer()]
        receivers = tuple(each for each in self.charter.sites if self._deals and each != self.name)
        for receiver in receivers:
            purpose = f"{session} {self.name} {receiver}"
            content = self._dealt_to(receiver).astype("<u8").tobytes()
            blobs.append(boxed(content, self.derived("sealing"), known[receiver].body.sealing_key, purpose))
        body = Reveal(site=self.name, session=session, salt=self.derived("salt").hex(), dealt_to=receivers)
        return write_message(body, blobs, self.signer)

    def combine(
        self, commits: Sequence[Message[Commit]], reveals: Sequence[Message[Reveal]]
    ) -> tuple[Session, PublicKey, Residues]:
        """The third round: the session, the joint public key, and what this site opens with."""
        known = check_commits(self.charter, commits)
        self._check_own(known[self.name].body)
        offers = check_reveals(self.charter, commits, reveals)
        public = joint_public(self.charter.scheme, self.charter.common_seed, offers)
        session = Session.of(self.charter, commits, public.id)
        if not self._deals:
            return session, public, self.secret
        others = [each for each in reveals if each.body.site != self.name]
        received = [self._received(session.id, each, known[each.body.site].body.sealing_key) for each in others]
        return session, public, key_ring(self.charter.scheme).add(self._dealt_to(self.name), *received)

    @property
    def _deals(self) -> bool:
        return self.charter.threshold < len(self.charter.sites)

    def _offer(self) -> bytes:
        made = offer(self.charter.scheme, self.charter.common_seed, self.derived("share"))
        return made.astype("<u8").tobytes()

    def _dealt_to(self, receiver: SiteName) -> Residues:
        scheme, place = self.charter.scheme, self.charter.place(receiver)
        return dealt(scheme, self.secret, self.derived("dealing"), self.charter.threshold, place)

    def _received(self, session: str, reveal: Message[Reveal], sealing_key: str) -> Residues:
        sender = reveal.body.site
        box = reveal.blobs[1 + reveal.body.dealt_to.index(self.name)]
        purpose = f"{session} {sender} {self.name}"
        content = unboxed(box, self.derived("sealing"), sealing_key, purpose, reveal.name)
        return residues_of(key_ring(self.charter.scheme), content, reveal.name)

    def _check_own(self, commit: Commit) -> None:
        if commit.signing_key != self.signer.public or commit.promise != promise(self.derived("salt"), self._offer()):
            raise SealedError(
                f"the commit of {self.name} is not the one that was made here; somebody else speaks in its name"
            )
