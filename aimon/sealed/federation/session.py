"""What all sites must see alike. In: everybody's messages. Out: the session, or who did not do as they said."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope
from aimon.sealed.federation.charter import Charter, SiteName
from aimon.sealed.federation.message import Body, Commit, Message, Reveal, promise
from aimon.sealed.files import read_declared
from aimon.sealed.seal.polynomials import Residues, Ring, key_ring

T = TypeVar("T", bound=Body)


class Session(BaseModel):
    """A joint key and its holders: public, the same at every site. `alone` names who may be opened by themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    charter: Charter
    id: str
    key_id: str
    signing_keys: dict[SiteName, str]
    alone: tuple[SiteName, ...]

    @classmethod
    def of(cls, charter: Charter, commits: Sequence[Message[Commit]], key_id: str) -> Self:
        """The session of these commits."""
        bodies = {each.body.site: each.body for each in commits}
        return cls(
            charter=charter,
            id=session_id(charter, commits),
            key_id=key_id,
            signing_keys={site: bodies[site].signing_key for site in charter.sites},
            alone=tuple(site for site in charter.sites if bodies[site].alone),
        )

    def check_members(self, envelopes: Sequence[Envelope]) -> None:
        """SealedError where a sum of these envelopes would show a site that did not agree.

        Sums hold rows of all sites, or are of such as agreed; where a single site did not agree, the others' sums
        would give it away by subtraction.
        """
        senders = {each.header.sender for each in envelopes if each.header.rows}
        closed = [site for site in self.charter.sites if site not in self.alone]
        if senders == set(self.charter.sites):
            return
        shown = sorted(senders - set(self.alone))
        if shown:
            raise SealedError(
                f"the sum holds rows of {', '.join(sorted(senders))} only, and {shown[0]} did not agree to be opened "
                "without all others"
            )
        if len(closed) == 1:
            raise SealedError(
                f"{closed[0]} alone did not agree to be opened by itself: sums of the others would give it away by "
                "subtraction from the sum of all"
            )


def read_session(path: Path) -> Session:
    """The session of a file."""
    return read_declared(Session, path, "session of a federation", "`aimon sealed federation combine` writes it")


def session_id(charter: Charter, commits: Sequence[Message[Commit]]) -> str:
    """The hash of the charter and of every commit: sites that saw others have another session."""
    told = "".join([charter.id, *sorted(each.id for each in commits)])
    return hashlib.sha256(told.encode()).hexdigest()


def check_commits(charter: Charter, commits: Sequence[Message[Commit]]) -> dict[SiteName, Message[Commit]]:
    """The commit of every site. SealedError where one lacks, is there twice or is of another federation."""
    found = by_site(charter.sites, commits, "commit")
    for each in found.values():
        if each.body.charter_id != charter.id:
            raise SealedError(f"{each.name} is of another federation than {charter.name}, or its charter was changed")
        each.check_signed(each.body.signing_key)
    return found


def check_reveals(
    charter: Charter, commits: Sequence[Message[Commit]], reveals: Sequence[Message[Reveal]]
) -> list[Residues]:
    """Every site's offer. SealedError names the site whose reveal is not of this session, or not what it promised."""
    known, session = check_commits(charter, commits), session_id(charter, commits)
    offers = []
    for site, each in by_site(charter.sites, reveals, "reveal").items():
        each.check_signed(known[site].body.signing_key)
        if each.body.session != session:
            raise SealedError(
                f"{each.name} is of another session: {site} saw other commits than these; compare the fingerprints"
            )
        others = tuple(other for other in charter.sites if other != site)
        expected = others if charter.threshold < len(charter.sites) else ()
        if each.body.dealt_to != expected or len(each.blobs) != 1 + len(expected):
            raise SealedError(f"{each.name} does not deal a share to each other site; {site} must start again")
        if promise(bytes.fromhex(each.body.salt), each.blobs[0]) != known[site].body.promise:
            raise SealedError(
                f"{each.name} is not what {site} committed to: it changed its key share after it saw the others'; "
                "stop, and start a new federation"
            )
        offers.append(residues_of(key_ring(charter.scheme), each.blobs[0], each.name))
    return offers


def by_site(sites: Sequence[SiteName], messages: Sequence[Message[T]], kind: str) -> dict[SiteName, Message[T]]:
    """One message of every site, in their order."""
    found: dict[SiteName, Message[T]] = {}
    for each in messages:
        if each.body.site not in sites:
            raise SealedError(f"{each.name} is of {each.body.site}, who takes no part: {', '.join(sites)}")
        if each.body.site in found:
            raise SealedError(f"{each.name} and {found[each.body.site].name} are both of {each.body.site}; give one")
        found[each.body.site] = each
    missing = [site for site in sites if site not in found]
    if missing:
        raise SealedError(f"the {kind} of {', '.join(missing)} is missing")
    return {site: found[site] for site in sites}


def residues_of(ring: Ring, content: bytes, name: str) -> Residues:
    """A polynomial of a message; SealedError where it is none of this ring."""
    if len(content) != 8 * ring.degree * len(ring.primes):
        raise SealedError(f"{name} holds a polynomial of another size")
    words = np.frombuffer(content, "<u8").reshape(len(ring.primes), ring.degree).astype(np.uint64)
    if (words >= np.array(ring.primes, np.uint64)[:, None]).any():
        raise SealedError(f"{name} holds a polynomial with a coefficient out of range")
    return words
