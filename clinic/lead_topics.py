"""What a consultation request can be about: a short list, so that nobody has to write down their history."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_FILE = Path(__file__).with_name("lead_topics.yml")


@cache
def _topics() -> dict[str, dict[str, Any]]:
    topics: dict[str, dict[str, Any]] = YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))
    return topics


def topic_titles() -> dict[str, str]:
    """How each topic is shown to people: stored key → title, in the order to offer them."""
    return {key: topic["title"] for key, topic in _topics().items()}


def find_topic(text: str) -> str | None:
    """The topic a free text is about, None when no word of it is known; the longest wording wins."""
    lowered = text.lower()
    found = [
        (len(word), key)
        for key, topic in _topics().items()
        for word in topic["words"]
        if re.search(rf"\b{re.escape(word)}\b", lowered)
    ]
    keys = {key for _, key in found}
    if {"neck_pain", "back_pain"} <= keys:
        return "neck_and_back_pain"
    return max(found)[1] if found else None
