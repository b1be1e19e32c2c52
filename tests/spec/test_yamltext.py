import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.spec.modelfile import load_model
from aimon.spec.yamltext import YamlError, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("0x10", "0x10"),
        ("-7", -7),
        ("+7", 7),
        ("1e-5", 1e-5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("00.5", "00.5"),
        ("2026-09-01", "2026-09-01"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text, value):
    assert parse_yaml(f"key: {text}").data == {"key": value}


def test_keys_are_always_text():
    assert parse_yaml("{1: a, true: b, 2.50: c}").data == {"1": "a", "true": "b", "2.50": "c"}


def test_an_anchor_is_repeated_where_it_is_named():
    assert parse_yaml("a: &limits {warning: 1}\nb: *limits").data == {"a": {"warning": 1}, "b": {"warning": 1}}


def test_a_merge_gives_what_is_not_written_itself():
    tree = parse_yaml("a: &x {p: 1, q: 1}\nb: &y {q: 2, r: 2}\nc:\n  r: 3\n  <<: [*x, *y]\n")
    assert tree.data["c"] == {"p": 1, "q": 1, "r": 3}
    assert tree.faults == ()


def test_every_key_and_item_knows_its_line():
    tree = parse_yaml("# a comment\na:\n  b: [1,\n    2]\n  c: {d: 1}\n")
    lines = {path: tree.line(path) for path in [(), ("a",), ("a", "b", 0), ("a", "b", 1), ("a", "c", "d")]}
    assert lines == {(): 2, ("a",): 2, ("a", "b", 0): 3, ("a", "b", 1): 4, ("a", "c", "d"): 5}


def test_what_is_not_written_has_the_line_of_what_holds_it():
    assert parse_yaml("a:\n  b: 1\n").line(("a", "missing", "deep")) == 1


def test_a_byte_order_mark_and_carriage_returns_are_no_matter(tmp_path, loans):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + loans.replace("\n", "\r\n").encode())
    assert load_model(tmp_path / "a.yaml").model == "loans"


@pytest.mark.parametrize("text", ["", "# only this\n", "\n\n"])
def test_a_text_without_content_is_none(text):
    assert parse_yaml(text) is None


def test_a_million_open_brackets_are_refused_at_once():
    with pytest.raises(YamlError, match="nested more than 32 deep"):
        parse_yaml("[" * 1_000_000)


def test_a_complaint_without_a_sentence_of_its_own_is_passed_on_with_its_line():
    with pytest.raises(YamlError, match="not valid YAML: found incompatible YAML document") as caught:
        parse_yaml("# old\n%YAML 3.0\n---\na: 1\n")
    assert caught.value.line == 2


def test_a_tag_on_a_mapping_is_told():
    tree = parse_yaml("a: !!python/object:os.system {b: 1}\n")
    assert [(fault.path, fault.message) for fault in tree.faults] == [
        (("a",), "the tag '!!python/object:os.system' is not supported")
    ]


def test_an_alias_inside_itself_is_refused():
    with pytest.raises(YamlError, match=r"the alias \*a has no anchor &a before it"):
        parse_yaml("a: &a [*a]")


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_json_is_read_as_it_was(value):
    assert parse_yaml(json.dumps(value, ensure_ascii=False)).data == value
