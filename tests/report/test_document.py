import json
from datetime import UTC, datetime

from aimon.report.document import document
from aimon.spec.model import Columns, ModelSpec, Task
from aimon.verdict.record import Family, Record, Verdict


def test_the_document_has_the_agreed_shape():
    spec = ModelSpec(model="loans", version="2.3", task=Task.BINARY, columns=Columns(prediction="ok"))
    record = Record(
        family=Family.FAIRNESS,
        metric="disparate_impact",
        column=("sex", "race"),
        groups=(("f", "A"), ("m", "B")),
        value=float("nan"),
        verdict=Verdict.NOT_ESTIMABLE,
    )
    made = document(spec, [record], reference_rows=10, current_rows=5, as_of=datetime(2026, 11, 20, 6, tzinfo=UTC))
    read = json.loads(json.dumps(made, allow_nan=False))
    metrics = read.pop("metrics")
    assert read == {
        "model": "loans",
        "version": "2.3",
        "reference_rows": 10,
        "current_rows": 5,
        "as_of": "2026-11-20T06:00:00Z",
    }
    assert metrics[0]["family"] == "fairness"
    assert metrics[0]["column"] == ["sex", "race"]
    assert metrics[0]["groups"] == [["f", "A"], ["m", "B"]]
    assert metrics[0]["value"] is None
    assert metrics[0]["verdict"] == "not_estimable"
    assert {"segment", "group", "low", "high", "p_value", "p_adjusted", "threshold", "maturity"} <= set(metrics[0])
    assert {"n_reference", "n_current", "low_power", "reason"} <= set(metrics[0])
