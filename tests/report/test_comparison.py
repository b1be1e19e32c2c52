import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from aimon.errors import DataError
from aimon.report.comparison import compare_files
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from aimon.verdict.record import Verdict

ROWS = 3_000


def rows(seed, *, shift=0.0, n=ROWS):
    rng = np.random.default_rng(seed)
    score = rng.beta(2, 2, n)
    return {
        "row": [f"id-{seed}-{number}" for number in range(n)],
        "income": rng.lognormal(10, 0.5, n) * (1 + shift),
        "city": rng.choice(["Köln", "São Paulo", "東京"], n, p=[0.5, 0.3, 0.2]),
        "prediction": (score > 0.5).astype(int),
        "score": score,
        "label": (rng.random(n) < score).astype(int),
    }


def write(path, columns):
    table = pa.table(columns)
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return str(path)


@pytest.fixture
def two(tmp_path):
    """`two(reference, current, suffix)` writes both files and gives their paths."""

    def make(reference, current, suffix="parquet"):
        return write(tmp_path / f"reference.{suffix}", reference), write(tmp_path / f"current.{suffix}", current)

    return make


def verdict(compared, metric, column=None):
    return next(r.verdict for r in compared.records if (r.metric, r.column, r.segment) == (metric, column, None))


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_shifted_column_is_found_and_a_calm_one_is_not(two, suffix):
    compared = compare_files(*two(rows(1), rows(2, shift=0.8), suffix))
    assert (compared.baseline.rows, compared.current.rows) == (ROWS, ROWS)
    assert verdict(compared, "psi", "income") is Verdict.CRITICAL
    assert verdict(compared, "psi", "city") is Verdict.OK
    assert compared.spec.task is Task.BINARY
    assert {r.metric for r in compared.records} >= {"accuracy", "roc_auc", "ece", "class_shift"}


def test_csv_and_parquet_of_the_same_rows_give_the_same_numbers(two):
    parquet = compare_files(*two(rows(1), rows(2, shift=0.8)))
    text = compare_files(*two(rows(1), rows(2, shift=0.8), "csv"))
    assert [record.as_json() for record in text.records] == [record.as_json() for record in parquet.records]


def test_exact_names_give_roles_and_identifiers_are_left_out_with_the_reason(two):
    compared = compare_files(*two(rows(1), rows(2)))
    columns = compared.spec.columns
    assert (columns.prediction, columns.score, columns.label) == ("prediction", "score", "label")
    assert set(columns.features) == {"income", "city"}
    assert columns.protected == ()
    assert compared.left_out == ("row: not counted: text that hardly ever repeats looks like an identifier",)
    assert compared.understood(reasons=False) == [
        "binary model; prediction: prediction, score: score, label: label",
        "numeric: income, prediction, score and label",
        "categorical: city",
        "not compared: row: not counted: text that hardly ever repeats looks like an identifier",
    ]
    assert "city: categorical, text with 3 different values" in compared.understood(reasons=True)


