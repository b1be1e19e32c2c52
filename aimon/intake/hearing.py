"""What is said of predictions later. In: JSON rows. Out: labels and feedback to keep, and the rows that are refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aimon import clock
from aimon.intake import checks
from aimon.intake.checks import RefusedError, fit
from aimon.intake.delivery import Refused
from aimon.spec.model import ModelSpec
from aimon.store.words import Feedback, Label

KINDS = ("review", "dispute", "sample")
AHEAD = timedelta(hours=24)


@dataclass(slots=True)
class Heard:
    """The words of a request."""

    labels: list[Label] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def hear_labels(lines: Iterable[Any], models: Mapping[str, ModelSpec], source: str) -> Heard:
    """Read labels; `source` is who says so where a row does not."""
    heard = Heard()

    def label(line: dict[str, Any], about: dict[str, Any]) -> None:
        heard.labels.append(Label(**about, label=fit("label", checks.single, line.get("label"))))

    return _hear(lines, models, source, heard, label)


def hear_feedback(lines: Iterable[Any], models: Mapping[str, ModelSpec], source: str) -> Heard:
    """Read feedback."""
    heard = Heard()

    def feedback(line: dict[str, Any], about: dict[str, Any]) -> None:
        correct = bool(fit("correct", checks.boolean, line.get("correct")))
        heard.feedback.append(Feedback(**about, correct=correct, kind=fit("kind", _kind, line.get("kind", "review"))))

    return _hear(lines, models, source, heard, feedback)


def _hear(
    lines: Iterable[Any],
    models: Mapping[str, ModelSpec],
    source: str,
    heard: Heard,
    keep: Callable[[dict[str, Any], dict[str, Any]], None],
) -> Heard:
    now = clock.now()
    for index, line in enumerate(lines):
        try:
            if type(line) is not dict:
                raise line if isinstance(line, RefusedError) else RefusedError(None, "expected a JSON object")
            keep(line, _about(line, models, source, now))
        except RefusedError as error:
            heard.refused.append(Refused(index, error.field, error.reason))
    return heard


def _about(line: dict[str, Any], models: Mapping[str, ModelSpec], source: str, now: datetime) -> dict[str, Any]:
    """Which prediction a row is about, who says so and when."""
    model = line.get("model")
    if type(model) is not str or model not in models:
        raise RefusedError("model", "is missing" if model is None else "no model of this name is declared")
    said = line.get("timestamp")
    at = now if said is None else checks.EPOCH + fit("timestamp", checks.instant, said) * checks.MICROSECOND
    if at > now + AHEAD:
        raise RefusedError("timestamp", "is more than 24 hours ahead; is the sender's clock right?")
    return {
        "model": models[model].model,
        "id": fit("id", checks.name, line.get("id")),
        "source": fit("source", checks.name, line.get("source", source)),
        "timestamp": at,
    }


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise checks.UnfitError(f"expected {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    return str(value)
