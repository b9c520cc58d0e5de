"""Urgent answers: the number first, nothing to sell. Study answers: hedged, with both comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from content.lint.finding import Finding
from content.lint.project import Project

HEDGE = re.compile(r"\b(?:may|might|can|could|on average|modest\w*|var(?:y|ies)|some people|not)\b", re.I)
BOTH_COMPARISONS = ("evidence_effectiveness", "placebo_belief")


def check_urgent_answers(project: Project, today: date) -> Iterator[Finding]:
    """An emergency answer names 911 in its first sentence, a crisis answer 988; neither has a button."""
    for variant in project.variants:
        if variant.metadata.get("kind") != "urgent":
            continue
        first = re.split(r"(?<=[.:])\s", variant.text.strip(), maxsplit=1)[0]
        message = ""
        if variant.response == "utter_emergency" and "911" not in first:
            message = "the first sentence of an emergency answer must name 911. Put it there."
        elif variant.response == "utter_crisis" and "988" not in variant.text:
            message = "a crisis answer must name 988. Add it."
        elif variant.buttons:
            message = "an urgent answer asks and sells nothing. Remove its buttons."
        if message:
            yield Finding(variant.file.path, variant.line, message)


def check_study_answers(project: Project, today: date) -> Iterator[Finding]:
    """An answer on studies hedges; the ones on proof name both comparisons."""
    for file in project.topics:
        facts = [fact for part in file.intents() for fact in (part.get("metadata") or {}).get("facts") or []]
        for variant in file.variants():
            if any(str(fact).startswith("E") for fact in facts) and not HEDGE.search(variant.text):
                message = 'the answer stands on studies but promises. Say "may", "on average" or "varies".'
                yield Finding(file.path, variant.line, message)
            special = variant.response.startswith("utter_easy_") or "about" in variant.metadata
            if (
                file.stem in BOTH_COMPARISONS
                and not special
                and not ("sham" in variant.text and "no acu" in variant.text)
            ):
                message = "name both comparisons: with no acupuncture, and with sham acupuncture."
                yield Finding(file.path, variant.line, message)


RULES = (check_urgent_answers, check_study_answers)
