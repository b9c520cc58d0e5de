"""Everything can be reached: topics by a button and a test, responses by a rule or an action."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from content.lint.finding import Finding
from content.lint.project import Project

# responses whose names are put together: the request's, simpler answers; and the engine's own
BY_NAME = re.compile(r"utter_(?:ask_lead|problem|easy)_\w+|utter_not_approved")


def check_topics(project: Project, today: date) -> Iterator[Finding]:
    """A visitor can come to every topic by a button, and a conversation test asks it in new words."""
    offered = {
        str(button.get("payload", "")).lstrip("/").partition("{")[0]
        for variant in project.variants
        for button in variant.buttons
    }
    tested = {intent for _, intent in project.messages()}
    for file in (topic for topic in project.topics if topic.state == "live"):
        intent, line = f"ask_{file.stem}", file.line_of("intent:")
        if intent not in offered:
            yield Finding(file.path, line, f"no button leads to {intent}. Offer it after a related answer.")
        if intent not in tested:
            message = f"no conversation test asks {intent}. Add a new wording to tests/conversations/."
            yield Finding(file.path, line, message)


def check_silent_topics(project: Project, today: date) -> Iterator[Finding]:
    """No button and no conversation test leads to a question that is a draft or off."""
    silent = {f"ask_{file.stem}": file for file in project.topics if file.state != "live"}
    for variant in (found for file in project.files if file.state == "live" for found in file.variants()):
        for button in variant.buttons:
            intent = str(button.get("payload", "")).lstrip("/").partition("{")[0]
            if intent in silent:
                message = (
                    f"button {button.get('title')!r}: {intent} is {silent[intent].state}. Remove the button."
                )
                yield Finding(variant.file.path, variant.line, message)
    tested = {intent for _, intent in project.messages()}
    for intent in sorted(set(silent) & tested):
        file = silent[intent]
        message = f"{intent} is {file.state}, but a conversation test asks it. Remove that test."
        yield Finding(file.path, file.line_of("intent:"), message)


def check_responses(project: Project, today: date) -> Iterator[Finding]:
    """Every response is said by a rule or by code, and every rule says one that exists."""
    existing = {variant.response for variant in project.variants}
    said: set[str] = set()
    for file in [*project.files, *project.conversations]:
        for kind in ("rule", "story"):
            for step in (step for entry in file.steps(kind) for step in entry.get("steps") or []):
                action = str(step.get("action", ""))
                said.add(action)
                if action.startswith("utter_") and action not in existing:
                    message = f"{action} is not written anywhere under data/. Write it, or correct the name."
                    yield Finding(file.path, file.line_of(action), message)
    for variant in project.variants:
        name = variant.response
        if name not in said and f'"{name}"' not in project.code and not BY_NAME.fullmatch(name):
            yield Finding(variant.file.path, variant.line, f"nothing says {name}. Remove it, or add a rule.")


RULES = (check_topics, check_silent_topics, check_responses)
