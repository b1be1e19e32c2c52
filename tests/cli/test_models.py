import json

import pytest
import yaml


@pytest.mark.parametrize("command", [["models"], ["models", "list"]])
def test_models_are_listed(aimon, project, command):
    ended = aimon("-C", project, *command)
    assert ended.code == 0
    assert [line.split() for line in ended.out.splitlines()] == [
        ["MODEL", "VERSION", "TASK", "SOURCE", "OWNER"],
        ["loans", "1", "binary", "parquet"],
    ]


def test_a_model_is_listed_with_owner_source_and_whether_it_is_retired(aimon, project):
    (project / "models" / "fraud.yaml").write_text(
        "model: fraud\ntask: binary\nowner: risk team\nretired: true\ncolumns: {prediction: p}\n"
    )
    (project / "models" / "churn.yaml").write_text(
        "model: churn\ntask: binary\nsource: {kind: collector}\ncolumns: {prediction: p}\n"
    )
    lines = [" ".join(line.split()) for line in aimon("-C", project, "models").out.splitlines()]
    assert lines[1:] == ["churn 1 binary collector", "fraud 1 binary none risk team retired", "loans 1 binary parquet"]


def test_a_broken_file_does_not_keep_the_others_from_the_list(aimon, project):
    (project / "models" / "fraud.yaml").write_text("model: fraud\ntsk: binary\ncolumns: {prediction: p}\n")
    ended = aimon("-C", project, "models")
    assert ended.code == 2
    assert ended.out.splitlines()[1].startswith("loans")
    assert ended.err == "models/fraud.yaml:2: tsk: unknown key; did you mean 'task'?\n"


def test_a_project_without_models_says_so(aimon, project):
    (project / "models" / "loans.yaml").unlink()
    assert aimon("-C", project, "models").out == "No models are declared.\n"


def test_the_list_as_json_holds_every_key(aimon, project):
    for command in (["models", "--json"], ["models", "list", "--json"]):
        (model,) = json.loads(aimon("-C", project, *command).out)
        assert model["file"] == str(project.resolve() / "models" / "loans.yaml")
        assert (model["model"], model["label_horizon"], model["columns"]["segments"]) == ("loans", "0d", ["channel"])


def test_a_model_is_shown_as_it_was_declared(aimon, project):
    shown = aimon("-C", project, "models", "show", "loans").out
    assert yaml.safe_load(shown) == yaml.safe_load((project / "models" / "loans.yaml").read_text())


def test_a_model_is_shown_as_json_with_its_defaults(aimon, project):
    shown = json.loads(aimon("-C", project, "models", "show", "loans", "--json").out)
    assert (shown["version"], shown["retired"]) == ("1", False)


def test_no_password_is_shown(aimon, project):
    (project / "models" / "fraud.yaml").write_text(
        "model: fraud\ntask: binary\ncolumns: {prediction: p, timestamp: at}\n"
        "source: {kind: sql, url: 'postgresql://ann:secret@h/d', table: t}\n"
    )
    outputs = [aimon("-C", project, "models", *rest).out for rest in (["--json"], ["show", "fraud"])]
    assert all("ann:***@h" in output and "secret" not in output for output in outputs)


def test_a_misspelt_name_gets_the_nearest(aimon, project):
    ended = aimon("-C", project, "models", "show", "loanz")
    assert (ended.code, ended.err) == (2, "there is no model 'loanz'; did you mean 'loans'?\n")


def test_a_model_whose_file_is_broken_gets_the_reason(aimon, project):
    (project / "models" / "fraud.yaml").write_text("model: fraud\ntsk: binary\ncolumns: {prediction: p}\n")
    (project / "models" / "other.yaml").write_text("[")
    ended = aimon("-C", project, "models", "show", "fraud")
    assert (ended.code, ended.err) == (2, "models/fraud.yaml:2: tsk: unknown key; did you mean 'task'?\n")
