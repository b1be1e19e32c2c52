"""The audit trail: whatever is done to its rows, the first broken one is named."""

import multiprocessing
import random
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from aimon.errors import UserError
from aimon.govern.audit import AuditTrail, exported, imported, told
from aimon.govern.audit_anchor import Anchor
from aimon.govern.audit_verify import verify
from aimon.keyring import Key, Keyring
from aimon.store import Store, open_store
from aimon.store.tables import audit_chain as table

RING = Keyring(Key.of("k" * 32))


@pytest.fixture
def anchor(tmp_path) -> Anchor:
    return Anchor(tmp_path / "anchor" / "audit.anchor")


@pytest.fixture
def trail(store, anchor) -> AuditTrail:
    return AuditTrail(store, RING, anchor)


@pytest.fixture
def filled(trail) -> AuditTrail:
    for number in range(1, 8):
        trail.note("user:ann", "incidents.acknowledge", f"incident:{number}", note=f"looking at it, nr. {number} ä")
    return trail


def change(trail: AuditTrail, *statements) -> None:
    with trail.store.transaction() as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_chain_that_nobody_touched_is_whole(filled):
    found = filled.verify()

    assert found.ok
    assert (found.records, found.anchored, found.notes) == (7, 7, ())


def test_an_empty_chain_is_whole(trail):
    assert trail.verify().ok


def test_records_say_who_did_what_to_which_thing(filled):
    newest, *_ = filled.rows(limit=2)

    assert told(newest) | {"at": "", "mac": "", "previous_mac": ""} == {
        "sequence": 7,
        "at": "",
        "actor": "user:ann",
        "action": "incidents.acknowledge",
        "subject": "incident:7",
        "detail": {"note": "looking at it, nr. 7 ä"},
        "key_id": RING.current.id,
        "previous_mac": "",
        "mac": "",
    }
    assert [row.sequence for row in filled.rows(subject="incident:3")] == [3]
    assert [row.sequence for row in filled.rows(actor="user:ann", before=3)] == [2, 1]
    assert filled.rows(action="users.create") == []


@pytest.mark.parametrize("column", ["instant", "actor", "action", "subject", "detail", "key_id", "previous_mac", "mac"])
def test_one_flipped_bit_anywhere_in_a_record_is_found(filled, column):
    with filled.store.session() as connection:
        value = connection.execute(select(table.c[column]).where(table.c.sequence == 4)).scalar_one()
    position = len(value) // 2
    flipped = value[:position] + chr(ord(value[position]) ^ 1) + value[position + 1 :]
    change(filled, update(table).where(table.c.sequence == 4).values({column: flipped}))

    found = filled.verify()

    assert (found.ok, found.broken, found.records) == (False, 4, 3)


