"""The review record of each intent: what it stands on, who looked when, until when it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from content.files import ContentFile
from content.lint.finding import Finding
from content.lint.project import Project

STATUSES = ("source_checked", "clinic_approved")
STATES = ("live", "draft", "off")
TITLE_AT_MOST = 40
NEEDS_A_SOURCE = ("E", "A")  # studies and safety: the visitor must be able to look it up
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def check_records(project: Project, today: date) -> Iterator[Finding]:
    """The record is complete, not stale, and stands on known facts."""
    for file in project.files:
        for part in file.intents():
            line = file.line_of(f"intent: {part['intent']}")
            for message in _problems_of(part.get("metadata") or {}, project, today):
                yield Finding(file.path, line, f"{part['intent']}: {message}")


def _problems_of(record: dict[str, Any], project: Project, today: date) -> Iterator[str]:
    title = str(record.get("title") or "")
    if not 0 < len(title) <= TITLE_AT_MOST:
        yield f"title is missing or longer than {TITLE_AT_MOST} characters. Write one that fits a button."
    yield from _problems_of_facts(record.get("facts") or [], project)
    yield from _problems_of_dates(record, today)
    if record.get("status") not in STATUSES:
        yield f"status {record.get('status')!r} is unknown. Write one of: {', '.join(STATUSES)}."
    if (record.get("state") or "live") not in STATES:
        yield f"state {record.get('state')!r} is unknown. Write one of: {', '.join(STATES)}."
    approved = record.get("status") == "clinic_approved"
    signed = record.get("approved_by") and _DAY.fullmatch(str(record.get("approved_on") or ""))
    if approved and not signed:
        yield "clinic_approved needs approved_by (a name) and approved_on (a date), by the clinic."
    if not approved and (record.get("approved_by") or record.get("approved_on")):
        yield "approved_by and approved_on belong to status clinic_approved only. Remove them."
    if "reviewer" in record:
        yield "reviewer is not part of the record. Remove it."


def _problems_of_facts(facts: list[str], project: Project) -> Iterator[str]:
    if not facts:
        yield "no facts are named. Write the ids it stands on, as in content/facts.yml."
    for fact in facts:
        if fact not in project.known_facts:
            yield f"fact {fact} is not in content/facts.yml. Use a known id, or have it checked."


def _problems_of_dates(record: dict[str, Any], today: date) -> Iterator[str]:
    checked, review = str(record.get("checked_on") or ""), str(record.get("review_by") or "")
    if not (_DAY.fullmatch(checked) and _DAY.fullmatch(review)):
        yield 'the review record is incomplete. Write checked_on and review_by as "2026-11-24", in quotes.'
    elif review <= checked:
        yield "review_by is not after checked_on. Write a later day."
    elif review < today.isoformat():
        yield f"the review is stale since {review}. Check the answer against its facts and renew both dates."


def check_sources(project: Project, today: date) -> Iterator[Finding]:
    """An answer on studies or safety links what it stands on; one on studies says "may", "on average", …"""
    for file in project.topics:
        facts = [str(fact) for fact in _record(file).get("facts") or []]
        linked = any(variant.metadata.get("sources") for variant in file.variants())
        if any(fact.startswith(NEEDS_A_SOURCE) for fact in facts) and not linked:
            line = file.line_of("responses:")
            yield Finding(file.path, line, "the facts are studies, but no source is linked. Add sources.")


def _record(file: ContentFile) -> dict[str, Any]:
    return next((part.get("metadata") or {} for part in file.intents()), {})


RULES = (check_records, check_sources)
