"""A sealed source, as a model file declares it: which key and layout, and what its owner releases."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from aimon.spec.declared import Declared, FiniteNumber
from aimon.spec.wording import quoted

PATTERN = r"^[0-9a-f]{16}$"
SIGNING = r"^[0-9a-f]{64}$"
LEAST_ROWS = 50


def check_id(text: str) -> str:
    """Let only ids through, not the names of files."""
    if re.fullmatch(PATTERN, text) is None:
        raise ValueError(f"{quoted(text)} is no id; write the 16 digits and letters that `aimon sealed` printed")
    return text


Id = Annotated[str, AfterValidator(check_id), WithJsonSchema({"type": "string", "pattern": PATTERN})]


def check_key(text: str) -> str:
    """Let only keys through that a host may sign with."""
    if re.fullmatch(SIGNING, text) is None:
        raise ValueError(f"{quoted(text)} is no sender's key; write the 64 digits and letters of `aimon sealed sender`")
    return text


SigningKey = Annotated[str, AfterValidator(check_key), WithJsonSchema({"type": "string", "pattern": SIGNING})]


class NoiseBudget(Declared):
    """Noise in every released count: at most `epsilon` at `delta` for one row, over all releases together."""

    epsilon: Annotated[FiniteNumber, Field(gt=0)] = Field(description="how much all releases may tell of one row")
    delta: Annotated[FiniteNumber, Field(gt=0, lt=1)] = Field(description="how likely that may fail, such as 0.000001")
    releases: Annotated[int, Field(strict=True, ge=1)] = Field(description="over how many releases it is spread")


class JoinedLabels(Declared):
    """Labels that come later, or from somebody else: sealed record by record, and joined by the server unread."""

    key: Id = Field(description="which key records and labels are sealed with: `aimon sealed keygen --labels`")
    layout: Id = Field(description="which layout they are sealed on: the id that `aimon sealed plan` prints")
    attributes: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, description="the protected attributes whose groups are told apart; `sex*age` for two together"
    )


class SealedSource(Declared):
    """Counts that hosts encrypted: the server adds them, and only the owner of the key can open a sum."""

    kind: Literal["sealed"]
    key: Id = Field(description="which key hosts seal with: the id that `aimon sealed keygen` prints")
    layout: Id = Field(description="which layout they seal on: the id that `aimon sealed plan` prints")
    release: Literal["counts", "verdicts", "scores"] = Field(
        default="verdicts",
        description="what the owner hands back: verdicts alone, or the counts they come from; with scores, drift is "
        "scored by the server unread, and the owner sees scores only",
    )
    plan: str | None = Field(
        default=None, min_length=1, description="where the plan is; the owner needs it, and a server that gets counts"
    )
    evaluation: str | None = Field(
        default=None, min_length=1, description="where the evaluation key is; a server that scores needs it"
    )
    senders: dict[str, SigningKey] = Field(
        default={},
        description="which hosts may send: the name and `aimon sealed sender` key of each; default: any",
    )
    least_rows: Annotated[int, Field(strict=True, ge=2)] = Field(
        default=LEAST_ROWS, description="how many rows a release has at least, and two of them differ by"
    )
    budget: NoiseBudget | None = Field(
        default=None, description="which noise the owner adds, and how much privacy it may cost; default: none"
    )
    join: JoinedLabels | None = Field(
        default=None, description="labels that come apart from the counts, and how they are joined; default: none"
    )
    trend: Annotated[int, Field(strict=True, ge=3, le=31)] | None = Field(
        default=None, description="over how many days a line through the daily counts is fitted; default: none"
    )

    @model_validator(mode="after")
    def _trends_are_exact(self) -> Self:
        if self.trend is not None and (self.release != "verdicts" or self.budget is not None):
            raise ValueError(
                "a trend is for release: verdicts without a budget, as its line has no noise; leave it out"
            )
        return self

    @model_validator(mode="after")
    def _scores_stand_alone(self) -> Self:
        if self.release != "scores":
            if self.evaluation is not None:
                raise ValueError("an evaluation key is for release: scores; leave it out")
            return self
        if self.plan is None:
            raise ValueError("plan is missing; scores are made by the plan of `aimon sealed plan --scores`")
        if self.join is not None or self.budget is not None:
            raise ValueError("scores have neither labels nor noise; leave out join and budget")
        return self
