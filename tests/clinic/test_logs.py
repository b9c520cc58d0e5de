"""A log line is one JSON object, and what a visitor typed is never in it."""

from __future__ import annotations

import json
import logging
import sys

from clinic.logs import FIELDS, JsonLines


def make_record(message: str, *args: object, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("clinic.web", logging.INFO, __file__, 1, message, args, None)
    record.__dict__.update(more)
    return record


def test_a_line_has_time_level_logger_message_and_the_fields_given() -> None:
    line = json.loads(JsonLines().format(make_record("turn", **{FIELDS: {"outcome": "answered"}})))
    assert (line["level"], line["logger"], line["message"], line["outcome"]) == (
        "INFO",
        "clinic.web",
        "turn",
        "answered",
    )
    assert line["time"].endswith("+00:00")


def test_a_line_break_does_not_make_a_second_line() -> None:
    assert "\n" not in JsonLines().format(make_record("one\ntwo"))


def test_of_an_exception_the_kind_and_the_place_are_kept_and_not_its_words() -> None:
    try:
        raise ValueError("Maria Lopez, 405-555-0134")
    except ValueError:
        text = JsonLines().format(make_record("failed", exc_info=sys.exc_info()))
    line = json.loads(text)
    assert line["error"] == "ValueError" and "test_logs.py" in line["places"][0]
    assert "Maria" not in text and "0134" not in text
