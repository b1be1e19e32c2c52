import json
from pathlib import Path

import numpy as np
import pytest

from aimon.errors import SealedError, WithheldError
from aimon.privacy.accounting import epsilon
from aimon.profile.count import count_all
from aimon.profile.profile import TableKey
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.ledger import START, Ledger, release_of
from aimon.sealed.noise import NoisePolicy, Stream, discrete_gaussian
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.secret import SecretKey
from tests.sealed.loans import DAY, loans_grid, rows

LAYOUT = Layout(loans_grid(), CUBE)
SECRET, PUBLIC = SecretKey.generate(CUBE)
POLICY = NoisePolicy(epsilon=2.0, delta=1e-6, releases=2)


@pytest.fixture(scope="module")
def envelopes() -> list[Envelope]:
    sealing = Encoder(LAYOUT, PUBLIC, model="loans", version="1", sender="host-1", number=0)
    return [sealing.seal(count_all(LAYOUT.grid, rows(n, n)), DAY) for n in (300, 400, 20)]


def gate(path: Path, noise: NoisePolicy | None = None) -> DecryptGate:
    return DecryptGate(
        LAYOUT, SECRET, PUBLIC.id, ledger=Ledger(path, SECRET.ledger_key), noise=noise, noise_key=SECRET.noise_key
    )


def test_what_was_released_is_remembered_by_the_next_process(tmp_path: Path, envelopes: list[Envelope]) -> None:
    path = tmp_path / "releases.jsonl"
    gate(path).open(add(envelopes[:2]), envelopes[:2])
    with pytest.raises(SealedError, match="would give away 20 rows on their own"):
        gate(path).open(add(envelopes), envelopes)
    gate(path).open(add(envelopes[:2]), envelopes[:2])
    assert len(Ledger(path, SECRET.ledger_key).releases) == 1


def test_a_refused_release_leaves_no_line(tmp_path: Path, envelopes: list[Envelope]) -> None:
    path = tmp_path / "releases.jsonl"
    with pytest.raises(SealedError, match="20 rows are fewer than the 50"):
        gate(path).open(add(envelopes[2:]), envelopes[2:])
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("line 2 was changed", lambda lines: [lines[0], lines[1].replace('"b"', '"x"', 1), lines[2]]),
        ("line 2 was changed, or one before it was taken out", lambda lines: [lines[0], lines[2]]),
        ("line 1 was changed, or one before it was taken out", lambda lines: [lines[1], lines[0], lines[2]]),
        ("line 3 is no release", lambda lines: [*lines[:2], lines[2][:-30]]),
        ("line 1 is no release", lambda lines: ["[]", *lines[1:]]),
    ],
)
def test_a_ledger_that_was_touched_is_refused(tmp_path: Path, name: str, spoil) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "releases.jsonl"
    ledger = Ledger(path, SECRET.ledger_key)
    for manifest in ("a", "b", "c"):
        ledger.add(release_of(manifest, {f"envelope of {manifest}": 100}))
    assert Ledger(path, SECRET.ledger_key).head == ledger.head != START
    path.write_text("\n".join(spoil(path.read_text().splitlines())) + "\n")
    with pytest.raises(SealedError, match=f"releases.jsonl: {name}"):
        Ledger(path, SECRET.ledger_key)


def test_noise_stays_within_the_budget(tmp_path: Path, envelopes: list[Envelope]) -> None:
    path = tmp_path / "releases.jsonl"
    for some in (envelopes[:1], envelopes[1:2]):
        gate(path, POLICY).open(add(some), some)
    with pytest.raises(WithheldError, match="the privacy budget of epsilon 2 is spent by 2 releases"):
        gate(path, POLICY).open(add(envelopes[:2]), envelopes[:2])
    assert json.loads(path.read_text().splitlines()[0])["release"]["sigma"] == gate(path, POLICY).sigma


