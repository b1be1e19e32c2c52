"""One monitored model, as its YAML file declares it. Shapes only: reading it and explaining mistakes lies elsewhere."""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    WithJsonSchema,
    model_validator,
)

from aimon.spec.channels import WebAddress
from aimon.spec.day import Day
from aimon.spec.declared import Declared, FiniteNumber, Flag
from aimon.spec.duration import Duration
from aimon.spec.ownmetrics import OwnMetric
from aimon.spec.sealed import SealedSource
from aimon.spec.spending import Budget, Price
from aimon.spec.timezone import Timezone
from aimon.spec.userrules import RuleSpec
from aimon.spec.wording import found, quoted

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
Scalar = bool | int | float | str


def check_name(name: str) -> str:
    """Let only names through that are safe as a folder, a partition key and a part of an address."""
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(
            f"{quoted(name)} is not a model name; use up to 100 letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit"
        )
    return name


def check_classes(value: Any) -> Any:
    """Let only a value, or a list of values, through; pydantic alone would explain each alternative."""
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    strange = next((item for item in items if not isinstance(item, Scalar)), None)
    if strange is not None or None in items or value in ([], ()):
        what = "an empty list" if value in ([], ()) else found(strange)
        raise ValueError(f"found {what}, expected a value or a list of values, such as 1 or [approve, refer]")
    return value


def check_url(url: str) -> str:
    """Let only what may be a database URL through; its parts, or all of it, may be `$NAME`."""
    if "://" not in url and not url.startswith("$"):
        raise ValueError("not a database URL; write, for example, postgresql://$USER:$PASSWORD@host/database")
    return url


def check_delimiter(delimiter: str) -> str:
    """Let only a character through that can part fields."""
    if delimiter in "\"'\r\n":
        raise ValueError(f"{quoted(delimiter)} cannot part fields; write a character such as ',', ';' or '|'")
    return delimiter


def _shape(value: Any) -> str | None:
    return "[list]" if isinstance(value, (list, tuple)) else "[mapping]" if isinstance(value, dict) else None


def _baseline_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        keys = {"from", "to", "path", "counts"} & value.keys()
        if keys <= {"from", "to"}:
            return "[period]" if keys else None
        return {"path": "[file]", "counts": "[counts]"}[keys.pop()] if len(keys) == 1 else None
    kinds = {"PeriodBaseline": "[period]", "FileBaseline": "[file]", "CountsBaseline": "[counts]"}
    return kinds.get(type(value).__name__)


ModelName = Annotated[str, AfterValidator(check_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})]
Column = Annotated[str, Field(min_length=1)]
Classes = Annotated[Scalar | tuple[Scalar, ...], BeforeValidator(check_classes)]


class Task(StrEnum):
    """What the model predicts."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    RANKING = "ranking"
    GENERATIVE = "generative"


class Kind(StrEnum):
    """How a column is counted."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"


class ParquetSource(Declared):
    """Parquet files: a file, a folder, a glob, or any fsspec URL of these."""

    kind: Literal["parquet"]
    path: str = Field(min_length=1, description="where the files are: a file, a folder, a glob or an fsspec URL")
    timezone: Timezone = Field(default="UTC", description="which zone timestamps without an offset are in")


class CsvSource(Declared):
    """CSV files with a header: a file, a folder, a glob, or any fsspec URL of these."""

    kind: Literal["csv"]
    path: str = Field(min_length=1, description="where the files are: a file, a folder, a glob or an fsspec URL")
    delimiter: Annotated[str, AfterValidator(check_delimiter)] = Field(
        default=",", min_length=1, max_length=1, description="which character parts the fields"
    )
    timezone: Timezone = Field(default="UTC", description="which zone timestamps without an offset are in")


class SqlSource(Declared):
    """A table or a query of any database SQLAlchemy reaches; `$NAME` in the URL is taken from the environment."""

    kind: Literal["sql"]
    url: Annotated[str, AfterValidator(check_url)] = Field(
        min_length=1, description="where the database is, as an SQLAlchemy URL", repr=False
    )
    table: str | None = Field(default=None, min_length=1, description="which table or view holds the predictions")
    query: str | None = Field(default=None, min_length=1, description="which SELECT gives the predictions")
    timezone: Timezone = Field(default="UTC", description="which zone timestamps without an offset are in")
    late_days: Annotated[int, Field(strict=True, ge=0, le=30)] = Field(
        default=3, description="of how many past days the rows are counted every five minutes to see late ones; 0: none"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.table is None) == (self.query is None):
            many = "both table and query are written" if self.table else "neither table nor query is written"
            raise ValueError(f"{many}; write one of them")
        return self


