"""What visitors say is in no log, at no level: of what others write to the log only kind and place are kept.

Rasa writes texts, entities and slots to its log at DEBUG and INFO, and at ERROR what an exception or a failed
action carries, inside sentences from which they cannot be told apart. Our own modules log kinds only.
"""

from __future__ import annotations

import logging
from typing import Any

OURS = "engine"


class RedactedRecord(logging.LogRecord):
    """A line of the log without its words, unless it is one of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.name.split(".")[0] == OURS:
            return
        error = self.exc_info[0].__name__ if self.exc_info and self.exc_info[0] else ""
        place = f"{self.name}, {self.funcName}, line {self.lineno}"
        self.msg = f"{place}{': ' if error else ''}{error} (words left out)"
        self.args, self.exc_info, self.exc_text, self.stack_info = (), None, None, None


def redact_logs() -> None:
    """From now on every line is a `RedactedRecord`, of whichever logger and for whichever handler."""
    logging.setLogRecordFactory(RedactedRecord)
