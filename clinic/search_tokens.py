"""How words are cut up so that staff find what is encrypted.

A "blind index": each word gives one keyed hash for each of its beginnings (`KeyedHash` columns), and the
database holds no word. Without the key nobody can tell which word a hash stands for. What it does reveal:
that two rows share the beginning of a word, and how common that beginning is (see docs/privacy.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clinic.storage.columns import fold_text

LONGEST_BEGINNING = 10  # characters; longer words are found by their first 10
_WORD = re.compile(r"[^\W_]+")


def split_words(text: str) -> list[str]:
    """Return the words of `text`: runs of letters and digits, in one spelling."""
    return _WORD.findall(fold_text(text))


def beginnings(words: Iterable[str], shortest: int) -> set[str]:
    """Return every beginning of every word, from `shortest` to LONGEST_BEGINNING characters."""
    return {
        word[:length] for word in words for length in range(shortest, min(len(word), LONGEST_BEGINNING) + 1)
    }
