"""Begins a question as a draft: its file and its lines in domain.yml. Nobody is answered with it yet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from content.facts import read_facts
from content.new_question import DOMAIN, QuestionRefused, extend_domain, find_problems
from content.question_text import NewQuestion, topic_file
from content.workshop import FileNotSaved, write_file

_PLACE = "    status: source_checked\n"


def add_draft(root: Path, title: str, ways: list[str], answer: str, facts: list[str], today: date) -> Path:
    """Write the draft into the project at `root` and return the path of its file.

    Raises QuestionRefused or FileNotSaved; then nothing is changed.
    """
    question = NewQuestion(title.strip(), [*ways, ""], answer, facts)  # the last one would be the test
    problems = find_problems(root, question)
    if not ways:
        problems.append("No way to ask is written. Write one a line.")
    if problems:
        raise QuestionRefused("\n".join(problems))
    domain = extend_domain((root / DOMAIN).read_text(encoding="utf-8"), question.topic)
    text = topic_file(question, read_facts(root / "content" / "facts.yml"), today)
    write_file(root / question.path, text.replace(_PLACE, f"{_PLACE}    state: draft\n", 1))
    try:
        write_file(root / DOMAIN, domain)
    except FileNotSaved:
        (root / question.path).unlink()
        raise
    return question.path
