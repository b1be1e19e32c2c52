import json
import re
from datetime import timedelta

import pytest

from aimon.spec.explain import keys_of
from aimon.spec.model import Columns, ModelSpec
from aimon.spec.project import load_project
from aimon.spec.schema import model_schema, platform_schema
from aimon.spec.settings import Retention, Settings
from aimon.spec.yamltext import parse_yaml

FILES = [
    "aimon.yaml",
    "models/loan-approval.yaml",
    ".aimon/platform.schema.json",
    ".aimon/model.schema.json",
    ".gitignore",
]


def test_a_starter_project_is_sound(aimon, tmp_path):
    ended = aimon("init", tmp_path / "new")
    assert ended.code == 0
    assert all((tmp_path / "new" / name).is_file() for name in FILES)
    project = load_project(tmp_path / "new", environment={})
    assert list(project.models) == ["loan-approval"]
    assert project.models["loan-approval"].label_horizon == timedelta(days=30)


def test_it_says_what_to_do_next(aimon, tmp_path):
    ended = aimon("init", tmp_path / "new")
    assert "models/loan-approval.yaml" in ended.out
    assert f"aimon -C {tmp_path / 'new'} check" in ended.out


def test_without_a_folder_the_current_one_becomes_the_project(aimon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert aimon("init").out.endswith("then run `aimon check`.\n")
    assert (tmp_path / "aimon.yaml").is_file()


def test_the_settings_of_the_starter_are_the_defaults(aimon, tmp_path):
    aimon("init", tmp_path)
    written = parse_yaml((tmp_path / "aimon.yaml").read_text()).data
    assert load_project(tmp_path, environment={}).settings == Settings(root=tmp_path.resolve())
    without = {name for name, field in Settings.model_fields.items() if field.default is None}
    assert list(written) == [key for key in keys_of(Settings) if key not in without]
    assert list(written["retention"]) == keys_of(Retention)


@pytest.mark.parametrize(
    ("file", "schema"), [("aimon.yaml", platform_schema), ("models/loan-approval.yaml", model_schema)]
)
def test_the_first_line_leads_editors_to_the_schema(aimon, tmp_path, file, schema):
    aimon("init", tmp_path)
    first = (tmp_path / file).read_text().splitlines()[0]
    target = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1]
    assert json.loads(((tmp_path / file).parent / target).resolve().read_text()) == schema()


def test_every_key_of_the_starter_is_one_the_schema_knows(aimon, tmp_path):
    aimon("init", tmp_path)
    written = parse_yaml((tmp_path / "models/loan-approval.yaml").read_text()).data
    assert set(written) <= set(keys_of(ModelSpec))
    assert set(written["columns"]) <= set(keys_of(Columns))


def test_nothing_is_overwritten(aimon, tmp_path):
    (tmp_path / "aimon.yaml").write_text("lake_url: mine\n")
    ended = aimon("init", tmp_path)
    assert ended.code == 2
    assert ended.err == (
        f"{tmp_path / 'aimon.yaml'} exists already and is left as it is; name an empty folder: aimon init DIR\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["aimon.yaml"]
    assert (tmp_path / "aimon.yaml").read_text() == "lake_url: mine\n"


def test_a_gitignore_that_is_there_is_added_to(aimon, tmp_path):
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    aimon("init", tmp_path)
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert (lines[0], lines[-1]) == ("*.pyc", "storage/")


def test_a_folder_that_cannot_be_made_is_told(aimon, tmp_path):
    (tmp_path / "file").write_text("")
    ended = aimon("init", tmp_path / "file" / "new")
    assert ended.code == 2
    assert ended.err.endswith("cannot be written: Not a directory; choose another folder\n")
