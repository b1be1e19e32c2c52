"""What a well-formed model file may still get wrong: keys that contradict one another, columns nobody declared.

A rule names the top-level keys it reads, so that it stays silent about keys that are broken already.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from aimon.spec.environment import unset_variables
from aimon.spec.fault import Fault
from aimon.spec.model import (
    SINGLE_ROLES,
    CollectorSource,
    CountsBaseline,
    Limit,
    ModelSpec,
    SqlSource,
    Task,
    Threshold,
)
from aimon.spec.sealed import SealedSource
from aimon.spec.userrules import TOTALS, From
from aimon.spec.wording import did_you_mean, nearest, quoted


class Worse(StrEnum):
    """On which side of its limits a metric is bad."""

    ABOVE = "above"
    BELOW = "below"


class Rule(NamedTuple):
    """A check across keys, and the keys it reads."""

    reads: frozenset[str]
    check: Callable[[ModelSpec], Iterator[Fault]]


def check_rules(spec: ModelSpec, broken: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Every contradiction in a model, save those that touch a broken key."""
    for rule in _RULES:
        if not rule.reads & broken:
            yield from rule.check(spec)


def check_metrics(spec: ModelSpec, metrics: Mapping[str, Worse | None]) -> Iterator[Fault]:
    """Thresholds and rules on metrics that do not exist, limits in the wrong order. The caller knows the metrics."""
    yield from _own_metrics(spec, metrics)
    named = {*metrics, *(own.name for own in spec.metrics)}
    for number, rule in enumerate(spec.rules):
        if rule.metric not in named:
            said = f"there is no metric {quoted(rule.metric)}; {did_you_mean(rule.metric, named)}"
            yield Fault(("rules", number, "metric"), said)
    for metric, threshold in spec.thresholds.items():
        if metric not in metrics:
            yield Fault(("thresholds", metric), f"unknown metric; {did_you_mean(metric, metrics)}")
            continue
        worse = metrics[metric]
        if worse is None:
            continue
        for inside, limit in _limits(threshold):
            if limit.warning is None or limit.critical is None:
                continue
            if (limit.warning > limit.critical) if worse is Worse.ABOVE else (limit.warning < limit.critical):
                yield Fault(
                    ("thresholds", metric, *inside),
                    f"warning {limit.warning:g} lies beyond critical {limit.critical:g}, "
                    f"and {metric} is worse {worse} its limits; swap them",
                )


def _own_metrics(spec: ModelSpec, metrics: Mapping[str, Worse | None]) -> Iterator[Fault]:
    names: set[str] = set()
    for number, own in enumerate(spec.metrics):
        place = ("metrics", number)
        if own.name in metrics:
            yield Fault((*place, "name"), f"{quoted(own.name)} is a built-in metric; name this one apart")
        elif own.name in names:
            yield Fault((*place, "name"), f"another metric is called {quoted(own.name)}; name this one apart")
        names.add(own.name)
        for name in own.read.names:
            if name not in metrics:
                said = f"there is no built-in metric {quoted(name)}; {did_you_mean(name, metrics)}"
                yield Fault((*place, "formula"), said)


def check_ready(spec: ModelSpec, environment: Mapping[str, str]) -> Iterator[Fault]:
    """What a model needs to be watched every day, and a comparison of two files does not."""
    source = spec.source
    if source is None:
        yield Fault(
            ("source",), "missing; say where the predictions come from, such as {kind: parquet, path: data/*.parquet}"
        )
        return
    if isinstance(source, (CollectorSource, SealedSource)):
        return
    if spec.columns.timestamp is None:
        yield Fault(("columns", "timestamp"), "missing; without it the source cannot be read day by day")
    key = "url" if isinstance(source, SqlSource) else "path"
    for name in unset_variables(getattr(source, key), environment):
        yield Fault(("source", key), f"${name} is not set in the environment; set it, or write $$ for a dollar sign")


def intersections_of(spec: ModelSpec) -> set[str]:
    """The pairs of protected attributes, as limits and records name them: `sex*race`."""
    return {"*".join(pair) for pair in combinations(spec.columns.protected, 2)}


def _limits(threshold: Threshold) -> Iterator[tuple[tuple[str, ...], Limit]]:
    yield (), threshold
    for kind, exceptions in (("columns", threshold.columns), ("segments", threshold.segments)):
        for name, limit in exceptions.items():
            yield (kind, name), limit


