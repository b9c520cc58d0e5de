"""Keeps a message as a conversation test: what a visitor writes, and the question it must lead to."""

from __future__ import annotations

import re
from pathlib import Path

from content.files import ContentUnreadable, message_text, read_file
from content.question_text import mark_complaints
from content.workshop import write_file

KEPT = Path("tests/conversations/test_kept.yml")
HEADING = 'version: "3.1"\n\n# Messages kept in the studio.\nstories:\n'


class TestRefused(Exception):
    """The message cannot become a test; the message says why."""

    __test__ = False  # the name begins as test classes do


def keep_as_test(root: Path, message: str, topic: str) -> str:
    """Add a story in which `message` gets the answer of `topic`, a file of data/faq; returns its name.

    Raises TestRefused or FileNotSaved; then nothing is changed.
    """
    words = " ".join(message.split())
    if not words or re.search(r"[\[\]{}]", words) or words.startswith("/"):
        raise TestRefused("The message is empty, or has a slash at its start or brackets in it.")
    if not (root / "data" / "faq" / f"{topic}.yml").is_file():
        raise TestRefused("There is no such question to be answered with.")
    text = (root / KEPT).read_text(encoding="utf-8") if (root / KEPT).is_file() else HEADING
    _check_new(root, words)
    number = len(re.findall(rf"^- story: kept message about {topic} ", text, re.MULTILINE)) + 1
    name = f"kept message about {topic} {number}"
    write_file(root / KEPT, text.rstrip("\n") + "\n\n" + _story(name, mark_complaints(root, words), topic))
    return name


def _story(name: str, message: str, topic: str) -> str:
    return f"""- story: {name}
  steps:
  - user: |
      {message}
    intent: ask_{topic}
  - action: utter_ask_{topic}
"""


def _check_new(root: Path, words: str) -> None:
    for path in sorted((root / "tests" / "conversations").glob("*.yml")):
        try:
            file = read_file(root, path.relative_to(root))
        except ContentUnreadable as error:
            raise TestRefused(str(error)) from error
        for story in file.steps("story"):
            for step in story.get("steps") or []:
                if message_text(str(step.get("user") or "")).lower() == words.lower():
                    raise TestRefused(f"This message is already tested in {file.path}.")