def test_one_flipped_byte_in_the_file_of_the_database_is_found(filled, backend, database_url):
    if backend != "sqlite":
        with filled.store.session() as connection:
            assert connection.dialect.name == "postgresql"  # its files are checked by the server, page by page
        return
    with filled.store.transaction() as connection:
        connection.execute(text("SELECT 1"))
    filled.store.dispose()
    path = Path(database_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    needle = b"looking at it, nr. 5"
    places = [at for at in range(len(content)) if content.startswith(needle, at)]
    assert places
    for at in places:
        content[at + 3] ^= 0x80  # no longer text at all
    path.write_bytes(content)

    found = filled.verify()

    assert found.fault == "record 5 was changed after it was sealed"


@pytest.mark.parametrize("lost", [1, 2, 6])
def test_one_deleted_record_is_found(filled, lost):
    change(filled, delete(table).where(table.c.sequence == lost))

    found = filled.verify()

    assert (found.broken, found.fault) == (lost, f"record {lost} is missing")


def test_several_deleted_records_are_found(filled):
    change(filled, delete(table).where(table.c.sequence.in_([2, 3])))

    assert filled.verify().fault == "records 2 to 3 are missing"


@pytest.mark.parametrize(("kept", "said"), [(6, "record 7 is"), (3, "records 4 to 7 are"), (0, "records 1 to 7 are")])
def test_a_cut_off_tail_is_found(filled, kept, said):
    change(filled, delete(table).where(table.c.sequence > kept))

    found = filled.verify()

    assert (found.broken, found.fault) == (kept + 1, f"{said} missing: the end of the chain was cut off")


def test_a_tail_that_was_cut_off_and_written_anew_is_found(filled):
    change(filled, delete(table).where(table.c.sequence > 5))
    filled.note("user:eve", "users.create", "user:eve")

    found = filled.verify()

    assert found.fault == "record 6 is not the one that was anchored: the chain was replaced from here on"


def test_records_that_changed_places_are_found(filled):
    with filled.store.session() as connection:
        rows = {row.sequence: dict(row._mapping) for row in connection.execute(select(table))}
    swapped = [{**rows[3], "sequence": 4}, {**rows[4], "sequence": 3}]
    change(filled, delete(table).where(table.c.sequence.in_([3, 4])), insert(table).values(swapped))

    assert filled.verify().broken == 3


def test_a_deleted_record_is_found_when_the_others_are_renumbered(filled):
    change(filled, delete(table).where(table.c.sequence == 3))
    for number in range(4, 8):
        change(filled, update(table).where(table.c.sequence == number).values(sequence=number - 1))

    assert filled.verify().broken == 3


def test_a_chain_sealed_by_somebody_without_the_key_is_found(filled, anchor):
    forger = AuditTrail(filled.store, Keyring(Key.of("f" * 32)), Anchor(anchor.path.with_name("another")))
    change(filled, delete(table).where(table.c.sequence > 6))
    forger.note("user:ann", "incidents.acknowledge", "incident:7", note="nothing happened")

    found = filled.verify()

    assert found.broken == 7
    assert "was sealed with the key" in found.fault


def test_a_lost_anchor_is_told(filled, anchor):
    anchor.path.unlink()

    found = filled.verify()

    assert not found.ok
    assert found.broken is None
    assert found.fault == "the anchor is missing, so it cannot be told whether the end of the chain was cut off"


def test_an_anchor_that_began_late_and_half_lines_are_told_and_break_nothing(filled, anchor):
    lines = anchor.path.read_text().splitlines(keepends=True)
    anchor.path.write_text("".join(lines[4:6]) + lines[6][:20])
    filled.note("user:ann", "incidents.resolve", "incident:1")

    found = filled.verify()

    assert (found.ok, found.records, found.anchored) == (True, 8, 8)
    assert found.notes == ("the anchor begins with record 5", "1 lines of the anchor cannot be read")


def test_a_replaced_key_still_proves_what_it_sealed(filled, anchor):
    newer = AuditTrail(filled.store, Keyring(Key.of("n" * 32), RING.keys), anchor)
    newer.note("user:ann", "keys.rotate", "key:1")

    assert newer.verify().ok
    assert filled.verify().broken == 8


def test_a_change_and_its_record_are_kept_or_undone_together(trail):
    def fail() -> None:
        with trail.change("user:ann") as recorded:
            recorded.note("users.create", "user:bob")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fail()

    assert trail.rows() == []
    assert trail.verify().ok


def test_every_transaction_of_an_audited_store_is_recorded(trail):
    with trail.audited("user:ann", "silences.end", "silence:3", reason="over").transaction() as connection:
        connection.execute(text("SELECT 1"))

    (row,) = trail.rows()
    assert (row.actor, row.action, row.subject, told(row)["detail"]) == (
        "user:ann",
        "silences.end",
        "silence:3",
        {"reason": "over"},
    )


def test_nothing_is_changed_where_the_anchor_cannot_be_written(store, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder must be")
    trail = AuditTrail(store, RING, Anchor(tmp_path / "taken" / "audit.anchor"))

    with pytest.raises(UserError, match="nothing was changed"):
        trail.note("user:ann", "users.create", "user:bob")

    assert trail.rows() == []


def test_texts_of_strangers_are_recorded_as_they_can_be_stored(trail):
    trail.note("user:\0\ud800", "login.denied", "x" * 2_000, said="\0\ud83d", long="y" * 50_000)

    (row,) = trail.rows()

    assert row.actor == "user:\\ud800"
    assert len(row.subject) == 500
    assert told(row)["detail"]["characters"] > 50_000
    assert trail.verify().ok


def test_an_export_can_be_verified_without_the_database(filled, anchor):
    lines = [exported(row) for row in filled.scan()]

    assert verify(map(imported, lines), RING, anchor.read()).ok
    assert verify(map(imported, lines[:-1]), RING, anchor.read()).broken == 7
    assert verify([imported(line.replace("nr. 2", "nr. 9")) for line in lines], RING, anchor.read()).broken == 2
    for line in ("[]", "{}", '{"sequence": 1}', "no", lines[0].replace('"sequence": 1', '"sequence": "1"')):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever json says
            imported(line)


def test_any_damage_to_any_record_is_found_at_that_record(filled, anchor):
    rows = list(filled.scan())
    chance = random.Random(7)  # noqa: S311 - a seeded one
    for _ in range(200):
        number = chance.randrange(len(rows))
        line = bytearray(exported(rows[number]).encode())
        line[chance.randrange(len(line))] ^= 1 << chance.randrange(7)
        try:
            damaged = imported(line.decode())
        except (ValueError, UnicodeDecodeError):
            continue
        found = verify([*rows[:number], damaged, *rows[number + 1 :]], RING, anchor.read())
        assert damaged == rows[number] or found.broken is not None
        assert damaged == rows[number] or found.broken <= number + 1


def _write(url: str, path: str, number: int) -> None:
    with open_store(url) as store:
        trail = AuditTrail(store, RING, Anchor(Path(path)))
        for turn in range(15):
            trail.note(f"user:{number}", "tests.write", f"thing:{turn}")


def test_several_processes_write_one_chain(trail, anchor, database_url):
    context = multiprocessing.get_context("forkserver")
    workers = [context.Process(target=_write, args=(database_url, str(anchor.path), number)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    found = trail.verify()

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (found.ok, found.records, found.anchored) == (True, 45, 45)


def test_the_trail_uses_one_store_type(trail):
    assert isinstance(trail.audited("user:ann", "x", "y"), Store)
