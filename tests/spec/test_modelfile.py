import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_dump

from aimon.errors import ConfigError
from aimon.spec.model import Columns
from aimon.spec.modelfile import load_model, read_model_file

NAMES = [
    "group",
    "select",
    'with "quotes"',
    "it's",
    "a b",
    "a/b",
    "ünïcode ☃",
    "日本",
    "x=1",
    "{a}",
    "#",
    "- a",
    "é\u0301",
]


def test_a_file_is_loaded_without_a_project(tmp_path, loans):
    path = tmp_path / "anything.yaml"
    path.write_text(loans)
    assert load_model(path).model == "loans"


def test_comparing_two_files_needs_neither_source_nor_timestamp(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("model: loans\ntask: binary\ncolumns: {prediction: decision}\n")
    spec = load_model(str(path))
    assert spec.source is None
    assert spec.columns == Columns(prediction="decision")


def test_mistakes_in_a_single_file_are_named_by_the_path_that_was_given(tmp_path, loans):
    path = tmp_path / "spec.yaml"
    path.write_text(loans.replace("task", "tsk"))
    with pytest.raises(ConfigError) as caught:
        load_model(path)
    assert str(caught.value) == f"{path}:2: tsk: unknown key; did you mean 'task'?"


def test_a_file_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml: the file cannot be read: no such file or directory"):
        load_model(tmp_path / "gone.yaml")


def test_a_broken_file_still_tells_the_name_it_declares(tmp_path, loans):
    path = tmp_path / "spec.yaml"
    path.write_text(loans.replace("task", "tsk"))
    assert read_model_file(path, "spec.yaml").model == "loans"
    path.write_text("model: [")
    assert read_model_file(path, "spec.yaml").model is None


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_have_any_name(tmp_path, name):
    path = tmp_path / "spec.yaml"
    declared = {"prediction": "p", "features": {name: "numeric"}, "segments": [name]}
    limits = {"psi": {"columns": {name: {"warning": 0.1}}, "segments": {f"{name}={name}": {"warning": 0.1}}}}
    spec = {"model": "m", "task": "binary", "columns": declared, "thresholds": limits, "positive": [name]}
    path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    read = load_model(path)
    assert list(read.columns.features) == list(read.columns.segments) == list(read.positive) == [name]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30))
def test_any_text_for_a_column_comes_back_as_it_was(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("any") / "spec.yaml"
    spec = {"model": "m", "task": "binary", "columns": {"prediction": name}, "positive": name}
    path.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    read = load_model(path)
    assert read.columns.prediction == read.positive == name


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_whatever_the_file_holds_the_answer_is_a_sentence(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "spec.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ConfigError) as caught:
        load_model(path)
    assert all("\n" not in str(mistake) for mistake in caught.value.mistakes)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab=1.-", max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inside, max_size=3),
    max_leaves=6,
)
KEYS = ["model", "version", "task", "owner", "source", "columns", "positive", "label_positive", "label_horizon"]
KEYS += ["baseline", "thresholds", "own_limits", "importance", "formerly", "retired", "description"]
COLUMNS = ["id", "timestamp", "prediction", "score", "label", "features", "protected", "segments", "latency"]


@given(st.sampled_from([*KEYS, *(f"columns.{column}" for column in COLUMNS)]), VALUES)
def test_whatever_value_a_key_has_it_is_taken_or_explained_at_that_key(tmp_path_factory, key, value):
    spec = {"model": "m", "task": "binary", "columns": {"prediction": "p", "label": "y"}}
    top, _, below = key.partition(".")
    if below:
        spec["columns"][below] = value
    else:
        spec[top] = value
    path = tmp_path_factory.mktemp("any") / "spec.yaml"
    path.write_text(safe_dump(spec), encoding="utf-8")
    read = read_model_file(path, "spec.yaml")
    assert (read.spec is None) == bool(read.mistakes)
    assert all(mistake.line is not None and mistake.key.startswith(top) for mistake in read.mistakes)
    assert all("pydantic" not in str(mistake) and "\n" not in str(mistake) for mistake in read.mistakes)
    assert all("which cannot stand here" not in str(mistake) for mistake in read.mistakes)
