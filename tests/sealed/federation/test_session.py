from dataclasses import replace
from pathlib import Path

import pytest

from aimon.errors import SealedError
from aimon.sealed.federation.charter import new_charter, read_charter
from aimon.sealed.federation.folder import create, keep, open_holder, open_site
from aimon.sealed.federation.message import Commit, Message, Reveal, read_message, write_message
from aimon.sealed.federation.site import Site
from tests.sealed.federation.hospitals import NAMES, Hospitals, committed, founded


@pytest.fixture(scope="module")
def hospitals() -> Hospitals:
    return founded(2)


def test_every_site_arrives_at_the_same_key_and_session(hospitals: Hospitals) -> None:
    made = [site.combine(hospitals.commits[::-1], hospitals.reveals) for site in hospitals.sites]
    assert {public.content for _, public, _ in made} == {hospitals.public.content}
    assert {session.id for session, _, _ in made} == {hospitals.holders[0].session.id}
    assert {session.key_id for session, _, _ in made} == {hospitals.public.id}
    shares = [share.tobytes() for _, _, share in made]
    assert len(set(shares)) == 3


def test_a_commit_tells_nothing_of_the_key_share(hospitals: Hospitals) -> None:
    assert hospitals.commits[0].blobs == ()
    assert hospitals.commits[0].body.promise not in hospitals.reveals[0].body.salt
    assert committed(hospitals.sites[0].charter)[1][0].body.promise != hospitals.commits[0].body.promise


def test_a_site_that_changes_its_commitment_is_named(hospitals: Hospitals) -> None:
    second = hospitals.sites[1]
    cheating = Site.new(second.charter, second.name)
    body = hospitals.reveals[1].body
    other = read_message(cheating.reveal(with_commit_of(cheating, hospitals)), "south.reveal", Reveal)
    said = write_message(body, [other.blobs[0], *hospitals.reveals[1].blobs[1:]], second.signer)
    changed = read_message(said, "south.reveal", Reveal)
    with pytest.raises(SealedError, match=r"south\.reveal is not what south committed to: it changed its key share"):
        hospitals.sites[0].combine(hospitals.commits, [hospitals.reveals[0], changed, hospitals.reveals[2]])


def test_a_site_that_tells_others_another_commit_is_found(hospitals: Hospitals) -> None:
    cheating = Site.new(hospitals.sites[1].charter, "south")
    told = with_commit_of(cheating, hospitals)
    reveals = [read_message(cheating.reveal(told), "south.reveal", Reveal)]
    with pytest.raises(SealedError, match=r"north\.reveal is of another session: north saw other commits than these"):
        hospitals.sites[2].combine(told, [hospitals.reveals[0], *reveals, hospitals.reveals[2]])


def with_commit_of(site: Site, hospitals: Hospitals) -> list[Message[Commit]]:
    own = read_message(site.commit(alone=False), f"{site.name}.commit", Commit)
    return [own if each.body.site == site.name else each for each in hospitals.commits]


def test_nobody_reveals_before_all_have_committed(hospitals: Hospitals) -> None:
    with pytest.raises(SealedError, match="the commit of west is missing"):
        hospitals.sites[0].reveal(hospitals.commits[:2])
    with pytest.raises(SealedError, match="the reveal of south, west is missing"):
        hospitals.sites[0].combine(hospitals.commits, hospitals.reveals[:1])


def test_somebody_who_speaks_in_a_sites_name_is_found(hospitals: Hospitals) -> None:
    north = hospitals.sites[0]
    thief = Site.new(north.charter, "north")
    told = with_commit_of(thief, hospitals)
    with pytest.raises(
        SealedError, match="the commit of north is not the one that was made here; somebody else speaks"
    ):
        north.reveal(told)
    forged = read_message(
        write_message(hospitals.reveals[1].body, hospitals.reveals[1].blobs, thief.signer), "f", Reveal
    )
    with pytest.raises(SealedError, match="f was not signed by south, or was changed since"):
        north.combine(hospitals.commits, [hospitals.reveals[0], forged, hospitals.reveals[2]])


def test_messages_of_strangers_doubles_and_other_federations_are_refused(hospitals: Hospitals) -> None:
    stranger = committed(new_charter("others", ("north", "east"), 2, 50))[1]
    with pytest.raises(SealedError, match=r"east\.commit is of east, who takes no part: north, south, west"):
        hospitals.sites[0].reveal([*hospitals.commits, stranger[1]])
    with pytest.raises(SealedError, match="are both of north; give one"):
        hospitals.sites[0].reveal([*hospitals.commits, stranger[0]])
    with pytest.raises(SealedError, match=r"north\.commit is of another federation than hospitals"):
        hospitals.sites[1].reveal([stranger[0], *hospitals.commits[1:]])
    with pytest.raises(SealedError, match="east is no site of the federation hospitals"):
        Site.new(hospitals.sites[0].charter, "east")


