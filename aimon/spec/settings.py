"""The platform's own settings: `aimon.yaml`, each key overridable by an `AIMON_` variable."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from aimon.spec.duration import Duration
from aimon.spec.model import Declared


class Retention(Declared):
    """How long each kind of data is kept."""

    predictions: Duration = timedelta(days=90)
    profiles: Duration = timedelta(days=730)
    records: Duration = timedelta(days=730)
    reports: Duration = timedelta(days=365)


class Settings(BaseSettings):
    """One object for the whole process; built once by `load_project`."""

    model_config = SettingsConfigDict(env_prefix="AIMON_", env_nested_delimiter="__", extra="forbid", frozen=True)

    root: Path = Field(default=Path(), description="the folder of aimon.yaml; relative paths start here", exclude=True)
    models: str = Field(default="models", description="folder of the model files")
    lake_url: str = Field(default="storage/lake", description="folder or fsspec URL of the daily partitions")
    database_url: str = Field(
        default="sqlite:///storage/aimon.db", description="SQLAlchemy URL of the operations database"
    )
    retention: Retention = Retention()
