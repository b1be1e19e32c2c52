"""What holds for the repository as a whole."""

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aimon
import aimon_pipelines
import assets
import resources
import sensors

ROOT = Path(__file__).parent.parent
PACKAGES = (aimon, resources, assets, sensors, aimon_pipelines)
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
MODULES = sorted(
    module.name
    for package in PACKAGES
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if ".migrations." not in module.name
)
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_the_plain_top_level_names_are_ours(package: object) -> None:
    assert Path(str(package.__file__)).is_relative_to(ROOT)  # type: ignore[attr-defined]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_version_and_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    entries = re.findall(r"^(\S+)==\S+.*?(?=^\S|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_default_install_holds_no_extra() -> None:
    default = (ROOT / "locks" / "default.txt").read_text()

    for package in ("pyspark", "s3fs", "gcsfs", "adlfs", "pytest", "whylogs"):
        assert not re.search(rf"^{package}==", default, flags=re.MULTILINE)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))

    assert results.failed == 0


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_is_without_an_assertion(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    asserting = {function.name for function in functions if asserts(function, set())}
    idle = [
        function.name
        for function in functions
        if function.name.startswith("test_") and not asserts(function, asserting)
    ]

    assert idle == []


def asserts(function: ast.FunctionDef, asserting: set[str]) -> bool:
    """Whether the body asserts, expects an exception, or hands over to a function of the module that does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("pytest.raises", "pytest.fail") or called.split(".")[-1] in asserting:
                return True
    return False


@pytest.mark.parametrize("name", ["aimon", "aimon.cli.app"])
def test_importing_the_command_imports_nothing_heavy(name: str) -> None:
    heavy = {"pandas", "pyarrow", "duckdb", "dagster", "scipy", "ibis", "sqlalchemy"}
    code = f"import sys, {name}; print(*sorted(set(sys.modules) & {heavy!r}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []


def test_a_run_process_imports_no_report_or_validation_library() -> None:
    heavy = {"evidently", "great_expectations", "sklearn", "ibis", "pyspark", "whylogs"}
    code = f"import sys, aimon_pipelines.definitions; print(*sorted(set(sys.modules) & {heavy!r}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []
