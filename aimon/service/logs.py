"""The log of the service: one JSON object a line, ours and the web server's alike, each in its category.

`application` is what requests did, `privacy` what was taken out of texts, `system` what the server itself says.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from aimon.clock import now
from aimon.govern.kinds import LogKind
from aimon.service.logbook import Logbook
from aimon.service.tracing import request_id

PRIVACY = "aimon.privacy"
"""The part whose lines are about personal data; never the data."""


def configure_logs(folder: Path | None = None, level: int = logging.INFO) -> Logbook:
    """Send every record of this process to stderr and the folder as JSON; whoever configured it closes the book."""
    book = Logbook(folder, sys.stderr.buffer)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _stamped,
            structlog.processors.format_exc_info,
            _kept,
        ],
        logger_factory=lambda *_: _Lines(book),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = _Records(book)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    return book


class _Lines:
    """What structlog hands its finished lines to, whatever their level."""

    def __init__(self, book: Logbook) -> None:
        self._book = book

    def _take(self, kind: LogKind, line: bytes, urgent: bool) -> None:
        self._book.write(kind, line, urgent=urgent)

    debug = info = warning = error = critical = exception = _take


class _Records(logging.Handler):
    """Records of other libraries, in the same shape."""

    def __init__(self, book: Logbook) -> None:
        super().__init__()
        self._book = book

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record."""
        event: EventDict = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            event["exception"] = logging.Formatter().formatException(record.exc_info)
        line = orjson.dumps(_stamped(None, "", event), default=str)
        self._book.write(LogKind.SYSTEM, line, urgent=record.levelno >= logging.ERROR)


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.setdefault("request_id", request_id())
    event["at"] = now().isoformat(timespec="milliseconds")
    return event


def _kept(_: WrappedLogger, __: str, event: EventDict) -> tuple[tuple[LogKind, bytes, bool], dict[str, Any]]:
    """The category, the line, and whether it must not wait."""
    kind = LogKind.PRIVACY if event.get("part") == PRIVACY else LogKind.APPLICATION
    return (kind, orjson.dumps(event, default=str), event["level"] in ("error", "critical")), {}
