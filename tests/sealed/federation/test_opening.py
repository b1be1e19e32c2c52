from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.profile.profile import Profile, total
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Aggregate, add
from aimon.sealed.federation.message import Message, Part, read_message, write_message
from aimon.sealed.federation.opening import Holder, fuse
from aimon.sealed.ledger import Ledger
from tests.sealed.federation.hospitals import LAYOUT, NAMES, Hospitals, founded, parts, profile, sealed_by

PROFILES = [profile(300, 1), profile(400, 2), profile(500, 3)]
ALL = {2: ("north", "west"), 3: NAMES}


@pytest.fixture(scope="module", params=[2, 3], ids=["2 of 3", "3 of 3"])
def hospitals(request: pytest.FixtureRequest) -> Hospitals:
    return founded(request.param)


@pytest.fixture(scope="module")
def envelopes(hospitals: Hospitals) -> list[Envelope]:
    return [sealed_by(hospitals, site, counts) for site, counts in zip(NAMES, PROFILES, strict=True)]


@pytest.fixture(scope="module")
def day(envelopes: list[Envelope]) -> Aggregate:
    return add(envelopes)


@pytest.fixture(scope="module")
def opened_by(hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope]) -> list[Message[Part]]:
    return parts(fresh(hospitals), ALL[hospitals.sites[0].charter.threshold], day, envelopes)


def fresh(hospitals: Hospitals) -> Hospitals:
    return replace(hospitals, holders=[replace(each, ledger=Ledger()) for each in hospitals.holders])


def test_what_is_opened_together_is_exactly_the_pooled_count(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope], opened_by: list[Message[Part]]
) -> None:
    opened = fuse(hospitals.holders[0].session, LAYOUT, day, envelopes, opened_by)
    clear = total(PROFILES, LAYOUT.grid.id)
    kept = {entry.key for entry in LAYOUT.entries} & clear.tables.keys()
    assert opened.tables.keys() == kept
    for key in kept:
        np.testing.assert_array_equal(opened.tables[key], clear.tables[key], err_msg=str(key))


def test_one_too_few_open_nothing(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope], opened_by: list[Message[Part]]
) -> None:
    session, last = hospitals.holders[0].session, opened_by[-1].body.site
    with pytest.raises(SealedError, match=f"the partial of {last} is missing"):
        fuse(session, LAYOUT, day, envelopes, opened_by[:-1])
    with pytest.raises(SealedError, match=f"no part was given; {session.charter.threshold} sites open a sum together"):
        fuse(session, LAYOUT, day, envelopes, [])
    holder = hospitals.holders[0]
    with pytest.raises(SealedError, match=f"1 sites cannot open together: .* says {session.charter.threshold}"):
        holder.partial(day, envelopes, ["north"])


def test_parts_that_leave_a_site_out_by_a_lie_give_no_counts(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope], opened_by: list[Message[Part]]
) -> None:
    first, *_, last = opened_by
    site = next(each for each in hospitals.sites if each.name == last.body.site)
    blank = write_message(last.body, [bytes(len(blob)) for blob in last.blobs], site.signer)
    lying = [*opened_by[:-1], read_message(blank, "blank", Part)]
    with pytest.raises(SealedError, match="ciphertext 1 has 0 bits of noise budget left"):
        fuse(hospitals.holders[0].session, LAYOUT, day, envelopes, lying)
    assert first.blobs


def test_a_part_of_another_session_is_refused(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope], opened_by: list[Message[Part]]
) -> None:
    others = founded(hospitals.sites[0].charter.threshold)
    own = [sealed_by(others, site, counts) for site, counts in zip(NAMES, PROFILES, strict=True)]
    foreign = parts(others, opened_by[0].body.openers, add(own), own)
    with pytest.raises(SealedError, match=r"north\.part is of another session, that is of another joint key"):
        fuse(hospitals.holders[0].session, LAYOUT, day, envelopes, [foreign[0], *opened_by[1:]])
    with pytest.raises(SealedError, match=r"the sum is of key .*, this federation holds key .* together"):
        fuse(others.holders[0].session, LAYOUT, day, envelopes, foreign)
    with pytest.raises(SealedError, match=r"the sum is of key .*, this federation holds key .* together"):
        others.holders[0].partial(day, envelopes, opened_by[0].body.openers)


def test_a_part_of_another_sum_or_signed_by_another_site_is_refused(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope], opened_by: list[Message[Part]]
) -> None:
    session = hospitals.holders[0].session
    again = [sealed_by(hospitals, site, counts, 7) for site, counts in zip(NAMES, PROFILES, strict=True)]
    with pytest.raises(SealedError, match=r"north\.part is for another sum"):
        fuse(session, LAYOUT, add(again), again, opened_by)
    thief = hospitals.sites[1].signer
    forged = read_message(write_message(opened_by[0].body, opened_by[0].blobs, thief), "forged", Part)
    with pytest.raises(SealedError, match="forged was not signed by north, or was changed since"):
        fuse(session, LAYOUT, day, envelopes, [forged, *opened_by[1:]])


