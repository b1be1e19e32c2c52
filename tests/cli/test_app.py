import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from aimon.cli.app import main

SCRIPT = Path(sys.executable).with_name("aimon")
HEAVY = ("pydantic", "yaml", "rich", "numpy", "pandas", "pyarrow", "duckdb", "sqlalchemy", "dagster", "scipy", "ibis")


def test_help_lists_every_command_with_its_line(aimon):
    ended = aimon("--help")
    assert ended.code == 0
    for line in (
        "  init    Make a starter project: settings, one model file, comments.",
        "  check   Find every mistake in the configuration, sources and connections.",
        "  models  List the declared models, or show one.",
        "  baselines  List what models are compared with; approve, activate.",
        "  incidents  List incidents, show, acknowledge, resolve, export them.",
        "  report  List the reports of model days, or make one: HTML, PDF, JSON, CSV.",
        "  schema  Print the JSON Schema of a kind of file, for editors.",
    ):
        assert " ".join(line.split()) in " ".join(ended.out.split())


def test_no_arguments_at_all_are_a_call_for_help(aimon):
    assert aimon() == aimon("--help")


@pytest.mark.parametrize("command", ["init", "check", "models", "baselines", "incidents", "report", "schema"])
def test_every_command_has_help(aimon, command):
    ended = aimon(command, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: aimon {command}")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from aimon.cli.app import run; run(['--help']); "
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_help_answers_in_three_tenths_of_a_second():
    def seconds() -> float:
        before = os.times()
        subprocess.run([SCRIPT, "--help"], capture_output=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert any(seconds() < 0.3 for _ in range(20))  # of the processor: tests share the machine


def test_the_version_is_that_of_the_distribution(aimon):
    assert aimon("--version").out == f"aimon {version('aimon')}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["chek"], "aimon: No such command 'chek'. Did you mean 'check'"),
        (["check", "--jsn"], "aimon check: No such option: --jsn"),
        (["models", "show"], "aimon models show: Missing argument 'MODEL'. Try `aimon models show --help`."),
        (["schema", "modl"], "aimon schema: Invalid value for 'kind': 'modl' is not one of 'model', 'platform'."),
        (["-C", "/nowhere", "check"], "aimon: Invalid value for '--root'"),
    ],
)
def test_a_wrong_argument_is_one_line_on_stderr_and_the_code_2(aimon, arguments, sentence):
    ended = aimon(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1


def test_a_mistake_of_the_user_is_its_sentence_on_stderr_and_the_code_2(aimon, tmp_path):
    ended = aimon("-C", tmp_path, "models")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"aimon.yaml: there is no such file in {tmp_path.resolve()}; "
        "run `aimon init` there, or name the project with --root\n"
    )


def test_the_root_may_come_from_a_variable(aimon, project, monkeypatch):
    monkeypatch.setenv("AIMON_ROOT", str(project))
    assert aimon("models").code == 0


def test_the_root_is_the_current_folder_by_default(aimon, project, monkeypatch):
    monkeypatch.chdir(project)
    assert aimon("models").code == 0


def test_the_process_ends_with_the_code(project):
    with pytest.raises(SystemExit) as ended:
        main(["-C", str(project), "nonsense"])
    assert ended.value.code == 2


def test_a_reader_that_leaves_early_is_no_crash():
    with subprocess.Popen([SCRIPT, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