def _one_role_each(spec: ModelSpec) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for role, column in spec.columns.declared():
        if role in _LISTS or role == "class_scores":
            continue
        if column in taken:
            yield Fault(
                ("columns", role),
                f"column {quoted(column)} is already declared as {taken[column]}; a column has one role",
            )
        taken.setdefault(column, role)
    for name, column in (spec.columns.class_scores or {}).items():
        if column in taken:
            yield Fault(
                ("columns", "class_scores", name),
                f"column {quoted(column)} is already declared as {taken[column]}; a column has one role",
            )
        taken.setdefault(column, "class_scores")
    for role, refused in _LISTS.items():
        seen: set[str] = set()
        for number, column in enumerate(getattr(spec.columns, role) or ()):
            place = column if isinstance(getattr(spec.columns, role), dict) else number
            if column in seen:
                yield Fault(("columns", role, place), f"column {quoted(column)} is listed twice")
            elif taken.get(column) in refused:
                yield Fault(
                    ("columns", role, place),
                    f"column {quoted(column)} is already declared as {taken[column]}; remove it here",
                )
            seen.add(column)


_SINGLE = {*SINGLE_ROLES, "class_scores"}
_ANSWER = {"id", "prediction", "score", "label", "lower", "upper", "class_scores"}
_LISTS = {"features": _ANSWER, "protected": _SINGLE, "segments": _SINGLE}


def _labels_exist(spec: ModelSpec) -> Iterator[Fault]:
    if spec.columns.label is not None:
        return
    if spec.label_horizon > timedelta(0):
        yield Fault(("label_horizon",), "there is no columns.label that could arrive; declare it or remove this")
    if spec.label_positive is not None:
        yield Fault(("label_positive",), "there is no columns.label that it could speak of; declare it or remove this")


def _classes_exist(spec: ModelSpec) -> Iterator[Fault]:
    if spec.task is Task.REGRESSION:
        for key in ("positive", "label_positive"):
            if getattr(spec, key) is not None:
                yield Fault((key,), "a regression predicts numbers, so none of them means selected; remove this")


MOST_CLASSES = 100


def _answers_fit_the_task(spec: ModelSpec) -> Iterator[Fault]:
    columns = spec.columns
    if columns.class_scores is not None and spec.task is not Task.MULTICLASS:
        said = f"only a multiclass model scores each class, and this one is {spec.task}; remove this, or write score"
        yield Fault(("columns", "class_scores"), said)
    elif columns.class_scores is not None and not 2 <= len(columns.class_scores) <= MOST_CLASSES:
        said = f"found {len(columns.class_scores)}, expected a column for each of 2 to {MOST_CLASSES} classes"
        yield Fault(("columns", "class_scores"), said)
    for own, other in (("lower", "upper"), ("upper", "lower")):
        if getattr(columns, own) is None:
            continue
        if spec.task is not Task.REGRESSION:
            said = f"only a regression predicts an interval, and this model is {spec.task}; remove this"
            yield Fault(("columns", own), said)
        elif getattr(columns, other) is None:
            yield Fault(("columns", own), f"an interval has two ends; declare {other} too, or remove this")


def _known_columns(spec: ModelSpec) -> Iterator[Fault]:
    if spec.columns.features is None:
        return
    declared = {column for _, column in spec.columns.declared()}
    intersections = intersections_of(spec)
    for metric, threshold in spec.thresholds.items():
        for column in threshold.columns:
            if column not in declared and column not in intersections:
                yield Fault(
                    ("thresholds", metric, "columns", column),
                    f"no such column is declared under columns; {did_you_mean(column, declared)}",
                )
    for number, rule in enumerate(spec.rules):
        for place, column in enumerate(rule.column):
            if "*" not in column and "?" not in column and column not in declared:
                said = f"no such column is declared under columns; {did_you_mean(column, declared)}"
                yield Fault(("rules", number, "column", place), said)
    for column in spec.importance:
        if column not in declared:
            yield Fault(
                ("importance", column), f"no such column is declared under columns; {did_you_mean(column, declared)}"
            )


def _known_segments(spec: ModelSpec) -> Iterator[Fault]:
    segments = spec.columns.segments
    for metric, threshold in spec.thresholds.items():
        for key in threshold.segments:
            if (said := _no_segment(key, segments)) is not None:
                yield Fault(("thresholds", metric, "segments", key), said)
    for number, rule in enumerate(spec.rules):
        for place, key in enumerate(rule.segment):
            if key != "*" and (said := _no_segment(key, segments)) is not None:
                yield Fault(("rules", number, "segment", place), said)


def _no_segment(key: str, segments: tuple[str, ...]) -> str | None:
    """What is wrong with a segment's name, if anything."""
    if any(key.startswith(f"{column}=") for column in segments):
        return None
    column, equals, _ = key.partition("=")
    near = nearest(column, segments)
    if not column or not equals:
        return "not a segment; write column=value, such as channel=web"
    if near is not None:
        return f"{quoted(column)} is not among columns.segments; did you mean {quoted(near)}?"
    return f"{quoted(column)} is not among columns.segments; add it there"


