"""One spelling for what people type on different keyboards."""

from __future__ import annotations

import unicodedata

_SAME_MEANING = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"), **dict.fromkeys("‐‑‒–—―−－", "-")}
)


def plain_text(text: str) -> str:
    """Return `text` with composed letters, plain digits, dashes and apostrophes, and single spaces.

    Control characters, invisible marks and half surrogates are dropped.
    """
    unified = unicodedata.normalize("NFKC", text.translate(_SAME_MEANING))
    return " ".join("".join(map(_plain_character, unified)).split())


def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character).startswith("C"):
        return ""
    return str(unicodedata.decimal(character, character))
