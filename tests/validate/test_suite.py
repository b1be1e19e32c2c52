from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from aimon.clock import day_end, day_start
from aimon.errors import DataError
from aimon.profile.count import count_all
from aimon.validate.facts import Facts
from aimon.validate.finding import Severity, validation_of
from aimon.validate.history import PastDay
from aimon.validate.suite import Suite

DAY = date(2026, 11, 20)
WEEK = [PastDay(DAY - timedelta(days=number), (500, 500, 500, 500), 60.0) for number in range(1, 9)]


def test_a_day_like_the_reference_passes_every_expectation(check, rows):
    found = check(rows(), history=WEEK)
    assert found.failed == []
    assert found.usable
    assert {finding.name for finding in found.findings} == {
        *("columns", "rows", "volume", "quarantine", "prediction", "duplicate_ids", "clock_skew", "freshness"),
        *("nulls", "type", "range", "categories"),
    }


def test_great_expectations_runs_the_suite(suite, check, rows, monkeypatch):
    from great_expectations import ExpectationSuite

    from aimon.validate.gx import Validator

    ran = []
    original = Validator.validate_expectation_suite

    def spied(self, expectation_suite, parameters):
        ran.append(original(self, expectation_suite, parameters))
        return ran[-1]

    monkeypatch.setattr(Validator, "validate_expectation_suite", spied)
    found = check(rows())
    assert isinstance(suite.expectations, ExpectationSuite)
    assert len(ran[0].results) == len(suite.expectations.expectations) == len(found.findings)
    assert all(isinstance(finding.passed, bool) for finding in found.findings)


@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("count", [1, 30, 500])
def test_small_days_like_the_reference_raise_no_alarm(check, rows, seed, count):
    assert check(rows(count, seed=seed)).failed == []


def test_a_missing_prediction_blocks(check, rows, failed):
    found = check(rows().drop_columns(["decision"]))
    assert not found.usable
    assert failed(found)["columns", "decision"].severity is Severity.BLOCKS
    with pytest.raises(DataError, match=r"^loans 2026-11-20: the data cannot be used: the column decision is missing$"):
        found.refuse_unusable()


def test_a_missing_timestamp_blocks(check, rows, failed):
    found = check(rows().drop_columns(["at"]))
    assert [finding.column for finding in found.blocking] == ["at"]
    assert found.slots == (0, 0, 0, 0)
    assert failed(found)["columns", "at"].blocks


def test_predictions_that_are_all_null_block(check, rows, replaced, failed):
    for nulls in (pa.nulls(2_000), pa.nulls(2_000, pa.string())):
        found = check(replaced(rows(), decision=nulls))
        assert found.blocking[0].sentence == "none of the 2,000 rows has a value in decision."
        assert failed(found)["prediction", "decision"].keys == tuple(f"2026-11-20-{number}" for number in range(5))


def test_a_missing_feature_warns_and_its_values_are_not_judged(check, rows, failed):
    found = check(rows().drop_columns(["income", "sex", "defaulted"]))
    assert found.usable
    assert set(failed(found)) == {("columns", "income"), ("columns", "sex")}
    assert failed(found)["columns", "income"].sentence == "the column income is missing."


def test_more_nulls_than_in_the_reference_warn_with_their_count_and_keys(check, rows, replaced, failed):
    table = rows()
    nulls = np.arange(2_000) % 5 == 0
    found = failed(check(replaced(table, income=pa.array(np.ones(2_000) * 50_000, mask=nulls))))
    assert set(found) == {("nulls", "income")}
    finding = found["nulls", "income"]
    assert (finding.severity, finding.failing, finding.rows) == (Severity.WARNS, 400, 2_000)
    assert finding.keys == ("2026-11-20-0", "2026-11-20-5", "2026-11-20-10", "2026-11-20-15", "2026-11-20-20")
    assert finding.sentence == "income: 20 % of the values are missing, 1.96 % in the reference."


def test_nan_counts_as_missing(check, rows, replaced, failed):
    values = np.where(np.arange(2_000) % 5 == 0, np.nan, 50_000.0)
    assert set(failed(check(replaced(rows(), income=values)))) == {("nulls", "income")}


def test_text_in_a_column_of_numbers_warns_and_numbers_written_as_text_do_not(check, rows, replaced, failed):
    written = [f"{value:.2f}" for value in np.linspace(30_000, 70_000, 2_000)]
    assert check(replaced(rows(), income=written)).failed == []
    spoilt = ["much" if number % 10 == 0 else text for number, text in enumerate(written)]
    found = failed(check(replaced(rows(), income=spoilt)))
    assert found["type", "income"].failing == 200
    assert "much" not in str(found)


