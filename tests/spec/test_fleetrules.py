from collections.abc import Callable
from pathlib import Path

import pytest

from aimon.errors import ConfigError
from aimon.metrics.known import known_metrics
from aimon.spec.project import load_project, load_project_leniently
from aimon.spec.userrules import From

MODEL = """\
model: {name}
task: binary
owner: {owner}
tags: {{tier: {tier}}}
source: {{kind: parquet, path: data/*.parquet}}
columns: {{timestamp: at, prediction: p}}
"""
RULE = "rules:\n  - {name: slow, metric: latency_p95, above: 0.5, when: %s}\n"
Make = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Make:
    def made(settings: str, **own: str) -> Path:
        (tmp_path / "models").mkdir()
        (tmp_path / "aimon.yaml").write_text(settings)
        for name, owner, tier in (("loans", "risk", "gold"), ("fraud", "risk", "tin"), ("chat", "apps", "gold")):
            text = MODEL.format(name=name, owner=owner, tier=tier) + own.get(name, "")
            (tmp_path / "models" / f"{name}.yaml").write_text(text)
        return tmp_path

    return made


def mistakes(root: Path) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_project(root, metrics=known_metrics(), environment={})
    return [str(mistake) for mistake in refused.value.mistakes]


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("{}", {"loans", "fraud", "chat"}),
        ("{tags: {tier: gold}}", {"loans", "chat"}),
        ("{tags: {tier: [g*, tin]}, owner: risk}", {"loans", "fraud"}),
        ("{model: l*}", {"loans"}),
        ("{task: binary, owner: apps}", {"chat"}),
    ],
)
def test_a_rule_of_the_platform_holds_for_the_models_that_fit(project: Make, when: str, meant: set[str]) -> None:
    models = load_project(project(RULE % when), metrics=known_metrics(), environment={}).models
    assert {name for name, spec in models.items() if [rule.name for rule in spec.rules] == ["slow"]} == meant
    assert {name for name, spec in models.items() if not spec.rules} == set(models) - meant


def test_a_models_own_rule_of_the_name_wins(project: Make) -> None:
    own = "rules: [{name: slow, metric: latency_p95, above: 9}]\n"
    models = load_project(project(RULE % "{}", loans=own), metrics=known_metrics(), environment={}).models
    assert [rule.above for rule in models["loans"].rules] == [9]
    assert [rule.above for rule in models["chat"].rules] == [0.5]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            RULE % "{tags: {tier: lead}}",
            "aimon.yaml:2: rules[0].when: no model fits; mend what it asks for, or remove the rule",
        ),
        (RULE % "{tag: {tier: gold}}", "aimon.yaml:2: rules[0].when.tag: unknown key; did you mean 'tags'?"),
        (
            "rules: [{name: a, metric: latency_p59, above: 1}]\n",
            "aimon.yaml:1: rules[0].metric: there is no metric 'latency_p59'; did you mean 'latency_p99'?",
        ),
        (
            "rules: [{name: a, metric: psi, above: 1}, {name: a, metric: ks, above: 1}]\n",
            "aimon.yaml:1: rules[1].name: another rule is called 'a'; name this one apart",
        ),
        (
            "rules: [{name: a, metric: volume, falls_by: 20%, from: baseline}]\n",
            "aimon.yaml:1: rules[0].from: volume grows with the window, and the baseline is another span; write "
            + From.LAST_WEEK,
        ),
    ],
)
def test_a_mistake_in_a_rule_of_the_platform_gets_one_sentence(project: Make, rule: str, sentence: str) -> None:
    assert mistakes(project(rule)) == [sentence]


def test_a_rule_on_a_metric_that_does_not_exist_holds_for_nobody(project: Make) -> None:
    root = project("rules: [{name: a, metric: sharpness, above: 1}, {name: b, metric: psi, above: 1}]\n")
    models = load_project_leniently(root, metrics=known_metrics(), environment={}).models
    assert {tuple(rule.name for rule in spec.rules) for spec in models.values()} == {("b",)}
