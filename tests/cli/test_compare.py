import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 2_500
SPEC = """\
model: loans
version: "2.3"
task: binary
columns:
  prediction: decision
  protected: [sex]
  features: {income: numeric}
positive: yes
"""


@pytest.fixture
def files(tmp_path):
    """A reference, a calm and a shifted file, and a spec."""

    def write(name, seed, shift, unfair):
        rng = np.random.default_rng(seed)
        sex = rng.choice(["f", "m"], ROWS)
        rate = np.where(sex == "f", 0.7 - unfair, 0.7)
        table = {
            "income": rng.normal(50, 10, ROWS) + shift,
            "sex": sex,
            "decision": np.where(rng.random(ROWS) < rate, "yes", "no"),
        }
        pq.write_table(pa.table(table), tmp_path / name)
        return str(tmp_path / name)

    (tmp_path / "spec.yaml").write_text(SPEC)
    return {
        "reference": write("reference.parquet", 1, 0, 0),
        "calm": write("calm.parquet", 2, 0, 0),
        "shifted": write("shifted.parquet", 3, 12, 0.3),
        "spec": str(tmp_path / "spec.yaml"),
        "folder": tmp_path,
    }


def test_the_answer_is_said_in_words(aimon, files):
    ended = aimon("compare", files["reference"], files["shifted"])
    said = " ".join(ended.out.split())
    assert ended.code == 0
    assert "columns drifted: income" in said
    assert "shifted up by 0.9 reference IQRs" in said
    assert "2,500 rows" in said
    assert "numeric: income" in said
    assert ended.err == ""


def test_two_alike_files_are_calm_and_everything_can_be_asked_for(aimon, files):
    calm = aimon("compare", files["reference"], files["calm"])
    assert "None of 3 columns drifted." in calm.out
    assert "psi" not in calm.out.lower()
    every = aimon("compare", files["reference"], files["calm"], "--all")
    assert "no change worth a note" in every.out
    assert "income: numeric, numbers (double)" in every.out


def test_json_on_stdout_is_the_only_thing_there(aimon, files):
    ended = aimon("compare", files["reference"], files["shifted"], "--json", "-")
    document = json.loads(ended.out)
    assert document["reference_rows"] == document["current_rows"] == ROWS
    assert document["headline"].startswith("1 of 3 columns drifted: income")
    assert {"column": "income", "kind": "numeric", "reason": "numbers (double)"} in document["columns"]
    psi = next(m for m in document["metrics"] if m["metric"] == "psi" and m["column"] == "income")
    assert psi["verdict"] == "critical"
    assert psi["low"] > psi["threshold"] == 0.25


