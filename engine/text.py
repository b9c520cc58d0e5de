"""How a visitor's text is made comparable before it is understood."""

from __future__ import annotations

import re
import unicodedata

LETTERS_AT_MOST = 600


def tidy(text: str) -> str:
    """Plain quotes, single spaces, no control or decorative characters; the last 600 letters at most.

    The end is kept because a long message ends with its question.
    """
    text = unicodedata.normalize("NFKC", text)[-LETTERS_AT_MOST:]
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    text = "".join(" " if _is_decoration(character) else character for character in text)
    text = re.sub(r"([!?.,])\1+", r"\1", text)
    text = re.sub(r"(\w)\1{3,}", r"\1\1", text)
    return re.sub(r"\s+", " ", text).strip()


def normalise(text: str) -> str:
    """Tidied and in lower case."""
    return tidy(text).lower()


def _is_decoration(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "CZ" or category == "So"
