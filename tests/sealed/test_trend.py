from datetime import date, timedelta

import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.profile.count import count_all
from aimon.profile.profile import Profile, TableKey
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.noise import NoisePolicy
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.secret import SecretKey
from aimon.sealed.trend import Slope, slope, verify_slope
from aimon.sealed.window import select, window
from tests.sealed.loans import DAY, loans_grid, rows

LAYOUT = Layout(loans_grid(), CUBE)
SECRET, PUBLIC = SecretKey.generate(CUBE)
PLACES = (0, 1, 2, 3, 4, 6, 7)
INCOME = TableKey("column:income")


def day(place: int) -> date:
    return DAY + timedelta(days=place)


def sealed(profiles: dict[int, Profile]) -> list[Envelope]:
    sealing = Encoder(LAYOUT, PUBLIC, model="loans", version="1", sender="host-1", number=0)
    sites = ("north", "south")
    return [sealing.seal(each, day(n), tags={"site": sites[n % 2]}) for n, each in profiles.items()]


@pytest.fixture(scope="module")
def profiles() -> dict[int, Profile]:
    return {place: count_all(LAYOUT.grid, rows(200 + 40 * place, place, shift=place / 10)) for place in PLACES}


@pytest.fixture(scope="module")
def envelopes(profiles: dict[int, Profile]) -> list[Envelope]:
    return sealed(profiles)


def gate(noise: NoisePolicy | None = None) -> DecryptGate:
    return DecryptGate(LAYOUT, SECRET, PUBLIC.id, noise=noise, noise_key=SECRET.noise_key)


def test_the_line_is_that_of_least_squares(profiles: dict[int, Profile], envelopes: list[Envelope]) -> None:
    trend = gate().open_trend(slope(envelopes), envelopes)
    for key in (INCOME, TableKey("confusion"), TableKey("column:age", "channel=web")):
        daily = np.array([each.tables[key].ravel() for each in profiles.values()])
        expected = np.polyfit(PLACES, daily, 1)
        assert trend.slope[key].ravel() == pytest.approx(expected[0], abs=1e-9)
        assert trend.level[key].ravel() == pytest.approx(daily.mean(axis=0), abs=1e-9)
        forecast = trend.forecast(key.table, day(10), key.segment).ravel()
        assert forecast == pytest.approx(np.polyval(expected, 10), abs=1e-9)


def test_thirty_days_leave_room_for_noise_of_the_scheme(profiles: dict[int, Profile]) -> None:
    many = sealed(dict.fromkeys(range(31), profiles[0]))
    found = slope(many)
    trend = gate().open_trend(found, many)
    assert not any(counts.any() for counts in trend.slope.values())
    assert min(map(SECRET.noise_bits, found.ciphertexts)) >= 4


def test_a_trend_that_does_not_follow_from_its_envelopes_is_refused(envelopes: list[Envelope]) -> None:
    found = slope(envelopes)
    with pytest.raises(SealedError, match="the trend does not follow from its envelopes: inputs differs"):
        verify_slope(found, envelopes[:-1])
    other = Slope(manifest=found.manifest, ciphertexts=add(envelopes).ciphertexts)
    with pytest.raises(SealedError, match="ciphertext 1 was changed"):
        gate().open_trend(other, envelopes)


def test_a_day_of_few_rows_is_in_no_trend(profiles: dict[int, Profile]) -> None:
    few = sealed({**profiles, 8: count_all(LAYOUT.grid, rows(30, 1))})
    with pytest.raises(SealedError, match="30 rows are fewer than the 50"):
        gate().open_trend(slope(few), few)


def test_a_trend_needs_days_and_room(profiles: dict[int, Profile], envelopes: list[Envelope]) -> None:
    with pytest.raises(SealedError, match="a trend needs 3 days or more, and there are 2"):
        slope(envelopes[:2])
    large = {n: Profile(LAYOUT.grid.id, {k: c * 40_000 for k, c in profiles[0].tables.items()}) for n in range(4)}
    with pytest.raises(
        SealedError, match="weighted sums of these days reach 64000000, and a slot holds up to 33542143"
    ):
        slope(sealed(large))


def test_a_trend_has_no_noise(envelopes: list[Envelope]) -> None:
    with pytest.raises(SealedError, match="a trend is released exactly"):
        gate(NoisePolicy(1.0, 1e-6, 1)).open_trend(slope(envelopes), envelopes)


def test_a_trend_counts_as_a_release_of_each_day(profiles: dict[int, Profile], envelopes: list[Envelope]) -> None:
    door = gate()
    door.open_trend(slope(envelopes), envelopes)
    door.open_trend(slope(envelopes), envelopes)
    assert len(door.ledger.releases) == 1 + len(PLACES)
    sealing = Encoder(LAYOUT, PUBLIC, model="loans", version="1", sender="host-2", number=0)
    late = [envelopes[0], sealing.seal(count_all(LAYOUT.grid, rows(10, 5)), day(0))]
    with pytest.raises(SealedError, match="would give away 10 rows on their own"):
        door.open(add(late), late)


def test_envelopes_are_chosen_by_what_anybody_may_read(profiles: dict[int, Profile], envelopes: list[Envelope]) -> None:
    north = select(envelopes, tags={"site": "north"})
    assert [each.header.day for each in north] == [day(place) for place in (0, 2, 4, 6)]
    opened = gate().open(add(north), north)
    expected = sum(profiles[place].tables[INCOME] for place in (0, 2, 4, 6))
    np.testing.assert_array_equal(opened.tables[INCOME], expected)
    assert [each.header.day for each in window(envelopes, day(7), days=3)] == [day(6), day(7)]
    assert select(envelopes, first=day(7), last=day(7)) == envelopes[-1:]
    with pytest.raises(SealedError, match=r"no envelope is of 2026-11-25 to 2026-11-25, site=east"):
        window(envelopes, day(5), days=1, tags={"site": "east"})
