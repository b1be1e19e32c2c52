import pytest
from pydantic import BaseModel, ValidationError

from aimon.spec.explain import explain
from aimon.spec.fault import Fault
from aimon.spec.model import ModelSpec


def test_a_complaint_nobody_foresaw_still_says_what_was_found():
    class Strange(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Strange.model_validate({"number": "x"})
    assert explain(caught.value, Strange) == [Fault(("number",), "found the text 'x', which cannot stand here")]


def test_an_empty_mapping_for_the_baseline_is_called_that():
    spec = {"model": "m", "task": "binary", "columns": {"prediction": "p"}, "baseline": {}}
    with pytest.raises(ValidationError) as caught:
        ModelSpec.model_validate(spec)
    faults = explain(caught.value, ModelSpec)
    assert [fault.message.partition(",")[0] for fault in faults] == ["found an empty mapping"]
