"""The log of the service: one JSON object a line on stderr, ours and the web server's alike."""

import logging
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from aimon.clock import now
from aimon.service.tracing import request_id


def configure_logs(level: int = logging.INFO) -> None:
    """Send every record of this process to stderr as JSON."""
    shared = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _stamped]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=_dumped),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.setdefault("request_id", request_id())
    event["at"] = now().isoformat(timespec="milliseconds")
    return event


def _dumped(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
