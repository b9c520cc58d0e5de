"""The questions to measure with: tab-separated files with a header."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

KINDS = ("in_scope", "out_of_scope", "red_flag")
COLUMNS = ("text", "topic", "alt_topic", "kind")


class QuestionsUnclear(Exception):
    """A file of questions cannot be read; the message says which line and why."""


@dataclass(frozen=True)
class Question:
    """One wording. topic: the topic it belongs to; alt_topic: another that is right too, or empty."""

    text: str
    topic: str
    alt_topic: str
    kind: str
    style: str = ""

    def is_about(self, topic: str) -> bool:
        """Whether this topic is a right one."""
        return topic != "" and topic in (self.topic, self.alt_topic)


def read_questions(path: Path) -> list[Question]:
    """All questions of a file in order; raises QuestionsUnclear."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise QuestionsUnclear(f"{path} cannot be read: {error.strerror}.") from error
    return [_read_row(row, f"{path}:{line}") for line, row in enumerate(rows, start=2)]


def _read_row(row: dict[str, str], place: str) -> Question:
    missing = [column for column in COLUMNS if row.get(column) is None]
    if missing:
        raise QuestionsUnclear(f"{place}: no column {', '.join(missing)}.")
    if row["kind"] not in KINDS:
        raise QuestionsUnclear(f"{place}: kind is {row['kind']!r}, not one of {', '.join(KINDS)}.")
    if not row["text"].strip():
        raise QuestionsUnclear(f"{place}: the text is empty.")
    return Question(row["text"], row["topic"], row["alt_topic"], row["kind"], row.get("style") or "")
