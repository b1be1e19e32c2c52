import pytest

from aimon.errors import ConfigError
from aimon.spec.project import load_project
from aimon.spec.settings import Settings


def settings(root, environment):
    return load_project(root, environment=environment).settings


def test_an_empty_file_means_the_defaults(make_project):
    root = make_project()
    assert settings(root, {}) == Settings(root=root.resolve())


def test_a_variable_wins_over_the_file(make_project):
    root = make_project("lake_url: a\nretention: {profiles: 10d, predictions: 20d}\n")
    read = settings(root, {"AIMON_LAKE_URL": "b", "AIMON_RETENTION__PREDICTIONS": "30d"})
    assert (read.lake_url, read.retention.predictions.days, read.retention.profiles.days) == ("b", 30, 10)


def test_a_variable_mends_a_mistake_of_the_file(make_project):
    assert settings(make_project("lake_url: 5\n"), {"AIMON_LAKE_URL": "b"}).lake_url == "b"


def test_a_variable_of_a_section_mends_a_section_that_is_no_mapping(make_project):
    read = settings(make_project("retention: 5\n"), {"AIMON_RETENTION__PREDICTIONS": "30d"})
    assert read.retention.predictions.days == 30


def test_an_empty_variable_counts_as_not_set(make_project):
    assert settings(make_project("lake_url: a\n"), {"AIMON_LAKE_URL": ""}).lake_url == "a"


def test_variables_of_others_that_look_like_no_setting_are_left_alone(make_project):
    environment = {"AIMON_ROOT": "/x", "AIMON_NOW": "2026-11-20", "AIMON_WAREHOUSE_PASSWORD": "x", "LAKE_URL": "x"}
    assert settings(make_project("lake_url: a\n"), environment).lake_url == "a"


def test_the_text_of_a_variable_is_taken_as_it_is(make_project):
    url = "postgresql://u:p#$%: [x@h/d"
    assert settings(make_project(), {"AIMON_LAKE_URL": "2026: [x", "AIMON_DATABASE_URL": url}).lake_url == "2026: [x"


def test_relative_folders_start_at_the_project(make_project):
    root = make_project("lake_url: storage/lake\n")
    read = settings(root, {})
    assert read.lake_location == str(root.resolve() / "storage/lake")
    assert read.models_folder == root.resolve() / "models"


def test_a_url_of_the_lake_stays_as_it_is(make_project):
    assert settings(make_project("lake_url: s3://bucket/lake\n"), {}).lake_location == "s3://bucket/lake"


def test_the_password_of_the_database_is_not_in_what_is_printed(make_project):
    read = settings(make_project(), {"AIMON_DATABASE_URL": "postgresql://ann:secret@h/d"})
    assert "secret" not in repr(read)
    assert read.database_url == "postgresql://ann:secret@h/d"


def test_a_file_that_is_no_yaml_does_not_hide_a_misspelt_variable(make_project):
    with pytest.raises(ConfigError) as caught:
        settings(make_project("models: [a\n"), {"AIMON_LAKE_ULR": "x"})
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "aimon.yaml:1: not valid YAML: this list is not closed with ]",
        "environment: AIMON_LAKE_ULR: no setting has this name; did you mean AIMON_LAKE_URL?",
    ]


def test_the_models_are_read_even_where_another_setting_is_wrong(make_project, loans):
    root = make_project("models: declared\nlake_url: 5\n")
    (root / "declared").mkdir()
    (root / "declared" / "loans.yaml").write_text(loans.replace("task", "tsk"))
    with pytest.raises(ConfigError) as caught:
        settings(root, {})
    assert [mistake.file for mistake in caught.value.mistakes] == ["aimon.yaml", "declared/loans.yaml"]


def test_a_folder_named_by_a_variable_is_looked_into_while_the_settings_are_wrong(make_project, loans):
    root = make_project("lake_url: 5\n", loans=loans)
    with pytest.raises(ConfigError) as caught:
        settings(root, {"AIMON_MODELS": "gone"})
    assert [mistake.key for mistake in caught.value.mistakes] == ["lake_url", "AIMON_MODELS"]
