"""Logs: JSON lines that carry ids and codes only, never personal data.

Our own messages are written for that and pass. Of all others (Radicale logs card lines and hrefs, drivers log
statements) only level, logger, place and the class of the exception remain.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

#: Loggers whose messages hold no data of requests or contacts.
TRUSTED = ("radicale_propmgmt", "storage_plugin", "auth_plugin", "rights_plugin", "_granian")


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one record."""
        line: dict[str, Any] = {
            "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if _is_trusted(record.name):
            line["event"] = record.getMessage()
        else:
            line["place"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _location(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True)


def _is_trusted(name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in TRUSTED)


def _location(traceback: Any) -> str:
    """Name the innermost frame; messages of parsers and drivers quote what they were given, so they stay out."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "" if traceback is None else f"{traceback.tb_frame.f_code.co_name}:{traceback.tb_lineno}"


def configure_logging(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs to standard error as JSON lines; foreign loggers speak from WARNING on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in TRUSTED:
        logging.getLogger(name).setLevel("ERROR" if name == "_granian" else level.upper())
    radicale = logging.getLogger("radicale")
    radicale.handlers.clear()
    radicale.propagate = True
    radicale.setLevel(logging.ERROR)


def granian_logging() -> dict[str, Any]:
    """Return the dictConfig that lets granian's own lines pass through our handler."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "loggers": {"_granian": {"handlers": ["json"], "level": "ERROR", "propagate": False}},
    }
