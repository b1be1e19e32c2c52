import pytest

from aimon.spec.model import ModelSpec
from aimon.spec.rules import Worse, check_metrics, check_rules

COLUMNS = {"prediction": "p", "label": "y"}


def spec(**keys):
    return ModelSpec.model_validate({"model": "m", "task": "binary", "columns": COLUMNS} | keys)


@pytest.mark.parametrize(
    "columns",
    [
        {"features": ["sex", "channel"], "protected": ["sex"], "segments": ["channel"]},
        {"protected": ["sex"], "segments": ["sex"]},
        {"features": ["at", "ms"], "timestamp": "at", "latency": "ms"},
    ],
)
def test_a_column_may_be_a_feature_and_something_else_besides(columns):
    assert list(check_rules(spec(columns=COLUMNS | columns))) == []


def test_a_limit_for_a_segment_is_found_even_if_the_column_has_an_equals_sign_in_its_name():
    limits = {"psi": {"segments": {"a=b=c": {"warning": 1}}}}
    assert list(check_rules(spec(columns=COLUMNS | {"segments": ["a=b"]}, thresholds=limits))) == []


def test_columns_are_not_checked_where_the_features_are_every_other_column():
    assert (
        list(check_rules(spec(thresholds={"psi": {"columns": {"any": {"warning": 1}}}}, importance={"any": 1}))) == []
    )


def test_a_limit_of_null_is_no_limit():
    (fault,) = check_rules(spec(thresholds={"psi": {"critical": None}}))
    assert fault.message == "sets no limit; write warning, critical or both"


def test_two_protected_attributes_have_limits_together():
    limits = {"disparate_impact": {"columns": {"sex*race": {"warning": 0.8}}}}
    columns = COLUMNS | {"features": ["a"], "protected": ["sex", "race"]}
    assert list(check_rules(spec(columns=columns, thresholds=limits))) == []
    assert len(list(check_rules(spec(columns=columns | {"protected": ["sex"]}, thresholds=limits)))) == 1


def test_equal_limits_are_in_order():
    limits = {"psi": {"warning": 0.1, "critical": 0.1}, "volume": {"warning": 9, "critical": 1}, "ks": {"warning": 1}}
    metrics = {"psi": Worse.ABOVE, "volume": None, "ks": Worse.ABOVE}
    assert list(check_metrics(spec(thresholds=limits), metrics)) == []
