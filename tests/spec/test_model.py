from datetime import date

import pytest
from pydantic import ValidationError

from aimon.spec.model import Columns, FileBaseline, ModelSpec, PeriodBaseline, SqlSource
from aimon.spec.settings import Retention

MINIMAL = {"model": "m", "task": "binary", "columns": {"prediction": "p"}}


def test_a_declaration_written_as_json_and_read_is_the_same():
    spec = ModelSpec.model_validate(
        MINIMAL
        | {
            "label_horizon": "0d",
            "positive": [True, 1.5, "a"],
            "baseline": {"from": "2026-09-01", "to": "2026-09-30"},
            "source": {"kind": "csv", "path": "x", "delimiter": ";"},
            "thresholds": {"psi": {"columns": {"a": {"warning": 1}}}},
        }
    )
    assert ModelSpec.model_validate(spec.model_dump(mode="json", by_alias=True)) == spec


def test_a_declaration_made_in_code_is_checked_like_one_in_yaml():
    with pytest.raises(ValidationError, match="both table and query are written"):
        SqlSource(kind="sql", url="sqlite:///x", table="t", query="SELECT 1")
    with pytest.raises(ValidationError, match="is after to"):
        PeriodBaseline.model_validate({"from": date(2026, 2, 1), "to": date(2026, 1, 1)})


def test_a_baseline_made_in_code_is_taken_as_it_is():
    for baseline in (
        FileBaseline(path="x"),
        PeriodBaseline.model_validate({"from": date(2026, 1, 1), "to": date(2026, 1, 1)}),
    ):
        assert ModelSpec.model_validate(MINIMAL | {"baseline": baseline}).baseline == baseline


def test_a_declaration_cannot_be_changed():
    spec = ModelSpec.model_validate(MINIMAL)
    with pytest.raises(ValidationError, match="frozen"):
        spec.model = "other"


def test_every_column_is_told_with_its_role():
    columns = Columns(prediction="p", label="y", features=("a", "b"), protected=("sex",), segments=("channel",))
    assert list(columns.declared()) == [
        ("prediction", "p"),
        ("label", "y"),
        ("features", "a"),
        ("features", "b"),
        ("protected", "sex"),
        ("segments", "channel"),
    ]


def test_a_database_url_is_not_in_what_is_printed():
    assert "secret" not in repr(SqlSource(kind="sql", url="postgresql://ann:secret@h/d", table="t"))


def test_the_shortest_retention_is_a_day():
    assert Retention(predictions="1d").predictions.days == 1
