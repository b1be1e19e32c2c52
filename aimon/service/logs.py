"""The log of the service: one JSON object a line on stderr, ours and the web server's alike."""

import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from aimon.clock import now
from aimon.service.tracing import request_id


def configure_logs(level: int = logging.INFO) -> None:
    """Send every record of this process to stderr as JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _stamped,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumped),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Json())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


class _Json(logging.Formatter):
    """Records of other libraries, in the same shape."""

    def format(self, record: logging.LogRecord) -> str:
        event: EventDict = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _dumped(_stamped(None, "", event)).decode()


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.setdefault("request_id", request_id())
    event["at"] = now().isoformat(timespec="milliseconds")
    return event


def _dumped(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
