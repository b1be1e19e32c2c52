"""Commands of other distributions, found through a real distribution on the path."""

import subprocess
import sys
from pathlib import Path

import pytest

from aimon.cli.registry import COMMANDS, all_commands


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution on the path: its entry points, and its modules by name."""

    def put(entry_points, **modules):
        info = tmp_path / "other-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[aimon.commands]\n{entry_points}\n")
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return tmp_path

    return put


DECLARATION = """
from aimon.cli.registry import Command
WAVE = Command("other_wave:wave", "Wave to somebody.")
"""

WAVE = '''
import typer

def wave(name: str) -> None:
    """Wave to somebody, at length."""
    typer.echo(f"hello {name}")
'''


def test_every_command_of_ours_can_be_loaded():
    for command in COMMANDS.values():
        assert callable(command.load())


def test_another_distribution_adds_a_command(install, aimon):
    install("wave = other_commands:WAVE", other_commands=DECLARATION, other_wave=WAVE)
    assert "Wave to somebody." in aimon("--help").out
    assert aimon("wave", "you").out == "hello you\n"
    assert "at length" in aimon("wave", "--help").out


def test_help_does_not_import_what_the_command_needs(install):
    folder = install("wave = other_commands:WAVE", other_commands=DECLARATION, other_wave="raise RuntimeError")
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); from aimon.cli.app import run; sys.exit(run(['--help']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Wave to somebody." in done.stdout


def test_a_package_that_cannot_be_imported_takes_no_other_command_away(install, aimon):
    install("broken = other_broken:IT", other_broken="import nonsense_that_is_not_there")
    assert "(cannot be loaded: No module named 'nonsense_that_is_not_there')" in aimon("--help").out
    assert aimon("models", "--help").code == 0
    ended = aimon("broken")
    assert ended.code == 2
    assert ended.err.startswith("the package that brings this command is broken")


def test_an_entry_point_that_is_no_command_is_told(install, aimon):
    install("broken = other_number:IT", other_number="IT = 5")
    assert "(declares no command)" in aimon("--help").out


def test_ours_come_first(install):
    install("aaa = other_commands:WAVE", other_commands=DECLARATION, other_wave=WAVE)
    assert list(all_commands())[: len(COMMANDS)] == list(COMMANDS)


def test_every_command_of_ours_is_in_the_reference():
    text = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text()
    assert [name for name in COMMANDS if f"`aimon {name}" not in text] == []
