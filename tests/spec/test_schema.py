import json

import pytest

from aimon.spec.explain import keys_of
from aimon.spec.model import Columns, ModelSpec
from aimon.spec.schema import model_schema, platform_schema
from aimon.spec.settings import Settings


def test_the_schema_of_a_model_file_knows_every_key():
    schema = model_schema()
    assert list(schema["properties"]) == keys_of(ModelSpec)
    assert list(schema["$defs"]["Columns"]["properties"]) == keys_of(Columns)
    assert schema["required"] == ["model", "task", "columns"]
    assert schema["additionalProperties"] is False


def test_the_schema_of_the_settings_knows_every_key_but_the_root():
    assert list(platform_schema()["properties"]) == keys_of(Settings)
    assert "root" not in keys_of(Settings)


@pytest.mark.parametrize("schema", [model_schema(), platform_schema()])
def test_every_key_says_what_it_is(schema):
    objects = [schema, *(part for part in schema["$defs"].values() if part["type"] == "object")]
    silent = [
        key
        for part in objects
        for key, declared in part["properties"].items()
        if key != "kind" and not declared.get("description")
    ]
    assert silent == []


def test_spans_are_given_the_way_they_are_written():
    retention = platform_schema()["$defs"]["Retention"]["properties"]
    assert retention["predictions"]["default"] == "90d"
    assert model_schema()["properties"]["label_horizon"]["default"] == "0d"


def test_a_schema_is_json():
    assert json.loads(json.dumps(model_schema())) == model_schema()