def _limits_say_something(spec: ModelSpec) -> Iterator[Fault]:
    for metric, threshold in spec.thresholds.items():
        for inside, limit in _limits(threshold):
            exceptions = isinstance(limit, Threshold) and (limit.columns or limit.segments)
            if not exceptions and limit.warning is None and limit.critical is None:
                yield Fault(("thresholds", metric, *inside), "sets no limit; write warning, critical or both")


def _importance_weighs(spec: ModelSpec) -> Iterator[Fault]:
    if spec.importance and not any(spec.importance.values()):
        yield Fault(("importance",), "every weight is 0, so the drift score would have no columns")


def _rules_make_sense(spec: ModelSpec) -> Iterator[Fault]:
    names: set[str] = set()
    for number, rule in enumerate(spec.rules):
        if rule.name in names:
            yield Fault(("rules", number, "name"), f"another rule is called {quoted(rule.name)}; name this one apart")
        names.add(rule.name)
        if rule.metric in TOTALS and rule.from_ is From.BASELINE:
            said = f"{rule.metric} grows with the window, and the baseline is another span; write last_week"
            yield Fault(("rules", number, "from"), said)


def _formerly_another(spec: ModelSpec) -> Iterator[Fault]:
    for number, name in enumerate(spec.formerly):
        if name == spec.model:
            yield Fault(("formerly", number), f"{quoted(name)} is the model's present name; remove it here")
        elif name in spec.formerly[:number]:
            yield Fault(("formerly", number), f"{quoted(name)} is listed twice")


def _sealed_counts(spec: ModelSpec) -> Iterator[Fault]:
    source, baseline = spec.source, spec.baseline
    if not isinstance(source, SealedSource):
        if isinstance(baseline, CountsBaseline):
            yield Fault(("baseline", "counts"), "counts are for a sealed source; write path, or from and to")
        return
    if baseline is not None and not isinstance(baseline, CountsBaseline):
        yield Fault(("baseline",), "nobody here can read rows of a sealed source; write {counts: reference.parquet}")
    if source.release == "scores" and baseline is not None:
        yield Fault(("baseline",), "scores are compared with the shares in the plan; remove it here")
    if source.release == "counts" and source.plan is None:
        yield Fault(("source", "plan"), "missing; without the plan, released counts mean nothing")
    if source.release == "counts" and baseline is None:
        yield Fault(("baseline",), "missing; write {counts: ...} with the file that `aimon sealed plan` wrote")
    for role in ("tokens", "cost"):
        if getattr(spec.columns, role) is not None:
            yield Fault(("columns", role), "sums do not fit a sealed count; remove it here")


def _sealed_joins(spec: ModelSpec) -> Iterator[Fault]:
    source = spec.source
    if not isinstance(source, SealedSource) or source.join is None:
        return
    if spec.task is not Task.BINARY or spec.columns.label is None:
        why = "labels are joined for binary models with a label; send those of others with their rows"
        yield Fault(("source", "join"), why)
        return
    known = [*spec.columns.protected, *sorted(intersections_of(spec))]
    for number, attribute in enumerate(source.join.attributes):
        if attribute not in known:
            said = f"{quoted(attribute)} is not protected; {did_you_mean(attribute, known, 'columns.protected has')}"
            yield Fault(("source", "join", "attributes", number), said)
        elif attribute in source.join.attributes[:number]:
            yield Fault(("source", "join", "attributes", number), f"{quoted(attribute)} is listed twice")


_RULES = (
    Rule(frozenset({"columns"}), _one_role_each),
    Rule(frozenset({"source", "baseline", "columns"}), _sealed_counts),
    Rule(frozenset({"source", "columns", "task"}), _sealed_joins),
    Rule(frozenset({"columns", "label_horizon", "label_positive"}), _labels_exist),
    Rule(frozenset({"task", "positive", "label_positive"}), _classes_exist),
    Rule(frozenset({"task", "columns"}), _answers_fit_the_task),
    Rule(frozenset({"columns", "thresholds", "rules", "importance"}), _known_columns),
    Rule(frozenset({"columns", "thresholds", "rules"}), _known_segments),
    Rule(frozenset({"rules"}), _rules_make_sense),
    Rule(frozenset({"thresholds"}), _limits_say_something),
    Rule(frozenset({"importance"}), _importance_weighs),
    Rule(frozenset({"formerly", "model"}), _formerly_another),
)
