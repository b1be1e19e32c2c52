"""Every operation of the API, asked with whatever its description allows: no fault, and every answer as described."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aimon.platform import open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door
from tests.service.conftest import KEY, running
from tests.service.people import invite
from tests.tiny_project import tiny_project

EXAMPLES = 8
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description of a running service that has a model and some people."""
    root: Path = tiny_project(tmp_path_factory.mktemp("described"), days=1)
    with open_platform(root) as platform:
        door = open_door(platform)
        invite(door)
        with running(create_app(platform, door)) as address:
            yield schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_finds_a_fault_and_every_answer_is_as_described(described: Any, mode: GenerationMode) -> None:
    operations = [found.ok() for found in described.get_all_operations()]

    assert len(operations) > 40
    assert [f"{each.label}: {wrong}" for each in operations if (wrong := asked(each, mode)) is not None] == []


def asked(operation: Any, mode: GenerationMode) -> str | None:
    """What is wrong with the answers of an operation, asked in many ways that are right or wrong, or None."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.validate_response(case.call(headers=KEY), checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:  # nothing about it can be written wrongly
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def test_every_operation_is_described_with_its_problems(described: Any) -> None:
    paths: dict[str, Any] = described.raw_schema["paths"]
    operations = [(path, method, each) for path, own in paths.items() for method, each in own.items()]

    assert len(operations) > 40
    for path, method, each in operations:
        assert each["summary"], (path, method)
        assert each.get("description"), (path, method)
        assert "422" in each["responses"], (path, method)
        assert each["security"] == [] or {"401", "403"} <= set(each["responses"]), (path, method)


def test_every_field_that_a_request_needs_has_an_example(described: Any) -> None:
    schema = described.raw_schema
    bodies = [
        (label, content["schema"])
        for label, operation in ((each.ok().label, each.ok().definition.raw) for each in described.get_all_operations())
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if not {"example", "examples"} & set(content)
    ]

    assert len(bodies) > 10
    assert [f"{label}: {field}" for label, body in bodies for field in unexplained(schema, body)] == []


def unexplained(schema: dict[str, Any], body: dict[str, Any]) -> list[str]:
    """The fields of the body that are needed and have neither an example nor a choice of values."""
    if "$ref" in body:
        return unexplained(schema, schema["components"]["schemas"][body["$ref"].rpartition("/")[2]])
    if "examples" in body or "example" in body:
        return []
    own = [
        name
        for name, field in body.get("properties", {}).items()
        if name in body.get("required", ()) and not {"examples", "const", "enum", "$ref"} & set(field)
    ]
    return own + [each for choice in body.get("anyOf", ()) for each in unexplained(schema, choice)]
