"""Log lines as JSON, one object a line, with nothing in them that a visitor wrote."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

FIELDS = "fields"  # logging.info("…", extra={FIELDS: {…}}) adds these to the line


class JsonLines(logging.Formatter):
    """Writes time, level, logger and message; of an exception its kind and places, never its text.

    An exception's text may quote what a visitor typed; its kind and the lines of code do not.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = record.exc_info[0].__name__
            line["places"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def set_up_logging() -> None:
    """Send every logger's lines from INFO up to standard error; talkative libraries from WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # one line for every call at INFO: noise, and it would hold conversation ids
    for name in ("httpx", "rasa_sdk", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
