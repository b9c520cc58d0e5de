"""How hard a text is to read: the US school grade of Flesch and Kincaid."""

from __future__ import annotations

import re
from typing import Any

from pyphen import Pyphen

_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*]|\{\w+\}")


def reading_grade(text: str) -> float:
    """Return the grade of `text` (Markdown links and marks do not count).

    Kincaid, Fishburne, Rogers, Chissom 1975; syllables are counted by hyphenation, so it is an estimate.
    """
    hyphenation: Any = Pyphen(lang="en_US")  # type: ignore[no-untyped-call]
    plain = _MARKUP.sub(r"\1", text)
    words = re.findall(r"[A-Za-z']+", plain)
    sentences = max(1, len(re.findall(r"[.?:](?:\s|$)", plain)))
    syllables = sum(len(hyphenation.inserted(word).split("-")) for word in words)
    return float(0.39 * len(words) / sentences + 11.8 * syllables / max(1, len(words)) - 15.59)


def count_words(text: str) -> int:
    """Return the number of words as a reader counts them."""
    return len(text.split())
