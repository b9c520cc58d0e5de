"""One visit with questions, an emergency and a whole request: what was said, to be compared."""

from __future__ import annotations

import re
from typing import Any

from tests.system.running_system import Visitor

Said = list[tuple[str, str]]  # kind and text of each message


def walk(url: str) -> list[Said]:
    """Return what the assistant said in every turn, with the request's reference left out."""
    visitor = Visitor.arrive(url)
    turns = [visitor.welcome]
    for text in ("how long does one session take", "does it hurt", "what does it cost", "asdf qwer zxcv"):
        turns.append(visitor.say(text))
    turns.append(visitor.leave_details())
    turns.append(visitor.choose("Send my request"))
    turns.append(visitor.say("my chest is tight and my left arm hurts"))
    visitor.leave()
    return [[_plain(message) for message in messages] for messages in turns]


def _plain(message: dict[str, Any]) -> tuple[str, str]:
    return message["kind"], re.sub(r"OPTC-[0-9A-Z]{6}", "OPTC-…", message["text"])