class CollectorSource(Declared):
    """Predictions sent to the collector, read from its inbox."""

    kind: Literal["collector"]


Source = Annotated[ParquetSource | CsvSource | SqlSource | CollectorSource | SealedSource, Field(discriminator="kind")]
Features = Annotated[
    Annotated[tuple[Column, ...], Tag("[list]")] | Annotated[dict[Column, Kind], Tag("[mapping]")],
    Discriminator(
        _shape,
        custom_error_type="features",
        custom_error_message="expected a list of columns, such as [income, age], or a mapping of columns to kinds",
    ),
]


SINGLE_ROLES = (
    "id", "timestamp", "prediction", "score", "label", "lower", "upper", "latency", "error", "tokens", "cost", "query",
    "judge",
)  # fmt: skip
"""Roles that one column has; the others are lists or mappings of columns."""


def _unsaid(value: Any) -> bool:
    """Whether a key was left out. Keys of a later version stay out of what a declaration is known by until written."""
    return value is None


class Columns(Declared):
    """Which column of the data means what. Everything but the prediction may be left out."""

    prediction: Column = Field(description="which column holds the model's answer")
    id: Column | None = Field(default=None, description="which column names the row, to match late labels with it")
    timestamp: Column | None = Field(default=None, description="which column holds the instant of the prediction")
    score: Column | None = Field(default=None, description="which column holds the probability or confidence")
    label: Column | None = Field(default=None, description="which column holds what turned out to be true")
    class_scores: dict[Column, Column] | None = Field(
        default=None,
        exclude_if=_unsaid,
        description="which column holds the probability of each class, as a mapping of classes to columns",
    )
    lower: Column | None = Field(
        default=None, exclude_if=_unsaid, description="which column holds the lower end of the prediction's interval"
    )
    upper: Column | None = Field(
        default=None, exclude_if=_unsaid, description="which column holds the upper end of the prediction's interval"
    )
    features: Features | None = Field(
        default=None, description="which columns the model reads, as a list or with their kinds; default: every other"
    )
    protected: tuple[Column, ...] = Field(default=(), description="which columns are protected attributes of people")
    segments: tuple[Column, ...] = Field(default=(), description="which columns part the rows into segments")
    latency: Column | None = Field(default=None, description="which column holds the seconds the model took to answer")
    error: Column | None = Field(default=None, description="which column is true, or a text, where the call failed")
    tokens: Column | None = Field(default=None, description="which column holds the tokens used by the call")
    cost: Column | None = Field(default=None, description="which column holds the cost of the call in US dollars")
    query: Column | None = Field(default=None, description="which column names the query that a ranked row answers")
    judge: Column | None = Field(default=None, description="which column holds the mark that a judging model gave")

    def declared(self) -> Iterator[tuple[str, str]]:
        """Every column named here with its role: ("label", "defaulted"), ..."""
        for role in SINGLE_ROLES:
            column = getattr(self, role)
            if column is not None:
                yield role, column
        for role, several in (
            ("class_scores", (self.class_scores or {}).values()),
            ("features", self.features or ()),
            ("protected", self.protected),
            ("segments", self.segments),
        ):
            for column in several:
                yield role, column


class PeriodBaseline(Declared):
    """The model's own days, both included, as the reference."""

    from_: Day = Field(alias="from", description="which day is the first of the reference")
    to: Day = Field(description="which day is the last of the reference")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ > self.to:
            raise ValueError(f"from {self.from_} is after to {self.to}; swap them")
        return self


class FileBaseline(Declared):
    """A file of reference rows, such as the training set."""

    path: str = Field(min_length=1, description="where the reference rows are: a Parquet or CSV file")


class CountsBaseline(Declared):
    """Counts of reference rows on a sealed model's grid."""

    counts: str = Field(min_length=1, description="where the counts are that `aimon sealed plan` wrote")


Baseline = Annotated[
    Annotated[PeriodBaseline, Tag("[period]")]
    | Annotated[FileBaseline, Tag("[file]")]
    | Annotated[CountsBaseline, Tag("[counts]")],
    Discriminator(
        _baseline_kind,
        custom_error_type="baseline",
        custom_error_message="expected {{from: 2026-09-01, to: 2026-09-30}} or {{path: train.parquet}}",
    ),
]