def test_a_share_is_for_one_site_alone(hospitals: Hospitals) -> None:
    first, boxes = hospitals.reveals[1], hospitals.reveals[1].blobs
    swapped = write_message(first.body, [boxes[0], boxes[2], boxes[1]], hospitals.sites[1].signer)
    with pytest.raises(SealedError, match="south holds a share that cannot be opened here: it is for another site"):
        hospitals.sites[0].combine(
            hospitals.commits, [hospitals.reveals[0], read_message(swapped, "south", Reveal), hospitals.reveals[2]]
        )


def test_a_changed_or_cut_message_is_found_wherever_it_was_touched(hospitals: Hospitals) -> None:
    whole = hospitals.sites[1].reveal(hospitals.commits)
    for place in (0, 30, 60, 300, 1_000, 200_000, len(whole) - 100_000, len(whole) - 30):
        touched = bytearray(whole)
        touched[place] ^= 1
        with pytest.raises(SealedError, match=r"south\.reveal"):
            combined_with(hospitals, bytes(touched))
    for kept in (0, 10, 100, -1):
        with pytest.raises(SealedError, match=r"south\.reveal"):
            read_message(whole[:kept], "south.reveal", Reveal)
    with pytest.raises(SealedError, match="is no commit message; make one with `aimon sealed federation commit`"):
        read_message(whole, "south.reveal", Commit)


def combined_with(hospitals: Hospitals, said: bytes) -> None:
    message = read_message(said, "south.reveal", Reveal)
    hospitals.sites[0].combine(hospitals.commits, [hospitals.reveals[0], message, hospitals.reveals[2]])


def test_a_polynomial_of_another_size_is_refused(hospitals: Hospitals) -> None:
    blobs = [bytes(len(hospitals.reveals[1].blobs[0]) - 8), *hospitals.reveals[1].blobs[1:]]
    said = read_message(write_message(hospitals.reveals[1].body, blobs, hospitals.sites[1].signer), "south", Reveal)
    with pytest.raises(SealedError, match="south is not what south committed to"):
        hospitals.sites[0].combine(hospitals.commits, [hospitals.reveals[0], said, hospitals.reveals[2]])


@pytest.mark.parametrize(
    ("sites", "threshold", "said"),
    [
        (("a",), 2, "sites: Tuple should have at least 2 items"),
        (("a", "a"), 2, "sites need different names"),
        (("a", "b"), 3, "3 sites cannot open together where there are 2"),
        (("a", "b"), 1, "threshold: Input should be greater than or equal to 2"),
    ],
)
def test_a_charter_that_cannot_be_is_refused(sites: tuple[str, ...], threshold: int, said: str) -> None:
    with pytest.raises(SealedError, match=f"such a federation cannot be: {said}"):
        new_charter("f", sites, threshold, 50)


def test_a_site_is_its_folder(tmp_path: Path, hospitals: Hospitals) -> None:
    charter = new_charter("hospitals", NAMES, 3, 50)
    site = create(tmp_path / "north", charter, "north")
    assert open_site(tmp_path / "north") == site
    assert site.seed.hex() not in repr(site)
    with pytest.raises(SealedError, match="a key is never overwritten"):
        create(tmp_path / "north", charter, "north")
    holder = hospitals.holders[0]
    folder = tmp_path / "other"
    with pytest.raises(
        SealedError,
        match=r"session\.json cannot be read: No such file or directory; .aimon sealed federation combine. writes it",
    ):
        open_holder(tmp_path / "north")
    create(folder, holder.session.charter, "north")
    keep(folder, holder.session, hospitals.public, holder.share)
    assert (open_holder(folder).share == holder.share).all()
    for name in ("site.key", "share.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    (folder / "session.json").write_text(replaced(holder.session.model_dump_json(), holder.session.id))
    with pytest.raises(SealedError, match=r"share\.key is of another session than .*session\.json"):
        open_holder(folder)


def replaced(text: str, found: str) -> str:
    return text.replace(found, "0" * 64)


def test_a_charter_is_a_file_that_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    path, charter = tmp_path / "charter.json", new_charter("hospitals", NAMES, 2, 50)
    path.write_text(charter.model_dump_json())
    assert read_charter(path) == charter
    path.write_text(charter.model_dump_json().replace('"threshold":2', '"threshold":9'))
    with pytest.raises(SealedError, match="is no charter of a federation: 9 sites cannot open together"):
        read_charter(path)
    assert replace(Site.new(charter, "north"), name="south").secret.shape == (4, 8192)