def test_a_column_of_another_type_warns(check, rows, replaced, failed):
    stamps = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 2_000)
    found = failed(check(replaced(rows(), income=stamps, note=pa.array(range(2_000)), opened=pa.array(range(2_000)))))
    assert {("type", "income"), ("type", "note"), ("type", "opened")} <= set(found)
    assert found["type", "note"].failing == 2_000


def test_numbers_beyond_the_reference_warn(check, rows, replaced, failed):
    values = np.where(np.arange(2_000) % 4 == 0, 1e9, 50_000.0)
    found = failed(check(replaced(rows(), income=values, score=np.linspace(-1, 1, 2_000))))
    assert found["range", "income"].failing == 500
    assert found["range", "score"].failing == 1_000


def test_dates_after_the_reference_are_nothing_odd(check, rows, replaced):
    assert check(replaced(rows(), opened=pa.array([date(2026, 1, 1)] * 2_000))).failed == []


def test_categories_the_reference_never_had_warn(check, rows, replaced, failed):
    values = np.where(np.arange(2_000) % 4 == 0, "atlantis", "north")
    for column in (pa.array(values), pa.array(values).dictionary_encode(), pa.array(values, pa.large_string())):
        found = failed(check(replaced(rows(), region=column)))
        assert found["categories", "region"].failing == 500


def test_no_finding_holds_a_value_of_a_protected_column(check, rows, replaced):
    found = check(replaced(rows(), sex=["something secret"] * 2_000))
    assert found.failed[0].column == "sex"
    assert b"something secret" not in found.to_bytes()


def test_labels_may_be_missing_but_not_strange(check, rows, replaced, failed):
    assert check(replaced(rows(), defaulted=pa.nulls(2_000))).failed == []
    assert set(failed(check(replaced(rows(), defaulted=["later"] * 2_000)))) == {("categories", "defaulted")}


def test_the_declared_limit_decides(spec, grid, baseline, rows, replaced):
    lenient = spec.model_copy(
        update={
            "thresholds": spec.model_validate(
                {**spec.model_dump(), "thresholds": {"missing_shift": {"columns": {"income": {"warning": 0.5}}}}}
            ).thresholds
        }
    )
    table = replaced(rows(), income=pa.array(np.ones(2_000) * 50_000, mask=np.arange(2_000) % 5 == 0))
    assert Suite(lenient, grid, baseline).run(table, DAY, Facts(as_of=day_end(DAY))).failed == []


def test_a_day_without_rows_blocks_where_rows_are_usual(check, rows, failed):
    empty = rows().slice(0, 0)
    found = failed(check(empty, history=WEEK))
    assert found["rows", None].blocks
    assert found["rows", None].sentence == "the day has no rows, where 2,000 are usual."
    assert check(empty).failed == []


@pytest.mark.parametrize(("count", "passes"), [(999, False), (1_001, True), (3_999, True), (4_001, False)])
def test_the_volume_is_held_against_the_past(check, rows, count, passes, failed):
    found = failed(check(rows(count), history=WEEK))
    assert (("volume", None) not in found) == passes


def test_a_day_under_way_is_held_against_the_same_hours_of_the_past(check, rows, failed):
    table = rows(2_000)
    morning = table.filter(pa.compute.less(table["at"], pa.scalar(day_start(DAY) + timedelta(hours=6))))
    noon = day_start(DAY) + timedelta(hours=6)
    assert 400 < morning.num_rows < 600
    assert check(morning, history=WEEK, as_of=noon, read_at=noon + timedelta(minutes=15)).failed == []
    found = failed(check(morning.slice(0, 100), history=WEEK, as_of=noon))
    assert found["volume", None].sentence == (
        "100 rows, where 500 are usual by this hour and 250 to 1,000 nothing odd."
    )


def test_a_source_that_went_quiet_is_not_fresh(check, rows, failed):
    table = rows()
    early = table.filter(pa.compute.less(table["at"], pa.scalar(day_end(DAY) - timedelta(hours=2))))
    finding = failed(check(early, history=WEEK))["freshness", "at"]
    assert finding.sentence == "the last row is older than 2026-11-20T23:00:00Z."
    noon = day_start(DAY) + timedelta(hours=12)
    stalled = table.filter(pa.compute.less(table["at"], pa.scalar(day_start(DAY) + timedelta(hours=5))))
    assert ("freshness", "at") in failed(check(stalled, history=WEEK, as_of=noon))


