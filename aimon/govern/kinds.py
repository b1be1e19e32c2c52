"""The kinds of data that retention knows, and which setting says how long each is kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from aimon.clock import day_end
from aimon.spec.duration import format_duration
from aimon.spec.settings import Retention


class Kind(StrEnum):
    """What is deleted: rows and what holds rows, counts, results, pages, logs."""

    PREDICTIONS = "predictions"
    QUARANTINE = "quarantine"
    SAMPLES = "samples"
    INBOX = "inbox"
    LABELS = "labels"
    FEEDBACK = "feedback"
    USAGE = "usage"
    FOUND_PII = "found_pii"
    PROFILES = "profiles"
    RECORDS = "records"
    REPORTS = "reports"
    VALIDATION = "validation"
    SEALED = "sealed"
    APPLICATION_LOGS = "application_logs"
    PRIVACY_LOGS = "privacy_logs"
    SYSTEM_LOGS = "system_logs"


class LogKind(StrEnum):
    """The categories of log lines; each has a folder of its name, with a file a day."""

    APPLICATION = "application"
    PRIVACY = "privacy"
    SYSTEM = "system"


SETTING = {
    Kind.PREDICTIONS: "predictions",
    Kind.QUARANTINE: "predictions",
    Kind.SAMPLES: "samples",
    Kind.INBOX: "predictions",
    Kind.LABELS: "predictions",
    Kind.FEEDBACK: "predictions",
    Kind.USAGE: "records",
    Kind.FOUND_PII: "records",
    Kind.PROFILES: "profiles",
    Kind.RECORDS: "records",
    Kind.REPORTS: "reports",
    Kind.VALIDATION: "reports",
    Kind.SEALED: "predictions",
    Kind.APPLICATION_LOGS: "application_logs",
    Kind.PRIVACY_LOGS: "privacy_logs",
    Kind.SYSTEM_LOGS: "system_logs",
}
LOGS = {
    Kind.APPLICATION_LOGS: LogKind.APPLICATION,
    Kind.PRIVACY_LOGS: LogKind.PRIVACY,
    Kind.SYSTEM_LOGS: LogKind.SYSTEM,
}
ARTIFACTS = (Kind.QUARANTINE, Kind.SAMPLES, Kind.PROFILES, Kind.REPORTS, Kind.VALIDATION, Kind.SEALED)
"""The kinds that lie in the lake by model and day, each in the folder of its name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one kind is kept, as of an instant."""

    setting: str
    span: timedelta
    now: datetime

    def is_over(self, day: date) -> bool:
        """Whether even the day's last row has been kept as long as it may be.

        >>> from aimon.clock import instant
        >>> rule = Rule("predictions", timedelta(days=90), instant("2026-11-20T00:00:00Z"))
        >>> rule.is_over(date(2026, 8, 21)), rule.is_over(date(2026, 8, 22))
        (True, False)
        """
        return day_end(day) + self.span <= self.now

    @property
    def before(self) -> date:
        """The first day that is still kept."""
        return (self.now - self.span).date()

    def __str__(self) -> str:
        return f"retention.{self.setting} is {format_duration(self.span)}"


def rules(policy: Retention, now: datetime) -> dict[Kind, Rule]:
    """The rule of each kind."""
    return {kind: Rule(setting, getattr(policy, setting), now) for kind, setting in SETTING.items()}
