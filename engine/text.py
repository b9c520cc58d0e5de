"""How a visitor's text is made comparable before it is understood."""

from __future__ import annotations

import re
import unicodedata

LETTERS_AT_MOST = 500


def normalise(text: str) -> str:
    """Lower case, plain quotes, single spaces, no control or decorative characters; 500 letters at most."""
    text = unicodedata.normalize("NFKC", text)[:LETTERS_AT_MOST].lower()
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    text = "".join(
        " "
        if unicodedata.category(character)[0] in "CZ" or unicodedata.category(character) == "So"
        else character
        for character in text
    )
    text = re.sub(r"([!?.,])\1+", r"\1", text)
    text = re.sub(r"(\w)\1{3,}", r"\1\1", text)
    return re.sub(r"\s+", " ", text).strip()
