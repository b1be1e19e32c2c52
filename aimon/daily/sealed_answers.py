"""What the owner of the key hands back for a day's sum: counts, verdicts, or word that it is withheld.

In: an answer as JSON. Out: it is checked against the sum and the model's file, kept in the lake, noted with the sum.
"""

from datetime import date
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from aimon.daily.judging import Judged
from aimon.daily.window import NAMES
from aimon.errors import SealedError
from aimon.metrics.metric import Family
from aimon.metrics.registry import METRICS
from aimon.platform import Platform
from aimon.profile.profile import Profile
from aimon.profile.stored import from_bytes
from aimon.sealed.layout import Layout
from aimon.sealed.reference import model_plan
from aimon.sealed.sums import day_sum
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store import sealed
from aimon.store.sealed import StoredSum
from aimon.store.store import Store
from aimon.verdict.record import Maturity, Record, Verdict

MOST_RECORDS = 50_000
LARGEST = 2**53


class Answer(BaseModel):
    """An owner's answer. `sigma` is the standard deviation of the noise in each count; 0 where there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    manifest_id: str = Field(pattern=r"^[0-9a-f]{64}(-[0-9a-f]{64})?$", examples=["5a" * 32])
    release: Literal["counts", "verdicts", "scores", "withheld"]
    as_of: AwareDatetime = Field(examples=["2026-11-20T06:00:00Z"])
    sigma: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    counts: bytes | None = None
    records: tuple[dict[str, Any], ...] = Field(default=(), max_length=MOST_RECORDS)
    reason: str | None = Field(default=None, min_length=1, max_length=1000)
    baseline_id: str | None = Field(default=None, max_length=100)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        told = "scores" if self.release == "scores" else "verdicts"
        held = {"counts": self.counts is not None, told: bool(self.records), "withheld": self.reason is not None}
        if [name for name, there in held.items() if there] != [self.release]:
            raise ValueError(f"an answer of {self.release} holds that and nothing else")
        return self

    def profile(self) -> Profile:
        """The counts that were handed back."""
        if self.counts is None:
            raise SealedError(f"the owner handed back {self.release}, no counts")
        try:
            return from_bytes(self.counts).profile()
        except (pa.ArrowException, ValueError, KeyError, TypeError, IndexError) as error:
            raise SealedError("the counts that were handed back cannot be read; send them as the agent does") from error

    def judged(self) -> list[Judged]:
        """The records that were handed back, in their order."""
        return [_judged(place, each) for place, each in enumerate(self.records)]


def read_answer(content: bytes) -> Answer:
    """The answer of a request's bytes, or SealedError."""
    try:
        return Answer.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the answer"
        raise SealedError(f"{place}: {fault['msg']}") from error


def keep_answer(platform: Platform, spec: ModelSpec, day: date, answer: Answer, by: str, store: Store) -> bool:
    """Check the answer, keep it, and note it with the day's sum; False where the sum has one already.

    `store` is where it is noted, with whatever else belongs to that act.
    """
    stored = day_sum(platform.store, spec.model, day)
    check_answer(platform, spec, stored, answer)
    with store.transaction() as connection:
        is_new = sealed.answered(
            connection,
            spec.model,
            day,
            answer.manifest_id,
            answer=answer.release,
            answered_by=by,
            sigma=answer.sigma,
            reason=answer.reason,
        )
        if is_new:
            key = answer_key(spec.model, day, answer.manifest_id)
            platform.lake.write_bytes(key, answer.model_dump_json().encode())
    return is_new


def check_answer(platform: Platform, spec: ModelSpec, stored: StoredSum, answer: Answer) -> None:
    """SealedError where the answer is not what the model's file asks for, or cannot be of the sum."""
    source = spec.source
    if not isinstance(source, SealedSource):
        raise SealedError(f"{spec.name} has no sealed source")
    if answer.release not in (source.release, "withheld"):
        raise SealedError(
            f"{spec.name} is declared with release: {source.release}, and {answer.release} were handed back; owner and "
            "server must declare the same"
        )
    if answer.release == "counts":
        check_counts(model_plan(platform.root, spec).layout, answer.profile(), stored, answer.sigma)
    if answer.release in ("verdicts", "scores"):
        answer.judged()


def check_counts(layout: Layout, profile: Profile, stored: StoredSum, sigma: float) -> None:
    """SealedError where the counts are not on the plan's grid, or are no counts of so many rows."""
    if profile.grid_id != layout.grid.id:
        raise SealedError(f"the counts are on grid {profile.grid_id}, and the plan is for grid {layout.grid.id}")
    shapes = {entry.key: entry.shape for entry in layout.entries}
    for key, counts in profile.tables.items():
        if shapes.get(key) != counts.shape:
            raise SealedError(f"the plan has no table {key.table} of such a size")
        if counts.min(initial=0) < 0 or np.abs(counts).max(initial=0) > LARGEST:
            raise SealedError(f"{key.table} holds numbers that are no counts")
    if not sigma and profile.rows != stored.rows:
        raise SealedError(f"the counts are of {profile.rows} rows, and the sum is of {stored.rows}")


def answer_of(platform: Platform, stored: StoredSum) -> Answer:
    """The answer that was kept for a sum that has one."""
    return read_answer(platform.lake.read_bytes(answer_key(stored.model, stored.day, stored.manifest_id)))


def as_told(judged: Judged) -> dict[str, Any]:
    """A record with its window, as an answer holds it."""
    return {"window": judged.window, **judged.record.as_json()}


def _judged(place: int, told: dict[str, Any]) -> Judged:
    """The record of an answer. A key that no record has, or a word that we do not know, is refused."""
    values = dict(told)
    try:
        window = values.pop("window")
        pairs = {name: _tuples(values[name]) for name in ("column", "group", "groups") if name in values}
        maturity = values.get("maturity")
        record = Record(
            **values
            | pairs
            | {
                "family": Family(values["family"]),
                "verdict": Verdict(values["verdict"]),
                "maturity": None if maturity is None else Maturity(maturity),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SealedError(f"record {place} of the answer is none: {error}") from error
    if window not in NAMES or record.metric not in METRICS:
        raise SealedError(f"record {place} of the answer is of no window or metric that there is")
    return Judged(window, record)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


def answer_key(model: str, day: date, manifest_id: str) -> str:
    """Where the lake has the answer."""
    return f"sealed/model={model}/date={day.isoformat()}/answers/{manifest_id}.json"
