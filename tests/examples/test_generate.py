import hashlib
import sys
from datetime import date, timedelta
from subprocess import run

import pyarrow.parquet as pq
import pytest
import yaml
from pyarrow import csv

from aimon.spec.model import ModelSpec
from aimon.spec.settings import Settings
from examples.generate import MODELS, PROJECT, generate
from examples.planted import FAULTS, read_faults

LAST = date(2026, 11, 19)
DAYS = 10


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    generate(out, last_day=LAST, days=DAYS, seed=3)
    return out


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def specs(folder):
    return [ModelSpec.model_validate(yaml.safe_load(path.read_text())) for path in sorted(folder.glob("models/*.yaml"))]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(project, tmp_path):
    generate(tmp_path / "again", last_day=LAST, days=DAYS, seed=3)
    generate(tmp_path / "other", last_day=LAST, days=2, seed=4)
    assert digests(tmp_path / "again") == digests(project)
    day = "data/card-fraud/2026-11-19.parquet"
    assert digests(tmp_path / "other")[day] != digests(project)[day]


def test_the_project_in_the_repository_is_valid_and_has_the_generated_models():
    loaded = specs(PROJECT)
    assert sorted(spec.model for spec in loaded) == sorted(model.name for model in MODELS)
    settings = Settings(**yaml.safe_load((PROJECT / "aimon.yaml").read_text()))
    assert settings.models == "models"


def test_every_declared_column_is_in_the_data_and_in_the_reference_rows(project):
    for spec in specs(project):
        folder = project / "data" / spec.model
        files = sorted(folder.iterdir())
        assert len(files) == DAYS
        for path in (files[-1], project / spec.baseline.path):
            reader = csv.read_csv if path.suffix == ".csv" else pq.read_table
            columns = reader(path).column_names
            assert {column for _, column in spec.columns.declared()} <= set(columns)


@pytest.fixture(scope="module")
def frames(project):
    """Each model's days as one frame, with the day that its file names."""
    import pandas as pd

    def read(path):
        frame = pd.read_csv(path) if path.suffix == ".csv" else pq.read_table(path).to_pandas()
        return frame.assign(day=date.fromisoformat(path.stem))

    return {m.name: pd.concat([read(p) for p in sorted((project / "data" / m.name).iterdir())]) for m in MODELS}


def test_each_day_holds_only_its_own_rows_in_order_with_unique_ids(project, frames):
    for spec in specs(project):
        frame = frames[spec.model]
        assert frame[spec.columns.id].is_unique
        assert (frame[spec.columns.timestamp].astype(str).str[:10] == frame["day"].astype(str)).all()
        assert frame[spec.columns.timestamp].is_monotonic_increasing
        assert frame.groupby("day").size().between(2_000, 10_000).all()


def test_weekends_are_quieter_for_loans_and_busier_for_cards(frames):
    saturday, sunday, monday = (date(2026, 11, day) for day in (14, 15, 16))
    loans, cards = (frames[name].groupby("day").size() for name in ("loan-approval", "card-fraud"))
    assert loans[sunday] < 0.7 * loans[monday]
    assert cards[saturday] > 1.1 * cards[monday]


def test_labels_come_in_over_the_horizon(frames):
    missing = frames["loan-approval"].groupby("day")["repaid"].apply(lambda labels: labels.isna().mean())
    assert missing[LAST - timedelta(7)] == 0
    assert 0.02 < missing[LAST - timedelta(6)] < 0.2
    assert 0.8 < missing[LAST] < 1


@pytest.mark.parametrize(
    ("model", "score", "label"),
    [("loan-approval", "repay_probability", "repaid"), ("card-fraud", "fraud_probability", "charged_back")],
)
def test_scores_are_calibrated_in_the_reference_rows(project, model, score, label):
    frame = pq.read_table(project / "reference" / f"{model}.parquet").to_pandas().sort_values(score)
    for number in range(10):
        part = frame.iloc[number * len(frame) // 10 : (number + 1) * len(frame) // 10]
        error = (part[score] * (1 - part[score])).sum() ** 0.5
        assert abs(part[score].sum() - part[label].astype(int).sum()) < 4 * error


def test_the_planted_faults_are_in_the_data_from_their_first_day_on_and_not_before(project, frames):
    loan, card, support = (next(f for f in read_faults(project / "planted.json") if f.model == m.name) for m in MODELS)

    def split(values, fault):
        return values[values.index < fault.first_day].tolist(), values[values.index >= fault.first_day].tolist()

    group = frames[loan.model].query("race == 'Black'")
    before, after = split((group["decision"] == "approved").groupby(group["day"]).mean(), loan)
    assert min(before) > 0.7
    assert max(after) < 0.6

    before, after = split(frames[card.model].groupby("day")["amount"].median(), card)
    assert max(before) < 35
    assert min(after) > 55

    before, after = split(frames[support.model].groupby("day")["cost_usd"].mean(), support)
    assert max(before) < 0.007
    assert min(after) > 0.009
    assert after == sorted(after)


def test_the_list_of_faults_round_trips_with_its_dates(project):
    faults = read_faults(project / "planted.json")
    assert [fault.model for fault in faults] == [fault.model for fault in FAULTS]
    assert [fault.last_day for fault in faults] == [LAST] * 3
    assert [fault.first_day for fault in faults] == [LAST - timedelta(n - 1) for n in (3, 4, 3)]
    assert all(fault.day_number(fault.first_day) == 0 for fault in faults)
    assert all(fault.day_number(fault.first_day - timedelta(1)) is None for fault in faults)
    assert [fault.day_number(LAST) for fault in FAULTS] == [None] * 3


def test_the_command_prints_what_it_planted(tmp_path):
    arguments = ["--out", str(tmp_path), "--last-day", "2026-11-19", "--days", "1"]
    done = run([sys.executable, "-m", "examples.generate", *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{f.model}: from 2026-11-19 to 2026-11-19 {f.what}" for f in FAULTS]
    none = [*arguments[:-1], "0"]
    refused = run([sys.executable, "-m", "examples.generate", *none], check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--days must be at least 1" in refused.stderr
