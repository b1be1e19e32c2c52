import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from aimon.cli.sealed import sealed
from aimon.errors import SealedError, UserError
from aimon.sealed.envelope import read_envelope
from aimon.sealed.join.evaluator import join
from aimon.sealed.join.gate import JoinGate
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.keys import read_secret
from aimon.sealed.plan import read_plan
from aimon.sealed.seal.parameters import JOIN
from aimon.sealed.signature import check_senders

MODEL = """
model: loans
task: binary
columns: {prediction: decision, label: repaid, score: score, protected: [sex]}
positive: 1
"""


def run(*arguments: object) -> str:
    result = CliRunner().invoke(sealed, [str(each) for each in arguments], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def write_rows(path: Path, n: int, seed: int) -> Path:
    random = np.random.default_rng(seed)
    score = random.random(n)
    table = {
        "income": random.lognormal(8, 1, n),
        "sex": random.choice(["f", "m"], n),
        "score": score,
        "decision": (score > 0.5).astype(int),
        "repaid": (random.random(n) < score).astype(int),
    }
    pq.write_table(pa.table(table), path)
    return path


@pytest.fixture
def owner(tmp_path: Path) -> Path:
    (tmp_path / "loans.yaml").write_text(MODEL)
    write_rows(tmp_path / "reference.parquet", 2000, 0)
    run("keygen", tmp_path / "keys")
    spec = tmp_path / "loans.yaml"
    run("plan", tmp_path / "reference.parquet", "--spec", spec, "--out", tmp_path / "plan.json")
    return tmp_path


def seal(folder: Path, name: str, n: int, seed: int, day: str = "2026-11-20") -> Path:
    rows, out = write_rows(folder / f"{name}.parquet", n, seed), folder / f"{name}.sealed"
    key = ("--plan", folder / "plan.json", "--key", folder / "keys" / "public.key")
    run("encrypt", rows, *key, "--day", day, "--sender", name, "--out", out)
    return out


def test_two_hosts_seal_a_server_adds_and_the_owner_reads_the_sum(owner: Path) -> None:
    envelopes = [seal(owner, "a", 100, 1), seal(owner, "b", 150, 2)]
    total = owner / "day.sum"
    run("add", *envelopes, "--out", total)
    assert "follows from its 2 envelopes" in run("verify", total, *envelopes)
    key = ("--plan", owner / "plan.json", "--key", owner / "keys" / "secret.key")
    opened = json.loads(run("open", total, *envelopes, *key))
    assert opened["rows"] == 250
    assert sum(opened["tables"]["column:income"]) == 250
    women = sum(pq.read_table(owner / f"{name}.parquet")["sex"].to_pylist().count("f") for name in "ab")
    assert sorted(opened["tables"]["column:sex"], reverse=True)[:2] == sorted([women, 250 - women], reverse=True)


def test_an_envelope_shows_when_and_how_many_but_no_count(owner: Path) -> None:
    shown = json.loads(run("inspect", seal(owner, "a", 100, 1)))
    assert (shown["model"], shown["day"], shown["sender"], shown["rows"]) == ("loans", "2026-11-20", "a", 100)
    assert set(shown) == {
        "model", "version", "day", "slot", "key_id", "layout_id", "parameters", "sender", "number", "rows", "tags",
        "present", "digests", "kind", "of", "signature",
    }  # fmt: skip


def test_mistakes_are_one_sentence(owner: Path) -> None:
    envelope = seal(owner, "a", 100, 1)
    rows, out = owner / "a.parquet", owner / "again.sealed"
    key = ("--plan", owner / "plan.json", "--key", owner / "keys" / "public.key", "--sender", "a")
    with pytest.raises(UserError, match="--day: 'today' is not a day; write it as 2026-11-20"):
        run("encrypt", rows, *key, "--day", "today", "--out", out)
    with pytest.raises(SealedError, match="is there already; choose another name"):
        run("encrypt", rows, *key, "--day", "2026-11-20", "--out", envelope)
    with pytest.raises(SealedError, match="is no sealed envelope"):
        run("inspect", rows)
    with pytest.raises(SealedError, match="cannot be read: No such file"):
        run("inspect", owner / "missing")
    with pytest.raises(SealedError, match="is no plan; make one with `aimon sealed plan`"):
        run("encrypt", rows, "--plan", rows, "--key", owner / "keys" / "public.key", "--day", "2026-11-20",
            "--sender", "a", "--out", out)  # fmt: skip
    assert not out.exists()


def in_project(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, called for the project in that folder."""
    command = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(folder), "sealed"]
    return subprocess.run([*command, *map(str, words)], capture_output=True, text=True, check=False)


def test_in_a_project_a_fresh_process_verifies_the_sum_and_its_record_in_the_audit_log(owner: Path) -> None:
    envelopes, total = [seal(owner, "a", 100, 1), seal(owner, "b", 150, 2)], owner / "day.sum"
    (owner / "aimon.yaml").write_text("models: none\n")
    assert in_project(owner, "add", *envelopes, "--out", total).returncode == 0
    sound = in_project(owner, "verify", total, *envelopes)
    assert "the sum follows from its 2 envelopes\nrecord 1 of the audit log has its manifest" in sound.stdout

    made_elsewhere = owner / "other.sum"
    run("add", envelopes[0], "--out", made_elsewhere)
    said = in_project(owner, "verify", made_elsewhere, envelopes[0])
    assert (said.returncode, "the audit log has no record of the manifest" in said.stderr) == (2, True)

    for path in (envelopes[1], total):
        whole = path.read_bytes()
        path.write_bytes(whole[:900] + bytes([whole[900] ^ 4]) + whole[901:])
        with pytest.raises(SealedError, match=f"{path} was damaged or cut"):
            run("verify", total, *envelopes)
        path.write_bytes(whole)


def test_a_key_is_rotated_backed_up_and_restored_and_still_opens_what_it_sealed(
    owner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, keys, copy = seal(owner, "a", 100, 1), owner / "keys", owner / "copy"
    run("add", before, "--out", owner / "day.sum")
    said = run("rotate", keys)
    assert re.fullmatch(r"key [0-9a-f]{16} replaces [0-9a-f]{16}: give .* to the hosts, and make a new backup\n", said)
    with pytest.raises(UserError, match="AIMON_SEALED_PASSPHRASE is not set"):
        run("backup", keys, "--out", owner / "keys.backup")
    monkeypatch.setenv("AIMON_SEALED_PASSPHRASE", "four words of some length")
    assert "4 files in" in run("backup", keys, "--out", owner / "keys.backup")
    assert "4 files in" in run("restore", owner / "keys.backup", copy)
    opened = json.loads(run("open", owner / "day.sum", before, "--plan", owner / "plan.json", "--key", copy))
    assert opened["rows"] == 100
    assert json.loads(run("inspect", seal(owner, "b", 100, 2)))["key_id"] in said


def test_the_plan_says_what_sealing_costs(owner: Path) -> None:
    said = run(
        "plan", owner / "reference.parquet", "--spec", owner / "loans.yaml", "--out", owner / "p.json", "--flushes", 10
    )
    assert re.search(r"an envelope has \d+ kB, .* 10 a day of one host are [\d.]+ MB a day", said)


def test_a_host_signs_with_a_key_of_its_own(owner: Path) -> None:
    said = run("sender", "a", "--out", owner / "a.key")
    public = re.search(r"senders: \{a: ([0-9a-f]{64})\}", said)
    assert public
    assert (owner / "a.key").stat().st_mode & 0o777 == 0o600
    rows, out = write_rows(owner / "a.parquet", 100, 1), owner / "a.sealed"
    key = ("--plan", owner / "plan.json", "--key", owner / "keys" / "public.key", "--day", "2026-11-20")
    run("encrypt", rows, *key, "--sender", "a", "--sign", owner / "a.key", "--out", out)
    envelope = read_envelope(out.read_bytes(), "a")
    check_senders([envelope], {"a": public[1]})
    with pytest.raises(SealedError, match="was not signed by a, or was changed since"):
        check_senders([envelope], {"a": "0" * 64})
    with pytest.raises(SealedError, match=r"a\.key is the key of a, not of b"):
        run("encrypt", rows, *key, "--sender", "b", "--sign", owner / "a.key", "--out", owner / "b.sealed")
    with pytest.raises(SealedError, match="a key is never overwritten"):
        run("sender", "a", "--out", owner / "a.key")
    with pytest.raises(SealedError, match=r"plan\.json is no sender's key; make one with `aimon sealed sender`"):
        run("encrypt", rows, *key, "--sender", "a", "--sign", owner / "plan.json", "--out", owner / "b.sealed")


def test_a_trend_is_fitted_at_the_owner_and_stands_in_the_ledger(owner: Path) -> None:
    files = []
    for number, n in enumerate((100, 200, 300)):
        rows, out = write_rows(owner / f"{number}.parquet", n, number), owner / f"{number}.sealed"
        key = ("--plan", owner / "plan.json", "--key", owner / "keys" / "public.key")
        run("encrypt", rows, *key, "--day", f"2026-11-{18 + number}", "--sender", "a", "--out", out)
        files.append(out)
    secret, book = owner / "keys" / "secret.key", owner / "loans.ledger"
    asked = ("--plan", owner / "plan.json", "--key", secret, "--ledger", book)
    told = json.loads(run("trend", *files, *asked, "--table", "rows"))
    assert told == {"days": ["2026-11-18", "2026-11-19", "2026-11-20"], "level": [200.0], "slope": [100.0]}
    assert "4 releases, epsilon 0 at a delta of 1e-06 spent" in run("ledger", book, "--key", secret)
    assert json.loads(run("ledger", book, "--key", secret, "--json"))["releases"][0]["envelopes"] == 3
    with pytest.raises(SealedError, match="--table: the plan has no table 'column:age'; it has"):
        run("trend", *files, *asked, "--table", "column:age")
    book.write_text(book.read_text().replace("600", "900", 1))
    with pytest.raises(SealedError, match="line 1 was changed"):
        run("ledger", book, "--key", secret)


def flipped(path: Path, place: int) -> Path:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    other = path.with_suffix(f".{place}")
    other.write_bytes(content)
    return other


def in_a_fresh_process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from aimon.cli import main; main()", "sealed", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_labels_that_come_later_are_sealed_joined_and_checked_by_hand(owner: Path) -> None:
    run("keygen", owner / "label-keys", "--labels")
    key = ("--plan", owner / "plan.json", "--key", owner / "label-keys" / "public.key", "--id", "id")
    table = pq.read_table(write_rows(owner / "rows.parquet", 300, 5))
    table = table.append_column("id", pa.array([f"r{place}" for place in range(300)]))
    pq.write_table(table.drop_columns(["repaid"]), owner / "rows.parquet")
    known = table.select(["id", "repaid"]).slice(0, 250).take(np.random.default_rng(0).permutation(250))
    pq.write_table(known, owner / "known.parquet")
    apart = ("--attribute", "sex", "--day", "2026-11-20", "--sender", "host", "--slots", owner / "r.slots")
    with pytest.raises(SealedError, match="channel is no segment of the plan: it has none"):
        run("records", owner / "rows.parquet", *key, *apart, "--segment", "channel", "--out", owner / "r.sealed")
    run("records", owner / "rows.parquet", *key, *apart, "--out", owner / "r.sealed")
    said = run("labels", owner / "known.parquet", *key, "--slots", owner / "r.slots", "--sender", "clinic",
               "--out", owner / "l.sealed")  # fmt: skip
    assert "labels of 250 of 300 records" in said

    records, labels = (read_envelope((owner / name).read_bytes(), name) for name in ("r.sealed", "l.sealed"))
    (owner / "seed").write_bytes(bytes(range(32)))
    joined = join([records], [labels], seed=bytes(range(32)))
    (owner / "day.joined").write_bytes(joined.to_bytes())
    files = (owner / "r.sealed", owner / "l.sealed", "--seed", owner / "seed")
    checked = in_a_fresh_process("verify", owner / "day.joined", *files)
    assert "the joined labels follow from 1 envelopes of records and as many of labels" in checked.stdout
    secret, key_id = read_secret(owner / "label-keys" / "secret.key")
    layout = JoinLayout(read_plan(owner / "plan.json").grid, ("sex",), JOIN)
    opened = JoinGate(layout, secret, key_id).open(joined).get("outcome:sex")
    assert opened is not None
    right = int((np.array(table["decision"]) == np.array(table["repaid"]))[:250].sum())
    assert (opened.sum(), int(opened[:, 0, 0].sum() + opened[:, 1, 1].sum())) == (250, right)

    for path in (owner / "day.joined", *files[:2]):
        for place in (3, 700, path.stat().st_size // 2, -9):
            spoilt = [flipped(path, place) if each == path else each for each in (owner / "day.joined", *files)]
            with pytest.raises(SealedError, match=re.escape(path.name.split(".")[0])):
                run("verify", *spoilt)
    (owner / "other").write_bytes(bytes(32))
    with pytest.raises(SealedError, match="does not follow from its envelopes: seed_digest differs"):
        run("verify", owner / "day.joined", *files[:2], "--seed", owner / "other")
    with pytest.raises(SealedError, match="--seed names the file of their seed"):
        run("verify", owner / "day.joined", *files[:2])


def test_a_label_is_of_one_record_and_slots_are_of_their_envelope(owner: Path, tmp_path: Path) -> None:
    run("keygen", owner / "label-keys", "--labels")
    key = ("--plan", owner / "plan.json", "--key", owner / "label-keys" / "public.key")
    table = pq.read_table(write_rows(owner / "rows.parquet", 60, 5)).append_column("id", pa.array(["r"] * 60))
    pq.write_table(table, owner / "rows.parquet")
    apart = ("--attribute", "sex", "--day", "2026-11-20", "--sender", "host", "--slots", owner / "r.slots")
    with pytest.raises(SealedError, match=r"--id: .* has no column 'number'"):
        run("records", owner / "rows.parquet", *key, "--id", "number", *apart, "--out", owner / "r.sealed")
    run("records", owner / "rows.parquet", *key, "--id", "id", *apart, "--out", owner / "r.sealed")
    about = ("--slots", owner / "r.slots", "--sender", "clinic", "--out", owner / "l.sealed")
    with pytest.raises(SealedError, match="has 1 ids more than once, such as 'r'"):
        run("labels", owner / "rows.parquet", *key, "--id", "id", *about)
    with pytest.raises(SealedError, match="holds no slots"):
        run("labels", owner / "rows.parquet", *key, "--id", "id", "--slots", owner / "plan.json", *about[2:])


def test_a_trend_is_checked_in_a_fresh_process_and_a_flipped_byte_is_named(owner: Path) -> None:
    days = [seal(owner, f"d{day}", 100 + day, day, f"2026-11-1{day}") for day in range(4)]
    total = owner / "line.slope"
    run("trend", *days, "--plan", owner / "plan.json", "--key", owner / "keys" / "secret.key", "--table",
        "column:income", "--ledger", owner / "trend.ledger", "--sum", total)  # fmt: skip
    assert "the trend follows from its 4 envelopes" in in_a_fresh_process("verify", total, *days).stdout
    for place in (3, 200, total.stat().st_size // 2, -9):
        with pytest.raises(SealedError, match="line"):
            run("verify", flipped(total, place), *days)
    with pytest.raises(SealedError, match="does not follow from its envelopes: inputs differs"):
        run("verify", total, *days[:3])