def test_the_same_sum_has_the_same_noise_and_costs_once(tmp_path: Path, envelopes: list[Envelope]) -> None:
    path = tmp_path / "releases.jsonl"
    first, second = (gate(path, POLICY).open(add(envelopes[:1]), envelopes[:1]) for _ in range(2))
    assert all((second.tables[key] == counts).all() for key, counts in first.tables.items())
    assert len(path.read_text().splitlines()) == 1
    other = gate(path, POLICY).open(add(envelopes[1:2]), envelopes[1:2])
    assert (first.tables[TableKey("column:town")] != other.tables[TableKey("column:town")]).any()


def test_counts_with_noise_are_counts_of_all_rows(tmp_path: Path, envelopes: list[Envelope]) -> None:
    released = gate(tmp_path / "a.jsonl", POLICY).open(add(envelopes), envelopes)
    exact = gate(tmp_path / "b.jsonl").open(add(envelopes), envelopes)
    assert released.rows == exact.rows
    for key, counts in released.tables.items():
        assert counts.min() >= 0
        if key.table.startswith("column:") and key.segment is None:
            assert counts.sum() == exact.rows
    assert any((released.tables[key] != counts).any() for key, counts in exact.tables.items())


def test_a_line_that_a_killed_process_left_half_written_is_no_release(tmp_path: Path) -> None:
    path = tmp_path / "releases.jsonl"
    ledger = Ledger(path, SECRET.ledger_key)
    for manifest in ("a", "b"):
        ledger.add(release_of(manifest, {f"envelope of {manifest}": 100}))
    path.write_text(path.read_text()[:-40])
    again = Ledger(path, SECRET.ledger_key)
    assert [each.manifest_id for each in again.releases] == ["a"]
    again.add(release_of("c", {"envelope of c": 100}))
    assert [each.manifest_id for each in Ledger(path, SECRET.ledger_key).releases] == ["a", "c"]


def test_a_row_touches_as_many_counts_as_the_noise_assumes() -> None:
    one = count_all(LAYOUT.grid, rows(1, 3))
    kept = {entry.key for entry in LAYOUT.entries}
    assert 0 < sum(int(counts.sum()) for key, counts in one.tables.items() if key in kept) <= LAYOUT.touched


def test_the_discrete_gaussian_has_its_law() -> None:
    from scipy.stats import chisquare

    drawn, variance, size = discrete_gaussian(9, 8_000, Stream(b"secret", "law")), 9, 8_000
    support = np.arange(-60, 61)
    law = np.exp(-(support**2) / (2 * variance))
    law /= law.sum()
    inner = np.abs(support) <= 8
    observed = [int((drawn == each).sum()) for each in support[inner]]
    observed.append(size - sum(observed))
    expected = [*(law[inner] * size), law[~inner].sum() * size]
    assert chisquare(observed, expected).pvalue > 1e-6
    assert abs(drawn).max() < 60


def test_a_ledger_in_a_file_is_sealed_by_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "releases.jsonl"
    Ledger(path, SECRET.ledger_key).add(release_of("a", {"envelope": 100}))
    with pytest.raises(SealedError, match="line 1 was changed"):
        Ledger(path, SecretKey.generate(CUBE)[0].ledger_key)
    with pytest.raises(SealedError, match="a ledger in a file needs a key"):
        Ledger(path)


@pytest.mark.parametrize("budget", [(0.0, 0.1, 1), (1.0, 0.0, 1), (1.0, 1e-6, 0), (float("inf"), 0.1, 1)])
def test_a_budget_that_promises_nothing_is_refused(budget: tuple[float, float, int]) -> None:
    with pytest.raises(SealedError, match="a privacy budget needs an epsilon above 0"):
        NoisePolicy(*budget)


def test_the_budget_is_what_epsilon_and_delta_allow() -> None:
    assert POLICY.rho * POLICY.releases == pytest.approx(POLICY.budget)
    assert epsilon([POLICY.rho] * POLICY.releases, POLICY.delta) == pytest.approx(POLICY.epsilon)