def test_repeated_ids_warn_and_those_left_out_count(check, rows, replaced, failed):
    table = rows()
    repeated = replaced(table, id=[f"id-{number // 2}" for number in range(2_000)])
    finding = failed(check(repeated))["duplicate_ids", "id"]
    assert (finding.failing, finding.keys[:2]) == (1_000, ("id-0", "id-1"))
    dropped = failed(check(table, duplicates=500))["duplicate_ids", "id"]
    assert dropped.sentence == "500 of 2,500 rows repeat the id of another, 500 of which were left out."
    assert check(table, duplicates=10).failed == []


def test_missing_ids_repeat_nothing(check, rows, replaced):
    assert check(replaced(rows(), id=pa.nulls(2_000, pa.string()))).failed == []


def test_rows_from_the_future_or_another_day_warn(check, rows, failed):
    table = rows()
    noon = day_start(DAY) + timedelta(hours=12)
    finding = failed(check(table, as_of=noon, read_at=noon))["clock_skew", "at"]
    assert 900 < finding.failing < 1_100
    assert finding.sentence.endswith("rows are stamped outside the day or later than 2026-11-20T12:05:00Z.")
    assert failed(check(rows(day=DAY - timedelta(days=1))))["clock_skew", "at"].failing == 2_000


def test_rows_kept_apart_warn_and_most_of_the_day_kept_apart_blocks(check, rows, failed):
    assert check(rows(), quarantined={"without an id": 10}).failed == []
    few = check(rows(), quarantined={"without an id": 100, "without a prediction": 50})
    assert few.usable
    assert failed(few)["quarantine", None].sentence == (
        "150 of 2,150 rows cannot be used and were kept apart: 50 without a prediction, 100 without an id."
    )
    assert not check(rows(), quarantined={"without an id": 2_001}).usable
    assert not check(rows().slice(0, 0), quarantined={"without an id": 7}).usable


def test_a_part_of_the_day_is_judged_as_the_whole(check, rows, failed):
    table = rows(1_000)
    assert check(table, rows=2_000, history=WEEK).failed == []
    assert failed(check(table, rows=20_000, history=WEEK))["volume", None].sentence.startswith("20,000 rows, where")
    found = check(table, rows=2_000)
    assert (found.rows, found.looked_at, sum(found.slots)) == (2_000, 1_000, 2_000)


def test_a_model_without_id_tells_rows_by_number(spec, grid, baseline, rows, replaced):
    columns = spec.columns.model_copy(update={"id": None})
    suite = Suite(spec.model_copy(update={"columns": columns}), grid, baseline)
    found = suite.run(replaced(rows(), region=["atlantis"] * 2_000), DAY, Facts(as_of=day_end(DAY)))
    assert found.failed[0].keys == ("row 1", "row 2", "row 3", "row 4", "row 5")


def test_columns_of_nulls_and_one_row_are_judged(check, rows):
    one = rows(1)
    nothing = pa.table({name: pa.nulls(1) for name in one.column_names})
    assert check(one).failed == []
    assert [finding.name for finding in check(nothing).blocking] == ["prediction"]


def test_any_column_may_hold_any_type(check, rows, replaced):
    odd = pa.array([{"a": 1}] * 2_000)
    many = pa.array([[1, 2]] * 2_000)
    decimals = pa.array(np.full(2_000, 50_000)).cast(pa.decimal128(21, 2))
    flags = pa.array([True, False] * 1_000)
    found = check(replaced(rows(), region=odd, note=many, income=decimals, sex=flags, seconds=odd))
    assert {finding.column for finding in found.failed} == {"region", "note", "sex", "seconds"}


def test_a_broken_check_is_not_taken_for_bad_data(check, rows, monkeypatch):
    from aimon.validate.reading import ColumnReader

    def broken(self, array):
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr(ColumnReader, "read", broken)
    with pytest.raises(RuntimeError, match="broke: no such thing"):
        check(rows())


def test_the_same_day_gives_the_same_bytes_and_they_are_read_back(check, rows):
    first, second = check(rows(), history=WEEK), check(rows(), history=WEEK)
    assert first.to_bytes() == second.to_bytes()
    assert validation_of(first.to_bytes()) == first


def test_two_suites_of_one_grid_do_not_disturb_each_other(spec, grid, baseline, rows):
    first = Suite(spec, grid, baseline)
    Suite(spec, grid, count_all(grid, rows(500)))
    assert first.run(rows(), DAY, Facts(as_of=day_end(DAY))).failed == []
