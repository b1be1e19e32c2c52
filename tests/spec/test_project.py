import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from aimon.errors import ConfigError
from aimon.spec.model import Kind, ParquetSource, PeriodBaseline, Task
from aimon.spec.project import load_models, load_project, load_project_leniently, project_root


def test_a_project_is_its_settings_and_its_models_by_name(make_project, loans):
    root = make_project("retention: {predictions: 30d}\n", loans=loans, fraud=loans.replace("loans", "fraud"))
    project = load_project(root, environment={})
    assert list(project.models) == ["fraud", "loans"]
    assert project.files["fraud"] == root.resolve() / "models" / "fraud.yaml"
    assert project.settings.retention.predictions == timedelta(days=30)
    assert project.root == project.settings.root == root.resolve()
    assert project.mistakes == ()


def test_every_key_of_a_model_file_is_understood(make_project):
    text = """\
model: loan-approval
version: "2.3"
task: binary
owner: risk-team
source: {kind: parquet, path: data/loans/*.parquet}
columns:
  id: request_id
  timestamp: created_at
  prediction: decision
  score: probability
  label: defaulted
  features: {income: numeric, region: categorical}
  protected: [sex, race]
  segments: [channel]
positive: [1, refer]
label_positive: 1
label_horizon: 30d
baseline: {from: 2026-09-01, to: 2026-09-30}
thresholds:
  psi:
    warning: 0.1
    critical: 0.25
    columns: {income: {critical: 0.5}}
    segments: {channel=web: {warning: 1e-1}}
importance: {income: 2, region: 0.5}
formerly: [loan-approval-v1]
"""
    spec = load_project(make_project(loans=text), environment={}).models["loan-approval"]
    assert spec.task is Task.BINARY
    assert spec.source == ParquetSource(kind="parquet", path="data/loans/*.parquet")
    assert spec.columns.features == {"income": Kind.NUMERIC, "region": Kind.CATEGORICAL}
    assert spec.columns.protected == ("sex", "race")
    assert (spec.positive, spec.label_positive) == ((1, "refer"), 1)
    assert spec.label_horizon == timedelta(days=30)
    assert isinstance(spec.baseline, PeriodBaseline)
    assert (spec.baseline.from_, spec.baseline.to) == (date(2026, 9, 1), date(2026, 9, 30))
    assert spec.thresholds["psi"].columns["income"].critical == 0.5
    assert spec.thresholds["psi"].segments["channel=web"].warning == 0.1
    assert spec.formerly == ("loan-approval-v1",)


def test_all_mistakes_of_all_files_come_at_once(make_project, loans):
    root = make_project(
        "lake_url: ''\nretention: {predictions: soon}\n",
        loans=loans.replace("binary", "binry").replace("[sex]", "sex") + "importance: {incme: 1}\nlabel: x\n",
        fraud="model: fraud\n\ttask: binary\n",
    )
    with pytest.raises(ConfigError) as caught:
        load_project(root, environment={"AIMON_MODLES": "x"})
    assert [(mistake.file, mistake.line, mistake.key) for mistake in caught.value.mistakes] == [
        ("aimon.yaml", 1, "lake_url"),
        ("aimon.yaml", 2, "retention.predictions"),
        ("environment", None, "AIMON_MODLES"),
        ("models/fraud.yaml", 2, ""),
        ("models/loans.yaml", 2, "task"),
        ("models/loans.yaml", 9, "columns.protected"),
        ("models/loans.yaml", 12, "label"),
    ]


def test_a_broken_key_does_not_hide_contradictions_of_sound_ones(make_project, loans):
    text = loans.replace("binary", "binry").replace("  label: defaulted\n", "") + "label_horizon: 30d\n"
    with pytest.raises(ConfigError) as caught:
        load_project(make_project(loans=text), environment={})
    assert [mistake.key for mistake in caught.value.mistakes] == ["task", "label_horizon"]


def test_a_contradiction_with_a_broken_key_is_not_told(make_project, loans):
    text = loans.replace("  label: defaulted\n", "  lable: defaulted\n") + "label_horizon: 30d\n"
    with pytest.raises(ConfigError) as caught:
        load_project(make_project(loans=text), environment={})
    assert [mistake.key for mistake in caught.value.mistakes] == ["columns.lable"]


def test_a_mistake_in_one_model_file_hides_that_model_only(make_project, loans):
    root = make_project(loans=loans, fraud=b"\xff", churn="model: [")
    good, mistakes = load_models(root)
    assert list(good) == ["loans"]
    assert {mistake.file for mistake in mistakes} == {"models/fraud.yaml", "models/churn.yaml"}
    assert load_project_leniently(root, environment={}).mistakes == tuple(mistakes)


def test_broken_settings_stop_even_the_lenient(make_project, loans):
    with pytest.raises(ConfigError, match="modls"):
        load_project_leniently(make_project("modls: x", loans=loans), environment={})


def test_a_model_whose_source_waits_for_a_variable_stays_in_the_lenient_project(make_project, loans):
    root = make_project(loans=loans.replace("data/*.parquet", "$LOANS_HOME/*.parquet"))
    project = load_project_leniently(root, environment={})
    assert list(project.models) == ["loans"]
    assert [mistake.key for mistake in project.mistakes] == ["source.path"]
    assert load_project(root, environment={"LOANS_HOME": "/data"}).mistakes == ()


