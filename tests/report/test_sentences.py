from dataclasses import replace

import pytest

from aimon.metrics.names import figure
from aimon.report.sentences import fairness_sentence, measured, metric_sentence
from aimon.verdict.record import Family, Record, Verdict


def rate(group, value, metric="selection_rate"):
    return Record(family=Family.FAIRNESS, metric=metric, column="sex", group=group, value=value)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("psi", 0.3144, "0.314"),
        ("error_rate", 0.0123, "1.2%"),
        ("latency_p95", 0.31, "0.31 s"),
        ("cost_usd", 1234.5, "$1,234.50"),
        ("tokens", 6483580.0, "6,483,580"),
        ("psi", None, "\u2013"),
    ],
)
def test_every_metric_is_written_in_its_unit(metric, value, text):
    assert figure(metric, value) == text


def test_a_metric_is_told_with_interval_and_limit():
    record = Record(family=Family.DRIFT, metric="psi", column="x", value=0.31, low=0.27, high=0.36, threshold=0.25)
    assert metric_sentence(record) == "PSI 0.31 (one-sided 95% bounds 0.27 to 0.36, limit 0.25)"
    assert metric_sentence(Record(family=Family.OPERATIONS, metric="volume", value=7287)) == "volume 7,287"


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("wasserstein", "95% interval 0.1 to 0.3"),
        ("chi2", "one-sided 95% bounds 0.1 to 0.3"),
        ("disparate_impact_bounds", "worst cases 0.1 to 0.3"),
    ],
)
def test_the_numbers_beside_a_value_are_called_what_they_are(metric, words):
    record = Record(family=Family.DRIFT, metric=metric, column="x", value=0.2, low=0.1, high=0.3)
    assert f"({words})" in metric_sentence(record)


def test_a_metric_without_a_value_says_why():
    record = Record(family=Family.FAIRNESS, metric="tpr", reason="no row of this group has a positive label")
    assert metric_sentence(record) == "no row of this group has a positive label"
    assert metric_sentence(Record(family=Family.FAIRNESS, metric="tpr")) == "TPR cannot be computed from these rows"


def test_a_record_that_stands_alone_says_what_it_is_about():
    assert measured(Record(family=Family.PERFORMANCE, metric="recall", group="billing")) == "recall of billing"
    assert measured(Record(family=Family.OPERATIONS, metric="latency_p95")) == "p95 latency"
    assert measured(Record(family=Family.DRIFT, metric="psi", column="x")) == "PSI of x"


def test_an_unfair_difference_names_both_groups_with_their_rates():
    rates = [rate("f", 0.52), rate("m", 0.79), rate("d", 0.7)]
    gap = Record(
        family=Family.FAIRNESS, metric="demographic_parity_difference", column="sex", groups=("m", "f"), value=0.27
    )
    assert fairness_sentence(gap, [gap, *rates]) == "f selected 52% of the time, m 79%: 27 points apart"
    ratio = Record(family=Family.FAIRNESS, metric="disparate_impact", column="sex", groups=("f", "m"), value=0.658)
    assert fairness_sentence(ratio, [ratio, *rates]) == "f selected 52% of the time, m 79%: 0.66 times as often"


def test_an_unequal_opportunity_speaks_of_those_who_deserve_it():
    rates = [rate("f", 0.6, "tpr"), rate("m", 0.8, "tpr")]
    gap = Record(
        family=Family.FAIRNESS, metric="equal_opportunity_difference", column="sex", groups=("f", "m"), value=0.2
    )
    assert fairness_sentence(gap, rates) == "f selected when deserving 60% of the time, m 80%: 20 points apart"


def test_the_odds_that_are_apart_are_those_that_are_told():
    rates = [rate("f", 0.6, "tpr"), rate("m", 0.62, "tpr"), rate("f", 0.3, "fpr"), rate("m", 0.07, "fpr")]
    gap = Record(
        family=Family.FAIRNESS, metric="equalized_odds_difference", column="sex", groups=("f", "m"), value=0.23
    )
    told = "m selected when not deserving 7.0% of the time, f 30%: 23 points apart"
    assert fairness_sentence(gap, [gap, *rates, rate("f", 0.73), rate("m", 0.75)]) == told


def test_the_rates_are_those_of_the_same_segment():
    gap = Record(
        family=Family.FAIRNESS, metric="disparate_impact", column="sex", segment="web", groups=("f", "m"), value=0.5
    )
    own = [replace(rate(group, value), segment="web") for group, value in (("f", 0.2), ("m", 0.4))]
    assert fairness_sentence(gap, [*own, rate("f", 0.7), rate("m", 0.71)]).startswith(
        "f selected 20% of the time, m 40%"
    )


def test_without_the_groups_rates_the_measure_and_the_pair_are_told():
    gap = Record(
        family=Family.FAIRNESS,
        metric="demographic_parity_difference",
        column=("sex", "race"),
        groups=(("f", "A"), ("m", "B")),
        value=0.2,
        verdict=Verdict.WARNING,
    )
    assert fairness_sentence(gap, []) == "demographic parity difference 20% between f / A and m / B"
    nothing = Record(family=Family.FAIRNESS, metric="disparate_impact", column="sex")
    assert fairness_sentence(nothing, []) == "disparate impact cannot be computed from these rows"
