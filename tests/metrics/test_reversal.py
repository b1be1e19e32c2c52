from aimon.metrics.reversal import reversals

ADMITTED = {"north": {"f": 0.70, "m": 0.65}, "south": {"f": 0.25, "m": 0.20}}


def test_a_gap_that_turns_around_in_every_part_is_a_reversal() -> None:
    (found,) = reversals({"f": 0.34, "m": 0.56}, ADMITTED)
    assert (found.higher, found.lower) == ("m", "f")
    assert round(found.pooled, 2) == 0.22
    assert {name: round(gap, 2) for name, gap in found.parts.items()} == {"north": -0.05, "south": -0.05}


def test_a_gap_that_one_part_shares_is_none() -> None:
    assert reversals({"f": 0.34, "m": 0.56}, ADMITTED | {"west": {"f": 0.5, "m": 0.5}}) == []
    assert reversals({"f": 0.56, "m": 0.34}, ADMITTED) == []
    assert reversals({"f": 0.5, "m": 0.5}, ADMITTED) == []


def test_parts_without_both_groups_say_nothing_and_one_part_is_no_mixture() -> None:
    assert len(reversals({"f": 0.34, "m": 0.56}, ADMITTED | {"west": {"f": 0.1}})) == 1
    assert reversals({"f": 0.34, "m": 0.56}, {"north": ADMITTED["north"]}) == []