def test_a_sum_that_does_not_follow_from_signed_envelopes_gets_no_help(
    hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope]
) -> None:
    door, openers = fresh(hospitals).holders[0], ALL[hospitals.sites[0].charter.threshold]
    with pytest.raises(SealedError, match="the aggregate does not follow from its envelopes"):
        door.partial(add(envelopes[:2]), envelopes, openers)
    forged = [*envelopes[:2], sealed_by(hospitals, "west", PROFILES[2], signed_by="south")]
    with pytest.raises(SealedError, match="envelope 0 of west was not signed by west, or was changed since"):
        door.partial(add(forged), forged, openers)
    bare = Envelope(envelopes[0].header.model_copy(update={"signature": None}), envelopes[0].ciphertexts)
    with pytest.raises(SealedError, match="envelope 0 of north is not signed; whoever has the public key"):
        door.partial(add([bare, *envelopes[1:]]), [bare, *envelopes[1:]], openers)
    stranger = Envelope(envelopes[0].header.model_copy(update={"sender": "east"}), envelopes[0].ciphertexts)
    with pytest.raises(SealedError, match="envelope 0 of east is of nobody known here: north, south, west"):
        door.partial(add([stranger]), [stranger], openers)
    assert door.ledger.releases == []


def test_no_site_is_shown_that_did_not_agree(hospitals: Hospitals, envelopes: list[Envelope]) -> None:
    door, openers = fresh(hospitals).holders[0], ALL[hospitals.sites[0].charter.threshold]
    for some in (envelopes[:1], envelopes[:2]):
        with pytest.raises(
            SealedError, match=r"the sum holds rows of north.* only, and north did not agree to be opened"
        ):
            door.partial(add(some), some, openers)
    empty = [envelopes[0], *(sealed_by(hospitals, site, empty_profile()) for site in NAMES[1:])]
    with pytest.raises(SealedError, match="the sum holds rows of north only, and north did not agree"):
        door.partial(add(empty), empty, openers)


def empty_profile() -> Profile:
    return Profile(LAYOUT.grid.id, {key: counts * 0 for key, counts in PROFILES[0].tables.items()})


def test_a_site_is_not_shown_by_the_difference_of_two_sums(hospitals: Hospitals, envelopes: list[Envelope]) -> None:
    door, openers = fresh(hospitals).holders[0], ALL[hospitals.sites[0].charter.threshold]
    door.partial(add(envelopes), envelopes, openers)
    more = [*envelopes, sealed_by(hospitals, "south", PROFILES[1], 1)]
    with pytest.raises(SealedError, match="beside an earlier sum this one would show what is of south only"):
        door.partial(add(more), more, openers)
    few = [*envelopes, *(sealed_by(hospitals, site, profile(10, 9), 1) for site in NAMES)]
    with pytest.raises(SealedError, match="beside an earlier release this one would give away 30 rows on their own"):
        door.partial(add(few), few, openers)
    second = [sealed_by(hospitals, site, counts, 2) for site, counts in zip(NAMES, PROFILES, strict=True)]
    assert door.partial(add(second), second, openers)
    assert len(door.ledger.releases) == 2


def test_few_rows_are_not_opened(hospitals: Hospitals) -> None:
    few = [sealed_by(hospitals, site, profile(16, 9)) for site in NAMES]
    with pytest.raises(SealedError, match="48 rows are fewer than the 50 that may be released together"):
        fresh(hospitals).holders[0].partial(add(few), few, ALL[hospitals.sites[0].charter.threshold])


def test_what_a_site_helped_to_open_is_on_its_disk(
    tmp_path: Path, hospitals: Hospitals, day: Aggregate, envelopes: list[Envelope]
) -> None:
    openers, path = ALL[hospitals.sites[0].charter.threshold], tmp_path / "releases.jsonl"

    def door() -> Holder:
        key = hospitals.sites[0].derived("ledger")
        return replace(hospitals.holders[0], ledger=Ledger(path, key))

    first = door().partial(day, envelopes, openers)
    assert door().partial(day, envelopes, openers) == first
    assert len(door().ledger.releases) == 1
    assert set(door().ledger.releases[0].senders.values()) == set(NAMES)


class TestAgreement:
    """Sites that agreed may be opened by themselves, but not so that another one shows."""

    def test_a_site_that_agreed_is_opened_alone(self) -> None:
        both = founded(2, alone=("north",))
        own = [sealed_by(both, "north", PROFILES[0])]
        opened = fuse(both.holders[0].session, LAYOUT, add(own), own, parts(both, ("north", "south"), add(own), own))
        assert opened.rows == 300
        others = [sealed_by(both, site, PROFILES[1]) for site in ("north", "south")]
        with pytest.raises(SealedError, match="the sum holds rows of north, south only, and south did not agree"):
            both.holders[1].partial(add(others), others, ("north", "south"))

    def test_the_only_site_that_did_not_agree_is_not_given_away_by_subtraction(self) -> None:
        most = founded(2, alone=("north", "south"))
        own = [sealed_by(most, "north", PROFILES[0])]
        with pytest.raises(SealedError, match="west alone did not agree to be opened by itself: sums of the others"):
            most.holders[0].partial(add(own), own, ("north", "south"))