class Limit(Declared):
    """Where a metric starts to be a warning and where it is critical."""

    warning: FiniteNumber | None = Field(default=None, description="which value a warning lies beyond")
    critical: FiniteNumber | None = Field(default=None, description="which value a critical finding lies beyond")


class Threshold(Limit):
    """A metric's limits, with exceptions by column and by segment (`channel=web`)."""

    columns: dict[Column, Limit] = Field(default={}, description="which columns have limits of their own")
    segments: dict[str, Limit] = Field(default={}, description="which segments have limits of their own")


class OwnLimits(Declared):
    """Limits from the model's own past, beside the fixed ones."""

    method: Literal["seasonal", "deviation", "block_bootstrap"] = Field(
        default="seasonal",
        description="how past values make a band: seasonal knows weekdays, block_bootstrap slow series",
    )
    days: Annotated[int, Field(strict=True, ge=14, le=366)] = Field(
        default=28, description="how many of the baseline's first judged days are the past"
    )
    deviations: Annotated[FiniteNumber, Field(ge=1, le=10)] = Field(
        default=4.0, description="how many standard deviations from usual is unusual"
    )


class ModelSpec(Declared):
    """Everything the product knows about one model before it has seen a row."""

    model: ModelName = Field(description="how the model is called, in letters, digits, '.', '_' and '-'")
    version: str = Field(default="1", min_length=1, max_length=100, description="which version is deployed")
    task: Task = Field(description="what the model predicts: binary, multiclass, regression, ranking or generative")
    owner: str | None = Field(default=None, description="who answers for the model")
    description: str | None = Field(default=None, description="what the model is for")
    tags: dict[str, str] = Field(default={}, description="what tells it apart in a fleet, such as {tier: gold}")
    runbook: WebAddress | None = Field(default=None, description="which page says what to do when it is in trouble")
    source: Source | None = Field(default=None, description="where the predictions come from")
    columns: Columns = Field(description="which column of the data means what")
    positive: Classes | None = Field(default=None, description="which predictions mean selected: a value or a list")
    label_positive: Classes | None = Field(
        default=None, description="which labels mean that it came true: a value or a list; default: as positive"
    )
    label_horizon: Duration = Field(
        default=timedelta(0), description="how long after its timestamp a row's label is final, such as 30d"
    )
    baseline: Baseline | None = Field(default=None, description="what the model is compared with")
    thresholds: dict[str, Threshold] = Field(default={}, description="which metrics have limits of their own")
    rules: tuple[RuleSpec, ...] = Field(default=(), description="which rules of your own are findings too")
    metrics: tuple[OwnMetric, ...] = Field(default=(), description="which metrics of your own are made of others")
    own_limits: OwnLimits | None = Field(
        default=None, description="which limits come from the model's own past, beside the fixed ones"
    )
    importance: dict[Column, Annotated[FiniteNumber, Field(ge=0)]] = Field(
        default={}, description="how much each column weighs in the drift score"
    )
    prices: tuple[Price, ...] = Field(default=(), description="what tokens cost, from which day on")
    budget: Budget = Field(default=Budget(), description="how much the model's calls may cost")
    holidays: tuple[Day, ...] = Field(default=(), description="which days are unlike their weekday, and known to be")
    formerly: tuple[ModelName, ...] = Field(default=(), description="which names the model had before")
    retired: Flag = Field(default=False, description="whether the model is out of service; its history stays")

    _name: str | None = PrivateAttr(None)

    @property
    def name(self) -> str:
        """How people call the model now. `model` is the name its history lies under, once that is known."""
        return self._name or self.model

    def keyed(self, key: str) -> Self:
        """The declaration under the name of its history."""
        copy = self.model_copy(update={"model": key, "columns": self._columns_as_kept()})
        copy._name = self.model  # noqa: SLF001 - its own
        return copy

    def _columns_as_kept(self) -> Columns:
        """What the collector takes has an id and an instant, also where the file names no columns for them."""
        if not isinstance(self.source, CollectorSource):
            return self.columns
        taken = {column for _, column in self.columns.declared()}
        unnamed = {role for role in ("id", "timestamp") if getattr(self.columns, role) is None} - taken
        return self.columns.model_copy(update={role: role for role in unnamed})
