"""What is secret is compared in constant time: how long a refusal takes must not tell how much of a guess was right."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("aimon", "aimon_pipelines", "assets", "client", "resources", "sensors")
SECRETS = {
    *("mac", "secret", "password", "password_hash", "token", "access_token", "refresh_token", "id_token", "api_key"),
    *("signature", "csrf", "csrf_token", "nonce", "verifier", "cookie", "expected_mac", "client_secret"),
}
"""Names of values by which somebody is believed."""
ORDERS = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
NEW_SECRET = """
def check(shown, row, known):
    return shown == row.mac or row.token in known or None is row.secret
"""


def names_of(node: ast.expr) -> set[str]:
    """How the value is called: a name, an attribute, a key of a mapping, what a method is called on."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return {name}
        case ast.Call(func=ast.Attribute(value=value, attr=name)):
            return names_of(value) | {name}
    return set()


def comparisons(source: str) -> Iterator[str]:
    """Every comparison of a secret that ends at the first difference."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(order, ORDERS) for order in node.ops):
            within = isinstance(node.ops[0], (ast.In, ast.NotIn))
            sides = [node.left] if within else [node.left, *node.comparators]
            if any(names_of(side) & SECRETS for side in sides) and not any(is_empty(side) for side in sides):
                yield ast.unparse(node)


def is_empty(node: ast.expr) -> bool:
    """Whether it is only asked if there is a secret at all."""
    return isinstance(node, ast.Constant) and node.value in (None, "", b"")


def modules() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def test_no_secret_is_compared_by_its_first_difference() -> None:
    found = [f"{path.relative_to(ROOT)}: {each}" for path in modules() for each in comparisons(path.read_text())]

    assert len(modules()) > 400
    assert found == []


def test_a_new_comparison_would_be_found() -> None:
    assert list(comparisons(NEW_SECRET)) == ["shown == row.mac", "row.token in known"]


@pytest.mark.parametrize("module", ["aimon/keyring.py", "aimon/access/keys.py", "aimon/access/oidc.py"])
def test_where_secrets_are_proven_the_comparison_takes_always_as_long(module: str) -> None:
    text = (ROOT / module).read_text()

    assert "compare_digest(" in text or ".sealer(" in text
