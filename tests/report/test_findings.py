import dataclasses

import numpy as np
import pytest

from aimon.report.findings import findings, verdict_counts
from aimon.verdict.record import Family, Record, Verdict

RNG = np.random.default_rng(9)


@pytest.fixture
def shifted(one_column):
    return one_column(RNG.normal(size=2_000).tolist(), (RNG.normal(size=2_000) + 1.08).tolist())


def psi(verdict=Verdict.CRITICAL, column="x", value=0.5, **more):
    return Record(
        family=Family.DRIFT, metric="psi", column=column, value=value, threshold=0.25, verdict=verdict, **more
    )


def missing(verdict=Verdict.OK, column="x"):
    return Record(
        family=Family.QUALITY, metric="missing_shift", column=column, value=0.0, threshold=0.1, verdict=verdict
    )


def test_a_columns_drift_and_quality_are_one_finding_told_by_its_change(shifted):
    found = findings(shifted[0], [missing(), psi()], *shifted[1:])
    assert len(found.all) == 1
    only = found.all[0]
    assert (only.title, only.verdict, only.joint) == ("x", Verdict.CRITICAL, " ")
    assert only.sentence.startswith("shifted up by 0.8 reference IQRs")
    assert only.evidence == "PSI 0.5 (limit 0.25)"
    assert [record.metric for record in only.records] == ["psi", "missing_shift"]
    assert found.headline == "1 of 1 columns drifted: x."


def test_nothing_wrong_is_said_in_so_many_words(shifted):
    found = findings(shifted[0], [psi(Verdict.OK, value=0.01)], *shifted[1:])
    assert found.headline == "None of 1 columns drifted."
    assert found.noteworthy == ()
    assert found.worst is Verdict.OK
    assert found.all[0].sentence == "no change worth a note"


def test_no_records_at_all_are_nothing_to_compare(shifted):
    assert findings(shifted[0], [], *shifted[1:]).headline == "Nothing to compare."


def test_too_few_rows_are_not_ok(shifted):
    records = [psi(Verdict.INSUFFICIENT, reason="12 rows cannot show a change of this size")]
    found = findings(shifted[0], records, *shifted[1:])
    assert found.worst is Verdict.INSUFFICIENT
    assert found.headline == "None of 1 columns drifted; 1 column with too few rows to tell."
    assert found.all[0].sentence == "12 rows cannot show a change of this size"


def test_the_worst_come_first_and_segments_after_the_whole(shifted):
    records = [
        psi(Verdict.OK, "calm"),
        psi(Verdict.CRITICAL, "x", segment="channel=web"),
        psi(Verdict.WATCH, "curious"),
        psi(Verdict.WARNING, "warned"),
        psi(Verdict.CRITICAL, "bad", value=0.6),
        psi(Verdict.CRITICAL, "worse", value=0.9),
    ]
    found = findings(shifted[0], records, *shifted[1:])
    titles = ["worse", "bad", "x in channel=web", "warned", "curious", "calm"]
    assert [finding.title for finding in found.all] == titles
    assert found.headline == "3 of 5 columns drifted: worse, bad and warned; in segments only: x in channel=web."
    assert [finding.title for finding in found.noteworthy] == titles[:5]


def test_fairness_performance_and_operations_are_named_in_the_headline(shifted):
    def record(family, metric, **more):
        return Record(family=family, metric=metric, value=0.5, threshold=0.1, verdict=Verdict.WARNING, **more)

    records = [
        psi(Verdict.OK),
        record(Family.FAIRNESS, "disparate_impact", column="sex"),
        record(Family.FAIRNESS, "disparate_impact", column=("sex", "race")),
        record(Family.PERFORMANCE, "accuracy"),
        record(Family.OPERATIONS, "latency_p95"),
    ]
    found = findings(shifted[0], records, *shifted[1:])
    assert found.headline == (
        "None of 1 columns drifted; unfair by sex and sex\u00d7race; worse in accuracy; over its limit: p95 latency."
    )
    assert {finding.joint for finding in found.all} == {": "}


def test_the_judged_record_decides_even_where_a_described_one_is_worse_off(shifted):
    described = Record(family=Family.DRIFT, metric="ks", column="x", verdict=Verdict.NOT_ESTIMABLE)
    found = findings(shifted[0], [described, psi(Verdict.OK, value=0.0)], *shifted[1:])
    assert found.all[0].verdict is Verdict.OK


def test_verdicts_are_counted_worst_first():
    records = [psi(Verdict.OK), psi(Verdict.WARNING), psi(Verdict.OK)]
    assert list(verdict_counts(records).items()) == [(Verdict.WARNING, 1), (Verdict.OK, 2)]


def test_a_finding_cannot_be_changed(shifted):
    found = findings(shifted[0], [psi()], *shifted[1:])
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.all[0].verdict = Verdict.OK


def recall(group=None, verdict=Verdict.CRITICAL, segment=None):
    return Record(
        family=Family.PERFORMANCE,
        metric="recall",
        column=None if group is None else "label",
        group=group,
        segment=segment,
        value=0.5,
        threshold=0.7,
        verdict=verdict,
    )


def test_classes_stand_below_the_measure_over_all_of_them_where_both_are_worse(shifted):
    records = [recall(), recall("cat"), recall("dog"), recall("eel", Verdict.WATCH), recall("cat", segment="site=n")]
    found = findings(shifted[0], records, *shifted[1:])
    (only,) = found.noteworthy
    assert (only.title, only.background) == ("recall", "also of cat and dog")
    assert found.headline == "worse in recall."
    assert len(found.all) == 5


def test_a_class_that_is_worse_by_itself_stands_alone(shifted):
    found = findings(shifted[0], [recall(verdict=Verdict.OK), recall("cat")], *shifted[1:])
    assert [each.title for each in found.noteworthy] == ["recall of cat"]
    assert found.headline == "worse in recall of cat."
