"""Begins a question as a draft: its file and its line in domain.yml. Nobody is answered with it yet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from content.facts import read_facts
from content.new_question import DOMAIN, NEXT_SECTION, QuestionRefused
from content.question_text import NewQuestion, topic_file
from content.workshop import FileNotSaved, write_file

_PLACE = "    status: source_checked\n"


def add_draft(root: Path, title: str, ways: list[str], answer: str, facts: list[str], today: date) -> Path:
    """Write the draft into the project at `root` and return the path of its file.

    Raises QuestionRefused or FileNotSaved; then nothing is changed.
    """
    question = NewQuestion(title.strip(), [*ways, ""], answer, facts)  # the last one would be the test
    _check(root, question, ways)
    domain = (root / DOMAIN).read_text(encoding="utf-8")
    if NEXT_SECTION not in domain:
        raise QuestionRefused(f"domain.yml has no line {NEXT_SECTION.strip()!r} to write above.")
    text = topic_file(question, read_facts(root / "content" / "facts.yml"), today)
    write_file(root / question.path, text.replace(_PLACE, f"{_PLACE}    state: draft\n", 1))
    try:
        line = f"- ask_{question.topic}\n"
        write_file(root / DOMAIN, domain.replace(NEXT_SECTION, line + NEXT_SECTION, 1))
    except FileNotSaved:
        (root / question.path).unlink()
        raise
    return question.path


def _check(root: Path, question: NewQuestion, ways: list[str]) -> None:
    problems = []
    if not question.topic:
        problems.append("The question is empty. Write it as a button would show it.")
    elif len(question.topic) > 60:
        problems.append("The question is too long for a button. Write forty characters at most.")
    elif (root / question.path).exists():
        problems.append(f"{question.path} exists already. Change that question, or ask another one.")
    if not ways:
        problems.append("No way to ask is written. Write one a line.")
    if any("\n" in way or way.startswith(("-", "/")) for way in ways):
        problems.append("A way to ask is one line, and does not begin with a dash or a slash.")
    if not question.answer.strip():
        problems.append("The answer is empty. Write what the assistant should say.")
    if problems:
        raise QuestionRefused("\n".join(problems))
