"""Links and buttons lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from content.files import Variant
from content.lint.finding import Finding
from content.lint.project import Project

BUTTON_AT_MOST = 40
BUTTONS_OF_AN_ANSWER = range(2, 4)
_MARKDOWN = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_ALLOWED = re.compile(r"https://[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?|(?:tel|sms):\d+|/[a-z/-]*|\{clinic_\w+\}")
_BARE = re.compile(r"(?<![(\[\w])https?://\S+|\bwww\.\S+")
_PAYLOAD = re.compile(r"/(\w+)(\{.*\})?", re.DOTALL)


def check_links(project: Project, today: date) -> Iterator[Finding]:
    """A link in a text or a source is https, tel, sms or a page of ours, with words to click on."""
    for variant in project.variants:
        for words, target in _MARKDOWN.findall(variant.text):
            if not words.strip() or not _ALLOWED.fullmatch(target):
                yield _at(variant, f"[{words}]({target}) is a dead link. Write [words](https://…).", target)
        if found := _BARE.search(_MARKDOWN.sub("", variant.text)):
            yield _at(variant, f"{found[0]} is a bare address. Write [words]({found[0]}).", found[0])
        for source in variant.metadata.get("sources") or []:
            url = str(source.get("url") or "")
            if not str(source.get("name") or "").strip() or not _ALLOWED.fullmatch(url):
                yield _at(variant, f"the source {source} needs a name and an https address.", url)


def check_buttons(project: Project, today: date) -> Iterator[Finding]:
    """A button has a short title and names an intent and entities of the domain."""
    for variant in project.variants:
        for button in variant.buttons:
            title, payload = str(button.get("title") or ""), str(button.get("payload") or "")
            if not 0 < len(title) <= BUTTON_AT_MOST:
                yield _at(
                    variant, f"a button's title has 1 to {BUTTON_AT_MOST} characters: {title!r}.", payload
                )
            if problem := _payload_problem(payload, project):
                yield _at(variant, f"button {title!r}: {problem}", payload)


def _payload_problem(payload: str, project: Project) -> str | None:
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        return f'the payload {payload!r} is broken. Write /intent or /intent{{"name": "value"}}.'
    if match[1] not in project.intents:
        return f"{match[1]} is no intent of domain.yml. Correct the payload."
    try:
        values: Any = json.loads(match[2] or "{}")
    except ValueError:
        return f"the values of {payload!r} are not JSON. Correct quotes and braces."
    unknown = set(values) - set(project.domain.content.get("entities") or [])
    return f"{', '.join(sorted(unknown))} is no entity of domain.yml." if unknown else None


def check_next_steps(project: Project, today: date) -> Iterator[Finding]:
    """The answer to a question offers two or three things to go on with, none of them the question itself."""
    for variant in (found for file in project.topics for found in file.variants()):
        if len(variant.buttons) not in BUTTONS_OF_AN_ANSWER:
            yield _at(
                variant, f"the answer has {len(variant.buttons)} buttons. Offer two or three next steps."
            )
        own = f"/ask_{variant.file.stem}"
        if any(button.get("payload") == own for button in variant.buttons):
            yield _at(variant, "a button asks the same question again. Offer another one.", own)


def _at(variant: Variant, message: str, snippet: str = "") -> Finding:
    line = variant.file.line_of(snippet, variant.line - 1) if snippet else variant.line
    return Finding(variant.file.path, line, message)


RULES = (check_links, check_buttons, check_next_steps)