def test_without_a_prediction_every_column_is_a_feature_and_none_is_judged_as_one(two):
    def features(seed):
        kept = rows(seed)
        return {"city": kept["city"], "income": kept["income"], "label": kept["label"], "sex": ["f", "m"] * (ROWS // 2)}

    compared = compare_files(*two(features(1), features(2)))
    assert compared.stand_in
    assert {r.column for r in compared.records if r.metric == "psi"} == {"city", "income", "label", "sex"}
    assert not {r.metric for r in compared.records} & {"class_shift", "accuracy", "selection_rate"}
    assert compared.understood(reasons=False)[0] == "no column is named prediction, so every column is a feature"


@pytest.mark.parametrize(
    ("prediction", "task"),
    [
        (lambda rng: rng.choice(["yes", "no"], ROWS), Task.BINARY),
        (lambda rng: rng.random(ROWS) > 0.4, Task.BINARY),
        (lambda rng: rng.integers(0, 5, ROWS), Task.MULTICLASS),
        (lambda rng: rng.choice(["a", "b", "c"], ROWS), Task.MULTICLASS),
        (lambda rng: rng.normal(size=ROWS), Task.REGRESSION),
        (lambda rng: rng.integers(0, 500, ROWS), Task.REGRESSION),
    ],
)
def test_the_task_is_told_by_the_values_of_the_prediction(two, prediction, task):
    files = [{"x": np.arange(ROWS) % 7, "prediction": prediction(np.random.default_rng(seed))} for seed in (1, 2)]
    assert compare_files(*two(*files)).spec.task is task


def test_labels_may_be_missing_from_the_current_file(two):
    current = rows(2)
    del current["label"]
    compared = compare_files(*two(rows(1), current))
    assert compared.spec.columns.label == "label"
    assert verdict(compared, "psi", "income") is Verdict.OK
    assert "accuracy" not in {r.metric for r in compared.records if r.value is not None}
    assert compared.understood(reasons=False)[1] == "the current file has no label, so performance is not measured"
    assert compared.left_out == ("row: not counted: text that hardly ever repeats looks like an identifier",)


def test_columns_of_one_file_only_are_named_and_not_compared(two):
    reference, current = rows(1) | {"old": [1] * ROWS}, rows(2) | {"new": [1] * ROWS}
    compared = compare_files(*two(reference, current))
    assert compared.left_out[1:] == ("old: only the reference has it", "new: only the current file has it")
    assert not {r.column for r in compared.records} & {"old", "new"}


def test_a_spec_gives_roles_groups_and_kinds(two):
    def loans(seed):
        rng = np.random.default_rng(seed)
        sex = rng.choice(["f", "m"], ROWS)
        fair = 0.7 if seed == 1 else np.where(sex == "f", 0.4, 0.7)
        return {"sex": sex, "code": rng.integers(0, 4, ROWS), "ok": rng.random(ROWS) < fair, "unused": ["x"] * ROWS}

    spec = ModelSpec(
        model="loans",
        task=Task.BINARY,
        columns=Columns(prediction="ok", protected=("sex",), features={"code": Kind.CATEGORICAL}),
    )
    compared = compare_files(*two(loans(1), loans(2)), spec)
    assert verdict(compared, "disparate_impact", "sex") is Verdict.CRITICAL
    assert compared.grid.kinds["code"] is Kind.CATEGORICAL
    assert "unused" not in compared.grid.axes
    assert compared.understood(reasons=False)[0] == "binary model; prediction: ok"


def test_a_folder_of_files_is_one_side(tmp_path):
    for side, seeds in (("before", (1, 2)), ("after", (3, 4, 5))):
        (tmp_path / side).mkdir()
        for seed in seeds:
            write(tmp_path / side / f"{seed}.parquet", rows(seed))
    compared = compare_files(str(tmp_path / "before"), str(tmp_path / "after" / "*.parquet"))
    assert (compared.baseline.rows, compared.current.rows) == (2 * ROWS, 3 * ROWS)


def refused(reference, current, spec=None):
    with pytest.raises(DataError) as caught:
        compare_files(reference, current, spec)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_mistakes_are_one_sentence_each(two, tmp_path):
    good, _ = two(rows(1), rows(2))
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "notes.docx").write_bytes(b"PK\x03\x04 something else")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and then nothing")
    no_rows = write(tmp_path / "header.parquet", {name: pa.array([], pa.float64()) for name in rows(1)})
    other = write(tmp_path / "other.parquet", {"unheard": [1, 2], "of": [3, 4]})

    assert refused(good, str(tmp_path / "nope.parquet")).startswith(f"{tmp_path}/nope.parquet: there is no such file")
    for empty in ("empty.parquet", "empty.csv"):
        assert refused(str(tmp_path / empty), good) == (
            f"{tmp_path}/{empty}: the file is empty; give a Parquet or CSV file with rows"
        )
    assert "is no Parquet file; give Parquet, or CSV with a name that ends in .csv" in refused(
        str(tmp_path / "notes.docx"), good
    )
    assert refused(good, str(tmp_path / "torn.parquet")).startswith(f"{tmp_path}/torn.parquet: ")
    assert refused(good, no_rows) == "the current file has a header and no rows; there is nothing to compare"
    assert refused(good, other) == (
        "the two files have no column in common: the reference has row, income, city and 3 more, "
        "the current one has unheard and of"
    )
    spec = ModelSpec(model="m", task=Task.BINARY, columns=Columns(prediction="decision"))
    assert refused(good, other, spec).startswith(f"{tmp_path}/other.parquet: none of the columns that the spec of m")
    half_there = spec.model_copy(update={"columns": Columns(prediction="decision", id="row")})
    assert "have no column 'decision', declared as the prediction" in refused(good, good, half_there)


def test_nothing_but_identifiers_cannot_be_compared(two):
    names = {"row": [f"id-{number}" for number in range(500)]}
    assert refused(*two(names, names)) == (
        "none of the columns that both files have can be compared: each looks like an identifier"
    )


def test_every_number_of_a_comparison_can_be_written_as_json(two):
    strange = {"a": [float("inf"), float("nan"), None] * 400, "b": [None] * 1_200, "c": [1e308, -1e308, 0.0] * 400}
    compared = compare_files(*two(rows(1, n=1_200) | strange, rows(2, n=1_200) | strange))
    text = json.dumps([record.as_json() for record in compared.records], allow_nan=False)
    assert "psi" in text


def test_a_date_that_moves_with_the_calendar_is_no_finding_but_another_hour_of_the_day_is(two):
    def at(day, hour):
        start = np.datetime64(f"2026-{day}T{hour}:00", "us")
        times = start + np.arange(ROWS).astype("timedelta64[s]")
        return {"x": rows(int(day[:2]))["score"], "at": pa.array(times, pa.timestamp("us", tz="UTC"))}

    later = compare_files(*two(at("10-01", "09"), at("11-01", "09")))
    assert not [r for r in later.records if r.verdict.alarms]
    night = compare_files(*two(at("10-01", "09"), at("11-01", "23")))
    assert verdict(night, "psi", "hour:at") is Verdict.CRITICAL
