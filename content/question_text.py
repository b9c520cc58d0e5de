"""What `make new-question` writes: the topic's file, its conversation test, its button."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from content.facts import Fact
from content.files import read_file

REVIEW_AFTER = timedelta(days=180)
CLINIC_WORDS = Path("engine/clinic_words.yml")


@dataclass(frozen=True)
class NewQuestion:
    """The four things. `ways`: ways to ask; the last one is kept out of training and becomes the test."""

    title: str
    ways: list[str]
    answer: str
    facts: list[str]

    @property
    def topic(self) -> str:
        """Return the name made of the question: `where_can_i_park` of "Where can I park?"."""
        return topic_of(self.title)

    @property
    def path(self) -> Path:
        """Return the topic's file, relative to the project."""
        return Path("data/faq") / f"{self.topic}.yml"


def topic_of(title: str) -> str:
    """Return the name made of a question's title; empty when it has no letter."""
    return "_".join(re.sub(r"[^a-z0-9 ]", "", title.lower()).split())


def topic_file(question: NewQuestion, facts: dict[str, Fact], today: date) -> str:
    """Return the content of the topic's file; `facts` are the known ones."""
    ways = "".join(f"    - {way}\n" for way in question.ways[:-1])
    answer = "\n".join(f"      {line}".rstrip() for line in question.answer.strip().splitlines())
    return f"""version: "3.1"
nlu:
- intent: ask_{question.topic}
  metadata:
    title: {json.dumps(question.title)}
    facts: [{", ".join(question.facts)}]
    status: source_checked
    checked_on: "{today}"
    review_by: "{today + REVIEW_AFTER}"
  examples: |
{ways}responses:
  utter_ask_{question.topic}:
  - text: |-
{answer}
    buttons:
    - title: Ask for a call back
      payload: /ask_booking
    - title: What can you do?
      payload: /ask_what_can_you_do
    metadata:
      kind: answer
{_sources(question, facts)}rules:
- rule: answer {question.topic}
  steps:
  - intent: ask_{question.topic}
  - action: utter_ask_{question.topic}
"""


def _sources(question: NewQuestion, facts: dict[str, Fact]) -> str:
    """The addresses where the facts were read; the content team gives them better names later."""
    read_at = [facts[fact].read_at[0] for fact in question.facts if fact in facts and facts[fact].read_at]
    if not read_at:
        return "      sources: []\n"
    entries = (f'      - name: "{urlsplit(url).hostname}"\n        url: "{url}"\n' for url in read_at)
    return "      sources:\n" + "".join(entries)


def conversation_test(question: NewQuestion, message: str) -> str:
    """Return the story in which a visitor asks it with `message`."""
    return f"""
- story: visitor asks about {question.topic}
  steps:
  - user: |
      {message}
    intent: ask_{question.topic}
  - action: utter_ask_{question.topic}
"""


def button(question: NewQuestion) -> str:
    """Return the lines of a button that asks it."""
    return f"    - title: {json.dumps(question.title)}\n      payload: /ask_{question.topic}\n"


def mark_complaints(root: Path, message: str) -> str:
    """Return `message` with conditions and body areas marked as `rasa test` wants them."""
    words = read_file(root, CLINIC_WORDS).content
    known = {
        wording.lower(): (kind, value)
        for kind, values in words.items()
        for value, wordings in values.items()
        for wording in wordings
    }
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE)

    def mark(found: re.Match[str]) -> str:
        kind, value = known[found[0].lower()]
        if value == found[0]:
            return f"[{found[0]}]({kind})"
        return f"[{found[0]}]" + json.dumps({"entity": kind, "value": value})

    return pattern.sub(mark, message)
