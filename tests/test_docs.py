"""What the documents say is true: links lead somewhere, commands exist with the options named, the first steps work."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
AIMON = Path(sys.executable).with_name("aimon")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(page: Path) -> list[list[str]]:
    """The command lines in the page's code blocks, without comments."""
    text = re.sub(
        r"^```(?:sh|bash|console)?\n(.*?)^```", lambda block: indent(block[1]), page.read_text(), flags=re.M | re.S
    )
    lines = [line.strip().removeprefix("$ ") for line in text.splitlines() if line.startswith("    ")]
    words = [shlex.split(line, comments=True) for line in lines if re.match(r"(\.venv/bin/)?(aimon|make) [^\[]", line)]
    return [["aimon" if word.endswith("bin/aimon") else word for word in line] for line in words]


def indent(block: str) -> str:
    return "".join(f"    {line}\n" for line in block.splitlines())


@cache
def help_of(*command: str) -> str:
    shown = subprocess.run([AIMON, *command, "--help"], capture_output=True, text=True, check=False)
    return shown.stdout if shown.returncode == 0 else ""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=named)
def test_commands_exist_with_the_options_that_the_page_names(page: Path) -> None:
    unknown = []
    for line in commands(page):
        if line[0] == "make":
            unknown += [word for word in line[1:] if "=" not in word and word not in TARGETS]
            continue
        words = line[1:]
        while words and words[0] in ("-C", "--root"):
            words = words[2:]
        path = words[:1] if words and not words[0].startswith("-") else []
        shown = help_of(*path)
        for depth in range(2, 4):
            deeper = words[:depth]
            if len(path) < depth - 1 or len(deeper) < depth or not re.match(r"[a-z-]+$", deeper[-1]):
                break
            path = deeper if help_of(*deeper) else path
            shown += help_of(*deeper)
        unknown += [" ".join(line)] if not shown else []
        unknown += [word for word in words if word.startswith("--") and word.split("=")[0] not in shown]
    assert unknown == []


def test_the_first_steps_of_the_readme_work(tmp_path: Path) -> None:
    project = tmp_path / "my-models"

    made = subprocess.run([AIMON, "init", str(project)], capture_output=True, text=True, check=False)
    checked = subprocess.run([AIMON, "-C", str(project), "check"], capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    assert (project / "aimon.yaml").exists()
    assert checked.returncode in (0, 2)
    assert "Traceback" not in checked.stderr
