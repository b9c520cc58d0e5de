"""The page for the clinic's doctor: every question and answer with its sources and review dates, to sign off.

Written to `docs/answers.md` by `make answers`, compared in `make check`, and shown as a page of the site.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.files import ContentFile, Variant, read_file

PAGE = Path("docs/answers.md")
HEADING = """# Every answer, for the clinic to approve

Written by `make answers` from `data/faq/`; do not edit it by hand. Each answer was checked against its
sources on the day shown. None is medical advice, and none counts as approved until a person of the clinic
has put a name and a date into its review record (`docs/content-guide.md` says how). Words in braces, such
as {clinic_phone}, are filled in from `clinic/profile.yml`.
"""


@dataclass(frozen=True)
class Answer:
    """One variant as a reader sees it; `when` says in which case it is said, empty for always."""

    text: str
    when: str
    sources: list[dict[str, str]]


@dataclass(frozen=True)
class Question:
    """One topic: its name, its question, its answers, the facts and the review record."""

    topic: str
    title: str
    answers: list[Answer]
    facts: list[str]
    checked_on: str
    review_by: str
    approved: str
    state: str


def read_questions(data: Path) -> list[Question]:
    """Return every question below the folder `data` by its title; raises ContentUnreadable."""
    paths = sorted((data / "faq").glob("*.yml"))
    questions = [_read_question(read_file(data, path.relative_to(data))) for path in paths]
    return sorted(questions, key=lambda question: question.title.lower())


def _read_question(file: ContentFile) -> Question:
    record: dict[str, Any] = file.intents()[0].get("metadata") or {}
    approved = record.get("status") == "clinic_approved"
    return Question(
        topic=file.stem,
        title=str(record.get("title")),
        answers=[_read_answer(variant, len(file.variants()) > 1) for variant in file.variants()],
        facts=[str(fact) for fact in record.get("facts") or []],
        checked_on=str(record.get("checked_on")),
        review_by=str(record.get("review_by")),
        approved=f"{record.get('approved_by')}, {record.get('approved_on')}" if approved else "",
        state=file.state,
    )


def _read_answer(variant: Variant, is_one_of_several: bool) -> Answer:
    needs = variant.metadata.get("needs") or []
    if variant.response.startswith("utter_easy_"):
        when = "When asked to say it simpler"
    elif "when" in variant.metadata:
        when = str(variant.metadata["when"])
    elif "about" in variant.metadata:
        when = f"When the visitor spoke of: {variant.metadata['about']}"
    elif needs:
        when = f"When the profile has: {', '.join(need.removeprefix('clinic_') for need in needs)}"
    else:
        when = "Otherwise" if is_one_of_several else ""
    return Answer(variant.text.strip(), when, list(variant.metadata.get("sources") or []))


def write_page(questions: list[Question]) -> str:
    """Return the page as Markdown."""
    parts = [HEADING, f"{len(questions)} questions.\n"]
    parts += [part for question in questions for part in _write_question(question)]
    return "\n".join(parts)


def _write_question(question: Question) -> list[str]:
    lines = [f"## {question.title}\n"]
    for answer in question.answers:
        if answer.when:
            lines.append(f"*{answer.when}:*\n")
        lines.append("\n".join(f"> {line}".rstrip() for line in answer.text.splitlines()) + "\n")
        lines += [f"- [{source['name']}]({source['url']})" for source in answer.sources]
        if answer.sources:
            lines.append("")
    if question.topic == "booking":
        lines.append("The answer is the consultation request itself.\n")
    approved = f"approved by {question.approved}" if question.approved else "not yet approved by the clinic"
    facts = ", ".join(question.facts)
    if question.state != "live":
        approved = f"{question.state}: not said to visitors · {approved}"
    lines.append(
        f"`{question.topic}` · facts {facts} · checked {question.checked_on}"
        f" · review by {question.review_by} · {approved}\n"
    )
    return lines


def main() -> int:
    """Write the page, or with --check say whether it is current; returns 1 when it is not."""
    root = Path.cwd()
    page = write_page(read_questions(root / "data"))
    path = root / PAGE
    if "--check" not in sys.argv:
        path.write_text(page, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == page:
        return 0
    print(f"{PAGE} is not what data/faq says. Run `make answers` and look at the difference.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
