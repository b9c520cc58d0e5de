"""Finds the name in what people type when they are asked for it."""

from __future__ import annotations

import re
import unicodedata

_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|hey|hola)(?: there)?|good (?:morning|afternoon|evening)|yes|yeah|sure|ok|okay"
    r"|(?:my |the )?(?:full |first |last )?name(?: is|'s|:)|my name|i am|i'm|im|this is|it is|it's|its"
    r"|(?:you can |please )?call me|me llamo|mi nombre es)(?:[\s,.!:-]+|$)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,.;]+(?:and (?:i|my|you)|my (?:number|phone|cell|e-?mail|back|neck)"
    r"|i (?:have|need|want|am|would|live)|i'm|from|because|calling|here|speaking|is my name"
    r"|thanks|thank you|please)(?:[\s,.!].*)?$",
    re.IGNORECASE,
)
_FIRST_LETTERS = re.compile(r"(?:^|(?<=[-.])|(?<=\b\w'))\w")
_ABBREVIATION = re.compile(r"\b(?:jr|sr|\w)\.$", re.IGNORECASE)
_PUNCTUATION_INSIDE = "'-.,"
_SMALL_WORDS = {"de", "del", "von", "y"}  # written small inside a name, as in "Maria de la Cruz"
_SMALL_AFTER_DE = {"la", "las", "los"}
_NUMERALS = {"ii", "iii", "iv"}


def tidy_name(text: str) -> str:
    """Return the name in `text` without "my name is", symbols and numbers; empty when none is left.

    Accents, apostrophes and hyphens stay. Capitals are set only when all letters are small or all capital.
    """
    words = (_clean_word(word) for word in _cut_sentence(text).split())
    name = " ".join(word for word in words if word).strip(" ,-'")
    if not _ABBREVIATION.search(name):
        name = name.rstrip(" ,-'.")
    if name.isupper() or name.islower():
        name = _capitalize(name)
    return name


def _cut_sentence(text: str) -> str:
    previous = None
    while text != previous:
        previous, text = text, _LEAD_IN.sub("", text)
    return _TAIL.sub("", text)


def _clean_word(word: str) -> str:
    """Return the word without quotes and emoji around or in it; empty when it cannot be part of a name."""
    kept = "".join(character for character in word if not _is_decoration(character)).strip("\"()!?;:*_~'")
    if not any(character.isalpha() for character in kept) or not all(map(_belongs_in_name, kept)):
        return ""
    return kept.lstrip(_PUNCTUATION_INSIDE)


def _is_decoration(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk") or "\ufe00" <= character <= "\ufe0f"


def _belongs_in_name(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")  # accents and vowel signs of many scripts
    return character.isalpha() or is_mark or character in _PUNCTUATION_INSIDE


def _capitalize(name: str) -> str:
    words = name.lower().split()
    done: list[str] = []
    for position, word in enumerate(words):
        is_inside = 0 < position < len(words) - 1
        is_small = word in _SMALL_WORDS or (word in _SMALL_AFTER_DE and words[position - 1] == "de")
        if word in _NUMERALS and position > 0:
            done.append(word.upper())
        elif is_inside and is_small:
            done.append(word)
        else:
            done.append(_FIRST_LETTERS.sub(lambda letter: letter.group().title(), word))
    return " ".join(done)