def test_json_and_html_go_into_files(aimon, files):
    folder = files["folder"]
    outputs = ("--json", str(folder / "x.json"), "--html", str(folder / "x.html"))
    ended = aimon("compare", files["reference"], files["shifted"], *outputs)
    assert "drifted" in ended.out
    assert json.loads((folder / "x.json").read_text())["model"] == "comparison"
    page = (folder / "x.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "shifted.parquet compared with reference.parquet" in page
    assert "How the columns were understood" in page


def test_a_spec_brings_fairness_and_the_models_name(aimon, files):
    ended = aimon("compare", files["reference"], files["shifted"], "--spec", files["spec"], "--json", "-")
    document = json.loads(ended.out)
    assert (document["model"], document["version"]) == ("loans", "2.3")
    impact = next(m for m in document["metrics"] if m["metric"] == "disparate_impact")
    assert (impact["verdict"], impact["groups"]) == ("critical", ["f", "m"])
    said = " ".join(aimon("compare", files["reference"], files["shifted"], "--spec", files["spec"]).out.split())
    assert "unfair by sex" in said
    assert "f selected" in said


@pytest.mark.parametrize(
    ("current", "severity", "code"),
    [("shifted", "critical", 1), ("shifted", "warning", 1), ("calm", "warning", 0), ("calm", "critical", 0)],
)
def test_fail_on_turns_a_finding_into_the_exit_code(aimon, files, current, severity, code):
    assert aimon("compare", files["reference"], files[current], "--fail-on", severity).code == code


def test_fail_on_critical_lets_a_warning_pass(aimon, files):
    spec = files["folder"] / "mild.yaml"
    spec.write_text(
        SPEC
        + "thresholds:\n"
        + "".join(
            f"  {metric}: {{warning: {warning}, critical: {critical}}}\n"
            for metric, warning, critical in (
                ("psi", 0.1, 90),
                ("demographic_parity_difference", 0.9, 0.95),
                ("disparate_impact", 0.02, 0.01),
                ("out_of_range", 0.9, 0.95),
            )
        )
    )
    arguments = ("compare", files["reference"], files["shifted"], "--spec", str(spec), "--fail-on")
    assert aimon(*arguments, "critical").code == 0
    assert aimon(*arguments, "warning").code == 1


def test_mistakes_are_one_sentence_on_stderr_and_exit_2(aimon, files):
    folder = files["folder"]
    (folder / "broken.yaml").write_text("model: m\ntask: binary\ncolumns: {predicton: x}\n")
    (folder / "text.txt.zip").write_bytes(b"PK")
    for arguments, start in (
        (("nope.csv", files["calm"]), "nope.csv: there is no such file"),
        ((files["reference"], str(folder / "text.txt.zip")), f"{folder}/text.txt.zip: is no Parquet file"),
        ((files["reference"], files["calm"], "--html", "/nowhere/x.html"), "/nowhere/x.html cannot be written"),
        ((files["reference"], files["calm"], "--json", str(folder)), f"{folder} cannot be written"),
        ((files["reference"], files["calm"], "--spec", str(folder / "broken.yaml")), f"{folder}/broken.yaml:3: "),
        ((files["reference"], files["calm"], "--spec", "nope.yaml"), "nope.yaml"),
        ((files["reference"],), "aimon compare: "),
        ((files["reference"], files["calm"], "--fail-on", "watch"), "aimon compare: "),
    ):
        ended = aimon("compare", *arguments)
        assert ended.code == 2, arguments
        assert ended.err.startswith(start)
        assert ended.out == ""


def test_a_limit_of_an_unknown_metric_is_a_mistake_in_the_spec(aimon, files):
    spec = files["folder"] / "unknown.yaml"
    spec.write_text(SPEC + "thresholds:\n  pssi: {warning: 0.1}\n")
    ended = aimon("compare", files["reference"], files["calm"], "--spec", str(spec))
    assert ended.code == 2
    assert ended.err.startswith(str(spec))
    assert ended.err.rstrip().endswith("thresholds.pssi: unknown metric; did you mean 'psi'?")


def test_the_terminal_gets_no_colour_codes_when_it_is_a_pipe(files):
    command = [str(Path(sys.executable).with_name("aimon")), "compare", files["reference"], files["shifted"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout
    assert "drifted: income" in done.stdout


@pytest.mark.parametrize(("encoding", "line"), [("latin-1", 3), ("utf-16", 1)])
def test_text_that_is_not_utf8_is_refused_with_its_line(aimon, tmp_path, encoding: str, line: int):
    text = "city,amount\nBerlin,1\nKöln,2\n" * 20
    (tmp_path / "old.csv").write_bytes(text.encode(encoding))
    (tmp_path / "good.csv").write_text(text, encoding="utf-8-sig")
    ended = aimon("compare", str(tmp_path / "good.csv"), str(tmp_path / "old.csv"))
    assert ended.code == 2
    assert ended.err == f"{tmp_path / 'old.csv'}:{line}: the line is not UTF-8; save the file as UTF-8\n"


def test_scores_of_classes_and_intervals_are_among_the_roles_that_are_said(aimon, tmp_path):
    random = np.random.default_rng(4)
    species, sizes = random.choice(["cat", "dog"], 300), random.normal(50, 5, 300)
    classes = {"said": species, "found": species, "p": random.random(300), "q": random.random(300)}
    numbers = {"said": sizes, "found": sizes, "low": sizes - 1, "high": sizes + 1}
    for name, table in (("classes", classes), ("numbers", numbers)):
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
    (tmp_path / "classes.yaml").write_text(
        "{model: m, task: multiclass, columns: {prediction: said, label: found, class_scores: {cat: p, dog: q}}}"
    )
    (tmp_path / "numbers.yaml").write_text(
        "{model: m, task: regression, columns: {prediction: said, label: found, lower: low, upper: high}}"
    )
    for name, said in (
        ("classes", "multiclass model; prediction: said, scores of classes: p and q, label: found"),
        ("numbers", "regression model; prediction: said, interval: low to high, label: found"),
    ):
        file = str(tmp_path / f"{name}.parquet")
        ended = aimon("compare", file, file, "--spec", str(tmp_path / f"{name}.yaml"))
        assert said in " ".join(ended.out.split())


def test_columns_without_a_name_are_left_out_and_two_of_one_name_are_refused(aimon, tmp_path):
    amount, unnamed = np.random.default_rng(5).normal(size=300), pa.array([0.5] * 300)
    pq.write_table(pa.table({"amount": amount, "": unnamed}), tmp_path / "unnamed.parquet")
    pq.write_table(pa.table({"amount": amount}).append_column("amount", unnamed), tmp_path / "twice.parquet")
    unnamed_file, twice = str(tmp_path / "unnamed.parquet"), str(tmp_path / "twice.parquet")
    ended = aimon("compare", unnamed_file, unnamed_file)
    assert ended.code == 0
    assert "not compared: a column without a name" in ended.out
    for reference, current in ((twice, unnamed_file), (unnamed_file, twice)):
        ended = aimon("compare", reference, current)
        assert ended.code == 2
        assert ended.err == f"{twice}: two columns are called 'amount'; rename one of them\n"
