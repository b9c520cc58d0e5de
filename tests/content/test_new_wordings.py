"""What visitors asked goes into a file's draft: one line each, and never anything personal."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from content.draft import read_draft
from content.editor import write_draft
from content.new_wordings import LONGEST, WordingRefused, add_wordings, find_warnings, tidy_wording
from content.topic_check import Note, TopicCheck

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "data").rglob("*.yml"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_two_wordings_are_two_new_lines_in_every_file(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    draft = read_draft(text, path)
    if not draft.intents:
        pytest.skip("a file without ways to ask")
    twice = "A Zebra, would it be let in"
    added = add_wordings(draft, ["a zebra: would it be let in?", "why not 'zebras'", twice])
    after = write_draft(text, path, added)
    changed = [
        line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line[:2] in ("+ ", "- ")
    ]
    assert [line[2:].strip() for line in changed] == [
        "- a zebra: would it be let in?",
        "- why not 'zebras'",
    ]
    assert all(line.startswith("+ ") for line in changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a" * (LONGEST + 1),
        "call me at ••• please",
        "call me at 405-555-0134",
        "jonas@example.org",
        "my name is Jonas Kahler",
        "was seen on 03/04/2025",
        "- a list",
        "/restart",
        "does [neck](body_area) count",
        "what is {lead_name}",
    ],
)
def test_what_must_not_be_written_is_refused(text: str) -> None:
    with pytest.raises(WordingRefused):
        tidy_wording(text)


def test_lines_and_spaces_become_one_line() -> None:
    assert tidy_wording("  where\ndo I\t park ") == "where do I park"


def test_only_what_is_about_the_wordings_or_about_a_broken_file_is_a_warning() -> None:
    checked = TopicCheck(
        notes=[
            Note("wordings", 0, '"towels?" is nearly "towels" of ask_towels. Keep it there.'),
            Note("wordings", 0, "ask_parking has 3 different ways to ask. Write at least 25."),
            Note("file", 0, "data/faq/cost.yml: cannot be read. Its rules were not checked."),
        ],
        similar=[("towels?", "towels", "ask_towels"), ("a van", "my van", "ask_cost"), ("x", "y", "ask_z")],
        meters=[],
    )
    assert find_warnings(checked, ["towels?", "a van"]) == [
        '"towels?" is nearly "towels" of ask_towels. Keep it there.',
        "data/faq/cost.yml: cannot be read. Its rules were not checked.",
        '"a van" is close to "my van" of ask_cost. Does it belong there?',
    ]
