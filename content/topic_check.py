"""What a writer wants to know of a file while writing: findings, similar wordings elsewhere, how it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from content.files import ContentUnreadable, make_file
from content.lint import lint_file
from content.lint.answers import (
    GRADE_AT_MOST,
    SIMPLER,
    SIMPLER_GRADE_AT_MOST,
    SIMPLER_WORDS_AT_MOST,
    WORDS_AT_MOST,
)
from content.lint.project import read_project
from content.lint.wordings import similar_elsewhere
from content.readability import count_words, reading_grade

SIMILAR = 85.0  # percent of characters; the linter speaks up at 95


@dataclass(frozen=True)
class Note:
    """A finding and the field it belongs to: ("wordings", 0), ("record", 0) or ("variant", 2)."""

    field: str
    number: int
    message: str


@dataclass(frozen=True)
class Meter:
    """How one answer reads: words and US school grade, each with its limit."""

    words: int
    words_at_most: int
    grade: float
    grade_at_most: int


@dataclass(frozen=True)
class TopicCheck:
    """Everything about one file; `similar`: (wording here, wording elsewhere, intent elsewhere)."""

    notes: list[Note]
    similar: list[tuple[str, str, str]]
    meters: list[Meter]


def check_text(root: Path, path: Path, text: str, today: date) -> TopicCheck:
    """Return what is to be said of `text` as the file at `path`; raises ContentUnreadable."""
    file = make_file(text, path)
    meters = [_measure(variant.response, variant.text) for variant in file.variants()]
    try:
        project = read_project(root)
    except ContentUnreadable as error:  # another file is broken: this one can still be written on
        return TopicCheck([Note("file", 0, f"{error}. Its rules were not checked.")], [], meters)
    variants = [variant.line for variant in file.variants()]
    wordings = [(wording.line, wording.intent) for wording in file.wordings()]
    intents = [str(part["intent"]) for part in file.intents()]
    notes = [
        Note(
            *_field_of(finding.line, variants, wordings, intents, file.line_of("responses:")), finding.message
        )
        for finding in lint_file(project, file, today)
    ]
    return TopicCheck(
        notes,
        [(one.text, other.text, other.intent) for one, other in similar_elsewhere(project, file, SIMILAR)],
        meters,
    )


def _measure(response: str, text: str) -> Meter:
    simpler = response.startswith(SIMPLER)
    return Meter(
        words=count_words(text),
        words_at_most=SIMPLER_WORDS_AT_MOST if simpler else WORDS_AT_MOST,
        grade=round(reading_grade(text), 1),
        grade_at_most=SIMPLER_GRADE_AT_MOST if simpler else GRADE_AT_MOST,
    )


def _field_of(
    line: int, variants: list[int], wordings: list[tuple[int, str]], intents: list[str], responses: int
) -> tuple[str, int]:
    """Return the field of the form in which the line of the file stands."""
    for place, intent in wordings:
        if place == line:
            return "wordings", intents.index(intent)
    above = [number for number, start in enumerate(variants) if start <= line]
    if above and line >= responses:
        return "variant", above[-1]
    return "record", 0
