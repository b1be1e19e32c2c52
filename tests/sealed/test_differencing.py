from itertools import combinations

import numpy as np

from aimon.sealed.differencing import eliminated, isolated

FEW, P, Q, R = {"few": 30}, {"p": 60}, {"q": 60}, {"r": 60}


def test_a_few_rows_that_four_releases_isolate_are_found() -> None:
    releases = [FEW | P | Q, P | R, Q, R]
    for some in combinations(releases, 3):
        assert isolated(some, 50) is None
    assert isolated(releases, 50) == 30
    assert isolated(releases, 30) is None


def test_days_and_windows_that_hold_enough_rows_isolate_nothing() -> None:
    days = [{f"{day}": 50} for day in range(40)]
    windows = [{f"{day}": 50 for day in range(first, first + 7)} for first in range(33)]
    assert isolated(days + windows, 50) is None


def test_envelopes_that_always_come_together_count_as_one() -> None:
    flushes = {f"flush {place}": 10 for place in range(5)}
    assert isolated([flushes | P, P], 50) is None
    assert isolated([flushes | P, P], 51) == 50
    assert isolated([], 50) is None
    assert isolated([{"empty": 0} | P, P], 50) is None


def test_eliminating_finds_the_rank_and_reduced_rows() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        matrix = random.integers(0, 2, (8, 12))
        reduced = eliminated(matrix)
        assert len(reduced) == np.linalg.matrix_rank(matrix)
        pivots = [int(np.flatnonzero(row)[0]) for row in reduced]
        assert pivots == sorted(pivots)
        np.testing.assert_array_equal(reduced[:, pivots], np.eye(len(reduced), dtype=np.int64))


def test_a_thousand_releases_are_held_against_each_other_quickly() -> None:
    import time

    releases = [{f"{day} {host}": 40 for host in range(20)} for day in range(1000)]
    start = time.process_time()
    assert isolated(releases, 50) is None
    assert time.process_time() - start < 5
