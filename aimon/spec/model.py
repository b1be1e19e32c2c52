"""One monitored model, as its YAML file declares it. Shapes only: reading it and explaining mistakes is the loader's."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aimon.spec.duration import Duration

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
Scalar = bool | int | float | str


class Declared(BaseModel):
    """Base of everything written in YAML: immutable, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    path: str = Field(min_length=1)
    timezone: str = "UTC"


class CsvSource(Declared):
    """CSV files with a header: a file, a folder, a glob, or any fsspec URL of these."""

    kind: Literal["csv"]
    path: str = Field(min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    timezone: str = "UTC"


class SqlSource(Declared):
    """A table or a query of any database SQLAlchemy reaches; `$NAME` in the URL is taken from the environment."""

    kind: Literal["sql"]
    url: str = Field(min_length=1)
    table: str | None = None
    query: str | None = None
    timezone: str = "UTC"


class CollectorSource(Declared):
    """Predictions sent to the collector, read from its inbox."""

    kind: Literal["collector"]


Source = Annotated[ParquetSource | CsvSource | SqlSource | CollectorSource, Field(discriminator="kind")]


class Columns(Declared):
    """Which column of the data means what. Everything but the prediction may be left out."""

    prediction: str
    id: str | None = None
    timestamp: str | None = None
    score: str | None = None
    label: str | None = None
    features: tuple[str, ...] | dict[str, Kind] | None = None
    protected: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    latency: str | None = Field(default=None, description="seconds the model took to answer")
    error: str | None = Field(default=None, description="true, or a text, where the call failed")
    tokens: str | None = Field(default=None, description="tokens used by the call")
    cost: str | None = Field(default=None, description="cost of the call in US dollars")

    def declared(self) -> Iterator[tuple[str, str]]:
        """Every column named here with its role: ("label", "defaulted"), ..."""
        for role in ("id", "timestamp", "prediction", "score", "label", "latency", "error", "tokens", "cost"):
            column = getattr(self, role)
            if column is not None:
                yield role, column
        for role, several in (
            ("features", self.features or ()),
            ("protected", self.protected),
            ("segments", self.segments),
        ):
            for column in several:
                yield role, column


class PeriodBaseline(Declared):
    """The model's own days, both included, as the reference."""

    from_: date = Field(alias="from")
    to: date


class FileBaseline(Declared):
    """A file of reference rows, such as the training set."""

    path: str = Field(min_length=1)


class Limit(Declared):
    """Where a metric starts to be a warning and where it is critical."""

    warning: float | None = None
    critical: float | None = None


class Threshold(Limit):
    """A metric's limits, with exceptions by column and by segment (`channel=web`)."""

    columns: dict[str, Limit] = {}
    segments: dict[str, Limit] = {}


class ModelSpec(Declared):
    """Everything the product knows about one model before it has seen a row."""

    model: str = Field(pattern=NAME_PATTERN)
    version: str = "1"
    task: Task
    owner: str | None = None
    description: str | None = None
    source: Source | None = None
    columns: Columns
    positive: Scalar | tuple[Scalar, ...] | None = None
    label_positive: Scalar | tuple[Scalar, ...] | None = None
    label_horizon: Duration = timedelta(0)
    baseline: PeriodBaseline | FileBaseline | None = None
    thresholds: dict[str, Threshold] = {}
    importance: dict[str, Annotated[float, Field(ge=0)]] = {}
    formerly: tuple[str, ...] = ()
    retired: bool = False
