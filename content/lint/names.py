"""One stem through each topic file, no name twice, and the domain knows every intent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from content.files import ContentFile
from content.lint.finding import Finding
from content.lint.project import Project

# chosen by the understanding or by a button, never typed
WITHOUT_WORDINGS = frozenset({"nlu_clarify", "choose_topic"})
ANSWERED_BY_THE_REQUEST = "booking"


def check_stem(project: Project, today: date) -> Iterator[Finding]:
    """File, intent, response and rule of a question have one name."""
    for file in project.topics:
        intents = [str(part["intent"]) for part in file.intents()]
        if intents != [f"ask_{file.stem}"]:
            yield Finding(file.path, file.line_of("intent:"), f"the intent must be ask_{file.stem}, once.")
        if file.stem == ANSWERED_BY_THE_REQUEST:
            continue
        allowed = {f"utter_{kind}_{file.stem}" for kind in ("ask", "easy", "follow_up")}
        responses = set(file.content.get("responses") or {})
        if not f"utter_ask_{file.stem}" in responses <= allowed:
            yield Finding(
                file.path,
                file.line_of("responses:"),
                f"the answer must be named utter_ask_{file.stem} (a simpler one utter_easy_{file.stem}, "
                f"one to a later question utter_follow_up_{file.stem}).",
            )
        if [rule.get("rule") for rule in file.steps("rule")] != [f"answer {file.stem}"]:
            yield Finding(file.path, file.line_of("rules:"), f'there must be one rule "answer {file.stem}".')


def check_twice(project: Project, today: date) -> Iterator[Finding]:
    """No response, rule or story has a name that is already used in any file."""
    seen: dict[tuple[str, str], ContentFile] = {}
    for file in [*project.files, *project.conversations]:
        for kind, name in _names(file):
            if (kind, name) in seen:
                other = seen[kind, name]
                start = file.line_of(name) if other is file else 0
                message = f"the {kind} {name!r} already exists in {other.path}. Give it another name."
                yield Finding(file.path, file.line_of(name, start), message)
            seen.setdefault((kind, name), file)


def _names(file: ContentFile) -> Iterator[tuple[str, str]]:
    for name in file.content.get("responses") or {}:
        yield "response", str(name)
    for rule in file.steps("rule"):
        yield "rule", str(rule.get("rule"))
    for story in file.steps("story"):
        yield "story", str(story.get("story"))


def check_domain(project: Project, today: date) -> Iterator[Finding]:
    """Intents with wordings and intents of domain.yml are the same; answers live in data/."""
    domain = project.domain
    written = {str(part["intent"]): file for file in project.files for part in file.intents()}
    for intent, file in written.items():
        if intent not in project.intents:
            message = f"{intent} is missing in domain.yml. Add the line `- {intent}` under intents."
            yield Finding(file.path, file.line_of(f"intent: {intent}"), message)
    for intent in sorted(project.intents - set(written) - WITHOUT_WORDINGS):
        message = f"{intent} has no ways to ask under data/. Write them, or remove the line."
        yield Finding(domain.path, domain.line_of(f"- {intent}"), message)
    listed = list(domain.content.get("intents") or [])
    for intent in sorted({intent for intent in listed if listed.count(intent) > 1}):
        yield Finding(
            domain.path, domain.line_of(f"- {intent}"), f"{intent} is listed twice. Remove one line."
        )
    if domain.content.get("responses"):
        yield Finding(domain.path, domain.line_of("responses:"), "answers live in data/. Move them there.")


RULES = (check_stem, check_twice, check_domain)
