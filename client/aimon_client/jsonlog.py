"""Log records as lines of JSON. In: the records of `logging`. Out: one object a line, in UTC."""

import json
import logging

from aimon_client.client import rfc3339

EXTRA = ("model", "kind")


class JsonFormatter(logging.Formatter):
    """For a handler of the logger `aimon_client`."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "timestamp": rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