def test_a_retired_model_needs_no_source(make_project, loans):
    retired = loans.replace("source: {kind: parquet, path: data/*.parquet}\n", "retired: true\n")
    assert load_project(make_project(loans=retired), environment={}).models["loans"].retired


def test_the_collector_needs_no_timestamp(make_project, loans):
    text = loans.replace("{kind: parquet, path: data/*.parquet}", "{kind: collector}").replace("  timestamp: at\n", "")
    assert load_project(make_project(loans=text), environment={}).models["loans"].columns.timestamp is None


def test_two_models_with_one_name_are_both_refused_and_both_files_named(make_project, loans):
    root = make_project(a=loans, b=loans, c=loans.replace("loans", "fraud"))
    project = load_project_leniently(root, environment={})
    assert list(project.models) == ["fraud"]
    assert [str(mistake) for mistake in project.mistakes] == [
        "models/a.yaml:1: model: 'loans' is declared in models/b.yaml too; every model needs a name of its own",
        "models/b.yaml:1: model: 'loans' is declared in models/a.yaml too; every model needs a name of its own",
    ]


def test_a_former_name_that_another_model_bears_is_refused(make_project, loans):
    root = make_project(a=loans, b=loans.replace("loans", "fraud") + "formerly: [loans]\n")
    project = load_project_leniently(root, environment={})
    assert list(project.models) == ["loans"]
    (mistake,) = project.mistakes
    assert str(mistake) == (
        "models/b.yaml:11: formerly[0]: 'loans' is the present name of the model in models/a.yaml; "
        "remove it from one of them"
    )


def test_a_former_name_that_two_models_claim_is_refused(make_project, loans):
    root = make_project(a=loans + "formerly: [old]\n", b=loans.replace("loans", "fraud") + "formerly: [old]\n")
    assert [str(mistake) for mistake in load_project_leniently(root, environment={}).mistakes] == [
        "models/b.yaml:11: formerly[0]: 'old' is a former name in models/a.yaml too; only one model can have had it"
    ]


def test_only_yaml_and_yml_files_that_are_not_hidden_are_models(make_project, loans):
    root = make_project(loans=loans)
    (root / "models" / "fraud.yml").write_text(loans.replace("loans", "fraud"))
    (root / "models" / "loans.yaml.bak").write_text("no model")
    (root / "models" / ".#loans.yaml").write_text("no model")
    (root / "models" / "README.md").write_text("no model")
    (root / "models" / "old.yaml").mkdir()
    assert list(load_project(root, environment={}).models) == ["fraud", "loans"]


def test_a_folder_without_settings_is_no_project(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path, environment={})
    assert str(caught.value) == (
        f"aimon.yaml: there is no such file in {tmp_path.resolve()}; "
        "run `aimon init` there, or name the project with --root"
    )


def test_empty_settings_still_want_a_folder_of_models(tmp_path):
    (tmp_path / "aimon.yaml").write_text("")
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path, environment={})
    assert str(caught.value) == (
        "aimon.yaml: models: the folder 'models' of the model files does not exist; make it, or name another"
    )


def test_a_time_zone_of_the_world_is_taken(make_project, loans):
    root = make_project(loans=loans.replace("*.parquet}", "*.parquet, timezone: Europe/Berlin}"))
    assert load_project(root, environment={}).models["loans"].source.timezone == "Europe/Berlin"


def test_a_link_to_nowhere_is_a_mistake_of_that_file(make_project, loans):
    root = make_project(loans=loans)
    (root / "models" / "gone.yaml").symlink_to(root / "nowhere")
    project = load_project_leniently(root, environment={})
    assert list(project.models) == ["loans"]
    assert [str(mistake) for mistake in project.mistakes] == [
        "models/gone.yaml: the file cannot be read: no such file or directory"
    ]


def test_settings_that_are_a_folder_are_a_mistake(tmp_path):
    (tmp_path / "aimon.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"^aimon\.yaml: the file cannot be read: is a directory$"):
        load_project(tmp_path, environment={})


def test_models_may_lie_outside_the_project(make_project, loans, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "loans.yaml").write_text(loans.replace("task", "tsk"))
    project = load_project_leniently(make_project(f"models: {elsewhere}\n"), environment={})
    assert [mistake.file for mistake in project.mistakes] == [str(elsewhere / "loans.yaml")]


def test_the_root_is_the_folder_given_then_the_variable_then_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert project_root(tmp_path / "a", {"AIMON_ROOT": "/b"}) == (tmp_path / "a").resolve()
    assert project_root(None, {"AIMON_ROOT": "/b"}) == Path("/b")
    assert project_root(None, {}) == tmp_path.resolve()


def test_the_environment_of_the_process_is_read_by_default(make_project, loans, monkeypatch):
    root = make_project(loans=loans)
    monkeypatch.setenv("AIMON_ROOT", str(root))
    monkeypatch.setenv("AIMON_LAKE_URL", "s3://bucket/lake")
    assert load_project().settings.lake_url == "s3://bucket/lake"


def test_five_hundred_model_files_load_in_a_second_of_cpu(make_project, loans):
    root = make_project(**{f"m{number}": loans.replace("loans", f"m{number}") for number in range(500)})
    before = time.process_time()
    project = load_project(root, environment={})
    assert len(project.models) == 500
    assert time.process_time() - before < 1.0
