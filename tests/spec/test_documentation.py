import re
from pathlib import Path
from typing import get_args

import pytest

from aimon.errors import ConfigError
from aimon.spec.calendar import Calendar
from aimon.spec.channels import ChannelSpec
from aimon.spec.environment import overridable
from aimon.spec.explain import keys_of
from aimon.spec.model import Columns, CsvSource, ModelSpec, SqlSource
from aimon.spec.modelfile import load_model
from aimon.spec.oidc import OidcSpec
from aimon.spec.ownmetrics import OwnMetric
from aimon.spec.project import load_project
from aimon.spec.routes import RouteMatchers, RouteSpec, SilenceSpec
from aimon.spec.schema import platform_schema

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "configuration.md").read_text()


def yaml_blocks(page: Path) -> list[str]:
    return [part.split("```")[0] for part in page.read_text().split("```yaml\n")[1:]]


@pytest.mark.parametrize("key", [".".join(map(str, path)) for _, path in overridable()])
def test_every_setting_is_in_the_reference_with_its_default(key):
    section, _, name = key.rpartition(".")
    schema = platform_schema()
    sections = {"retention": "Retention", "notices": "NoticeRules", "audit": "AuditSettings"}
    declared = schema["$defs"][sections[section]]["properties"][name] if section else schema["properties"][name]
    said = str(declared["default"]).lower() if isinstance(declared["default"], bool) else declared["default"]
    default = "" if said is None else f"`{said}` "
    assert f"| `{key}` | {default}|" in REFERENCE


@pytest.mark.parametrize("part", [Calendar, OidcSpec, OwnMetric, RouteMatchers, RouteSpec, SilenceSpec])
def test_every_key_of_routes_calendars_silences_providers_and_own_metrics_is_in_the_reference(part):
    assert [key for key in keys_of(part) if f"`{key}`" not in REFERENCE] == []


@pytest.mark.parametrize(
    "key", [*keys_of(ModelSpec), *keys_of(Columns), *keys_of(CsvSource)[1:], *keys_of(SqlSource)[1:]]
)
def test_every_key_of_a_model_file_is_in_the_reference(key):
    assert f"`{key}`" in REFERENCE


@pytest.mark.parametrize("example", yaml_blocks(DOCS / "how-to" / "notices.md"))
def test_the_examples_of_the_how_to_about_notices_are_sound_settings(make_project, example):
    root, names = make_project(example), re.findall(r"\$([A-Z_]+)", example)
    assert load_project(root, environment=dict.fromkeys(names, "x")).settings.root == root.resolve()


def test_the_example_of_the_how_to_about_access_is_sound(make_project):
    (example,) = yaml_blocks(DOCS / "how-to" / "access.md")
    assert load_project(make_project(example), environment={"OIDC_SECRET": "x"}).settings.oidc is not None


@pytest.mark.parametrize("part", get_args(get_args(ChannelSpec)[0]))
def test_every_key_of_every_kind_of_channel_is_in_the_reference(part):
    page = (DOCS / "reference" / "channels.md").read_text()
    assert [key for key in keys_of(part) if key != "kind" and f"`{key}`" not in page] == []
    (kind,) = get_args(part.model_fields["kind"].annotation)
    assert f"| `{kind}` |" in page


def test_the_first_example_of_the_how_to_is_a_sound_model(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_text(yaml_blocks(DOCS / "how-to" / "declare-a-model.md")[0])
    assert load_model(path).model == "loan-approval"


def test_the_mistakes_the_how_to_shows_are_those_that_are_told(tmp_path):
    page = DOCS / "how-to" / "declare-a-model.md"
    path = tmp_path / "model.yaml"
    path.write_text(yaml_blocks(page)[0].replace("task:", "tsk:"))
    with pytest.raises(ConfigError) as caught:
        load_model(path)
    assert str(caught.value).rpartition("tsk: ")[2] in page.read_text()
