"""Three hospitals with a joint key, and what they sealed under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Aggregate
from aimon.sealed.federation.charter import Charter, new_charter
from aimon.sealed.federation.message import Commit, Message, Part, Reveal, read_message
from aimon.sealed.federation.opening import Holder
from aimon.sealed.federation.site import Site
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import THRESHOLD
from aimon.sealed.seal.public import PublicKey
from tests.sealed.loans import DAY, loans_grid, rows

NAMES = ("north", "south", "west")
LAYOUT = Layout(loans_grid(), THRESHOLD)


@dataclass(frozen=True)
class Hospitals:
    sites: list[Site]
    commits: list[Message[Commit]]
    reveals: list[Message[Reveal]]
    holders: list[Holder]
    public: PublicKey


def profile(n: int, seed: int) -> Profile:
    return count_all(LAYOUT.grid, rows(n, seed))


def committed(charter: Charter, alone: Sequence[str] = ()) -> tuple[list[Site], list[Message[Commit]]]:
    sites = [Site.new(charter, name) for name in charter.sites]
    said = [site.commit(alone=site.name in alone) for site in sites]
    return sites, [read_message(each, f"{site.name}.commit", Commit) for site, each in zip(sites, said, strict=True)]


def founded(threshold: int, alone: Sequence[str] = ()) -> Hospitals:
    sites, commits = committed(new_charter("hospitals", NAMES, threshold, 50), alone)
    reveals = [read_message(site.reveal(commits), f"{site.name}.reveal", Reveal) for site in sites]
    made = [site.combine(commits, reveals) for site in sites]
    holders = [Holder(site, session, share) for site, (session, _, share) in zip(sites, made, strict=True)]
    return Hospitals(sites, commits, reveals, holders, made[0][1])


def sealed_by(hospitals: Hospitals, site: str, counts: Profile, number: int = 0, *, signed_by: str = "") -> Envelope:
    signer = next(each.signer for each in hospitals.sites if each.name == (signed_by or site))
    key = hospitals.public
    encoder = Encoder(LAYOUT, key, model="loans", version="1", sender=site, number=number, signer=signer)
    return encoder.seal(counts, DAY)


def parts(
    hospitals: Hospitals, sites: Sequence[str], total: Aggregate, envelopes: Sequence[Envelope]
) -> list[Message[Part]]:
    found = []
    for each in hospitals.holders:
        if each.site.name in sites:
            name = f"{each.site.name}.part"
            found.append(read_message(each.partial(total, envelopes, sites), name, Part))
    return found
