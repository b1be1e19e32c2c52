"""Rules of `aimon.yaml`: each holds for every model that fits, beside the rules of the models' own files.

In: the rules and the models. Out: the models with the rules that hold for them. A model's own rule of a name wins.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from aimon.spec.declared import Declared
from aimon.spec.fault import Fault
from aimon.spec.model import ModelSpec, Task
from aimon.spec.patterns import some_fits
from aimon.spec.several import OneOrMany
from aimon.spec.userrules import TOTALS, From, Patterns, RuleSpec
from aimon.spec.wording import did_you_mean, quoted


class Fitting(Declared):
    """Which models are meant: those that fit every key that is written. `*` stands for any letters."""

    model: Patterns = Field(default=(), description="which models are meant, such as loan-*")
    owner: Patterns = Field(default=(), description="whose models are meant")
    task: Annotated[tuple[Task, ...], OneOrMany] = Field(default=(), description="models of which task are meant")
    tags: dict[str, Patterns] = Field(default={}, description="which tags the models have, such as {tier: gold}")

    def fits(self, spec: ModelSpec) -> bool:
        """Whether the model is meant."""
        asked: tuple[tuple[Iterable[str], Iterable[str]], ...] = (
            (self.model, (spec.model, spec.name)),
            (self.owner, () if spec.owner is None else (spec.owner,)),
            (self.task, (spec.task,)),
            *((patterns, (spec.tags[key],) if key in spec.tags else ()) for key, patterns in self.tags.items()),
        )
        return all(not patterns or some_fits(patterns, values) for patterns, values in asked)


class FleetRule(RuleSpec):
    """A rule for every model that fits. Columns and segments that a model does not have say nothing of it."""

    when: Fitting = Field(default=Fitting(), description="which models the rule is for; default: all")


def check_fleet_rules(
    rules: Sequence[FleetRule], models: Collection[ModelSpec], metrics: Collection[str] | None
) -> Iterator[Fault]:
    """Rules of one name, on metrics that do not exist, or for no model there is. Without `metrics` any may be meant."""
    names: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.name in names:
            yield Fault(("rules", number, "name"), f"another rule is called {quoted(rule.name)}; name this one apart")
        names.add(rule.name)
        if metrics is not None and rule.metric not in metrics:
            said = f"there is no metric {quoted(rule.metric)}; {did_you_mean(rule.metric, metrics)}"
            yield Fault(("rules", number, "metric"), said)
        if rule.metric in TOTALS and rule.from_ is From.BASELINE:
            said = f"{rule.metric} grows with the window, and the baseline is another span; write last_week"
            yield Fault(("rules", number, "from"), said)
        if models and not any(rule.when.fits(spec) for spec in models):
            yield Fault(("rules", number, "when"), "no model fits; mend what it asks for, or remove the rule")


def with_fleet_rules(spec: ModelSpec, rules: Iterable[FleetRule]) -> ModelSpec:
    """The model with the rules that are for it, after its own."""
    own = {rule.name for rule in spec.rules}
    added = tuple(rule for rule in rules if rule.name not in own and rule.when.fits(spec))
    return spec.model_copy(update={"rules": (*spec.rules, *added)}) if added else spec


def sound(rules: Sequence[FleetRule], faults: Iterable[Fault]) -> tuple[FleetRule, ...]:
    """The rules that nothing is wrong with."""
    wrong = {fault.path[1] for fault in faults}
    return tuple(rule for number, rule in enumerate(rules) if number not in wrong)
