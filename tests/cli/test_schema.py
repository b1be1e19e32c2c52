import json

import pytest

from aimon.spec.schema import model_schema, platform_schema


@pytest.mark.parametrize(
    ("arguments", "schema"), [([], model_schema), (["model"], model_schema), (["platform"], platform_schema)]
)
def test_the_schema_is_printed_as_json(aimon, arguments, schema):
    ended = aimon("schema", *arguments)
    assert ended.code == 0
    assert json.loads(ended.out) == schema()
