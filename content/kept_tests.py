"""Keeps messages as a conversation test: what a visitor writes, and the question that each must lead to.

Nothing that says who wrote it goes into a test's file: what `clinic.masking` would hide is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from clinic.masking import MASK, mask_person
from content.files import ContentUnreadable, message_text, read_file
from content.question_text import mark_complaints
from content.workshop import write_file

KEPT = Path("tests/conversations/test_kept.yml")
HEADING = 'version: "3.1"\n\n# Messages kept in the studio.\nstories:\n'


class TestRefused(Exception):
    """The message cannot become a test; the message says why."""

    __test__ = False  # the name begins as test classes do


@dataclass(frozen=True)
class KeptMessage:
    """What a visitor writes, and the topic, a file of data/faq, whose answer it must get."""

    text: str
    topic: str


def keep_as_test(root: Path, *messages: KeptMessage) -> str:
    """Add a story in which the messages, one after the other, get their answers; returns its name.

    Raises TestRefused or FileNotSaved; then nothing is changed.
    """
    kept = [replace(message, text=" ".join(message.text.split())) for message in messages]
    if not kept:
        raise TestRefused("No message was chosen.")
    for message in kept:
        _check(root, message)
    _check_new(root, [message.text.lower() for message in kept])
    text = (root / KEPT).read_text(encoding="utf-8") if (root / KEPT).is_file() else HEADING
    kind = "message" if len(kept) == 1 else "conversation"
    number = len(re.findall(rf"^- story: kept {kind} about {kept[0].topic} ", text, re.MULTILINE)) + 1
    name = f"kept {kind} about {kept[0].topic} {number}"
    story = f"- story: {name}\n  steps:\n" + "".join(_steps(root, message) for message in kept)
    write_file(root / KEPT, text.rstrip("\n") + "\n\n" + story)
    return name


def _check(root: Path, message: KeptMessage) -> None:
    words = message.text
    if not words or re.search(r"[\[\]{}]", words) or words.startswith("/"):
        raise TestRefused("The message is empty, or has a slash at its start or brackets in it.")
    if MASK in words or mask_person(words, []) != words:
        raise TestRefused(f'"{mask_person(words, [])}" says who wrote it. Put other words in that place.')
    if not (root / "data" / "faq" / f"{message.topic}.yml").is_file():
        raise TestRefused("There is no such question to be answered with.")


def _steps(root: Path, message: KeptMessage) -> str:
    return f"""  - user: |
      {mark_complaints(root, message.text)}
    intent: ask_{message.topic}
  - action: utter_ask_{message.topic}
"""


def _check_new(root: Path, messages: list[str]) -> None:
    for path in sorted((root / "tests" / "conversations").glob("*.yml")):
        try:
            file = read_file(root, path.relative_to(root))
        except ContentUnreadable as error:
            raise TestRefused(str(error)) from error
        for story in file.steps("story"):
            said = [message_text(str(step["user"])).lower() for step in story["steps"] if "user" in step]
            if said == messages or (len(messages) == 1 and messages[0] in said):
                raise TestRefused(f"This is already tested in {file.path}.")
