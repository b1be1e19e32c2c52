import numpy as np
import pytest

from aimon.verdict.history import Band, History, SeriesKey, block_bootstrap, deviation

KEY = SeriesKey("psi", "income")


def test_a_band_is_the_mean_and_some_deviations_of_past_windows() -> None:
    past = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    band = History(values={KEY: past}, deviations=2.0).band(KEY)
    assert band == Band(pytest.approx(4.5 - 2 * np.std(past, ddof=1)), pytest.approx(4.5 + 2 * np.std(past, ddof=1)))


def test_a_few_windows_make_no_band() -> None:
    assert History(values={KEY: [1.0] * 7}).band(KEY) is None
    assert History().band(KEY) is None


def test_values_that_are_not_numbers_are_no_windows() -> None:
    assert History(values={KEY: [1.0] * 7 + [float("nan")]}).band(KEY) is None


def test_windows_that_resemble_their_neighbours_have_a_wider_band(random) -> None:
    slow = np.cumsum(random.normal(size=60)) * 0.1
    shuffled = random.permutation(slow)
    by_block = [block_bootstrap(past, 3.0, 7) for past in (slow, shuffled)]
    assert by_block[0].high - by_block[0].low > by_block[1].high - by_block[1].low
    assert by_block[0].high > deviation(slow, 3.0).high


def test_the_bootstrap_gives_the_same_band_every_time() -> None:
    history = History(values={KEY: list(range(12))}, method="block_bootstrap", block=50)
    assert history.band(KEY) == history.band(KEY)


def test_most_windows_of_a_quiet_series_lie_in_its_band(random) -> None:
    past, new = random.normal(size=(200, 30)), random.normal(size=200)
    inside = [deviation(windows, 3.0) for windows in past]
    assert np.mean([band.low <= value <= band.high for band, value in zip(inside, new, strict=True)]) >= 0.98
