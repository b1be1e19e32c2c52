"""Edits of YAML texts: what was asked for is what is read afterwards, and nothing else of the text changes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.errors import UserError
from aimon.spec.yamledit import edited, entry, swapped
from aimon.spec.yamltext import parse_yaml

ROUTES = """\
routes:
- {to: a}    # first
# between
- to: [b]
  when: {model: "x-*"}   # why
- to: c
calendars: {}
"""
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cc", "Cs"]), max_size=12)
LEAVES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9) | TEXTS
KEYS = st.sampled_from(["psi", "ks", "no", "1", "a b", "when", "to"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
PARTS = st.lists(VALUES, min_size=1, max_size=4) | st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            [{"to": "a"}, {"to": ["b", "d"], "when": {"model": "x-*"}}, {"to": "c"}],
            ROUTES.replace("- to: [b]", "- to: [b, d]"),
        ),
        (
            [{"to": "a"}, {"to": "c"}],
            ROUTES.replace('- to: [b]\n  when: {model: "x-*"}   # why\n', ""),
        ),
        (
            [{"to": "z"}, {"to": "a"}, {"to": ["b"], "when": {"model": "x-*"}}, {"to": "c"}, {"to": "q"}],
            ROUTES.replace("- {to: a}", "- {to: z}\n- {to: a}").replace("- to: c\n", "- to: c\n- {to: q}\n"),
        ),
    ],
    ids=["an item changed", "an item taken out", "items added at both ends"],
)
def test_items_that_stay_keep_their_lines_and_comments(value: Any, expected: str) -> None:
    assert edited(ROUTES, "routes", value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "routes:\n  - {to: c}\n"),
        ("# only words\n", "# only words\nroutes:\n  - {to: c}\n"),
        ("routes:\nmodels: m\n", "routes:\n  - {to: c}\nmodels: m\n"),
        ("models: m\r\n", "models: m\r\nroutes:\r\n  - {to: c}\r\n"),
    ],
)
def test_a_key_that_is_not_there_is_added_in_the_manner_of_the_file(text: str, expected: str) -> None:
    assert edited(text, "routes", [{"to": "c"}]) == expected


@pytest.mark.parametrize(
    "text", ["{routes: [], models: m}\n", "a: &x {b: 1}\nroutes: *x\n", "routes: &x [1]\nother: *x\n", "routes: [\n"]
)
def test_a_text_that_cannot_be_edited_in_place_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        edited(text, "routes", [{"to": "c"}])
    assert str(caught.value).endswith("text")


@settings(max_examples=150, deadline=None)
@given(first=PARTS, second=PARTS)
def test_what_was_asked_for_is_read_back_and_can_be_put_back(first: Any, second: Any) -> None:
    start = edited("model: x  # name\nlast: 1\n", "part", first)
    changed = edited(start, "part", second)
    tree = parse_yaml(changed)

    assert tree is not None
    assert tree.data == {"model": "x", "last": 1, "part": second}
    assert changed.startswith("model: x  # name\nlast: 1\n")
    assert swapped(changed, "part", entry(start, "part")) == start
    assert parse_yaml(edited(changed, "part", None)).data == {"model": "x", "last": 1}  # type: ignore[union-attr]
