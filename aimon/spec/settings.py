"""The platform's own settings: `aimon.yaml`, each key overridable by an `AIMON_` variable."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from aimon.spec.calendar import Calendar
from aimon.spec.channels import ChannelSpec, WebAddress
from aimon.spec.declared import Declared
from aimon.spec.duration import Duration
from aimon.spec.fleetrules import FleetRule
from aimon.spec.oidc import OidcSpec
from aimon.spec.routes import ChannelName, NoticeRules, RouteSpec, SilenceSpec
from aimon.spec.wording import quoted

DATABASES = ("sqlite", "postgresql", "postgres")
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]")


def _at_least_a_day(span: timedelta) -> timedelta:
    if span < timedelta(days=1):
        raise ValueError("a day is the least that can be kept; write 1d or more")
    return span


def _literal(text: str) -> str:
    if _VARIABLE.search(text):
        raise ValueError("$NAME is not replaced in aimon.yaml; set the key's own AIMON_ variable instead")
    return text


def _known_database(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in DATABASES or not rest.strip("/"):
        what = f"the database {quoted(f'{scheme}://')} is not supported" if separator and rest else "not a database URL"
        raise ValueError(f"{what}; write sqlite:///storage/aimon.db or postgresql://user@host/name")
    return url


Literally = Annotated[str, Field(min_length=1), AfterValidator(_literal)]
Kept = Annotated[Duration, AfterValidator(_at_least_a_day)]


class Retention(Declared):
    """How long each kind of data is kept."""

    predictions: Kept = Field(default=timedelta(days=90), description="how long raw rows are kept")
    samples: Kept = Field(default=timedelta(days=90), description="how long the sample of a day's rows is kept")
    profiles: Kept = Field(default=timedelta(days=730), description="how long the counts of a day are kept")
    records: Kept = Field(default=timedelta(days=730), description="how long metrics and their verdicts are kept")
    reports: Kept = Field(default=timedelta(days=365), description="how long rendered reports are kept")
    application_logs: Kept = Field(
        default=timedelta(days=30), description="how long the log of what requests did is kept"
    )
    privacy_logs: Kept = Field(
        default=timedelta(days=7), description="how long the log of what was taken out of texts is kept"
    )
    system_logs: Kept = Field(
        default=timedelta(days=90), description="how long the log of the server and its libraries is kept"
    )


class AuditSettings(Declared):
    """Where the proof of the audit log is kept."""

    anchor: Literally = Field(
        default="storage/audit.anchor", description="which file outside the database the audit log is anchored in"
    )


class Settings(Declared):
    """One object for the whole process; built once by `load_project`."""

    root: Path = Field(default=Path(), description="the folder of aimon.yaml; relative paths start here", exclude=True)
    models: Literally = Field(default="models", description="which folder holds the model files")
    lake_url: Literally = Field(
        default="storage/lake", description="which folder or fsspec URL holds the daily partitions"
    )
    database_url: Annotated[Literally, AfterValidator(_known_database)] = Field(
        default="sqlite:///storage/aimon.db",
        description="which database holds the platform's state, as an SQLAlchemy URL",
        repr=False,
    )
    dagster_url: WebAddress | None = Field(
        default=None, description="which address people reach Dagster's pages at, for links to runs and assets"
    )
    outbox: Literally = Field(default="storage/outbox", description="which folder the file channel writes notices to")
    logs: Literally = Field(
        default="storage/logs", description="which folder the service writes its logs to, beside stderr"
    )
    encrypt_rows: bool = Field(
        default=False, description="whether what holds rows is encrypted where it lies, from now on"
    )
    audit: AuditSettings = Field(default=AuditSettings(), description="where the proof of the audit log is kept")
    oidc: OidcSpec | None = Field(default=None, description="which provider people log in by; default: passwords only")
    retention: Retention = Field(default=Retention(), description="how long each kind of data is kept")
    channels: dict[ChannelName, ChannelSpec] = Field(default={}, description="which ways there are to reach people")
    rules: tuple[FleetRule, ...] = Field(
        default=(), description="which rules hold for all models, or for those that fit, beside the models' own"
    )
    calendars: dict[ChannelName, Calendar] = Field(default={}, description="which hours routes may speak of, by name")
    routes: tuple[RouteSpec, ...] = Field(default=(), description="which notices go where; default: by severity")
    silences: tuple[SilenceSpec, ...] = Field(default=(), description="which notices are held back, and until when")
    notices: NoticeRules = Field(default=NoticeRules(), description="what holds for all notices")

    @property
    def models_folder(self) -> Path:
        """The folder of the model files."""
        return self.root / self.models

    @property
    def outbox_folder(self) -> Path:
        """The folder of the notices."""
        return self.root / self.outbox

    @property
    def logs_folder(self) -> Path:
        """Where the service's logs lie."""
        return self.root / self.logs

    @property
    def lake_location(self) -> str:
        """The lake's URL, or its folder seen from the project."""
        return self.lake_url if "://" in self.lake_url else str(self.root / self.lake_url)
