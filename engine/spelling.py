"""Correct the spelling of a message before it is understood, and of nothing else.

One mistyped word costs a sentence encoder about ten points of accuracy, because it falls apart into pieces
that mean nothing. A word is left alone when plain English, the clinic's word list or the trained wordings
know it; otherwise the nearest known word takes its place, the assistant's own words before other English.
Numbers, addresses and names are never touched, and the visitor's own text is what is kept.

Method: symmetric delete spelling correction (Garbe 2012), by the symspellpy library, whose frequency list of
82,765 English words says what plain English is.
"""

from __future__ import annotations

import importlib.resources
import re
from collections import Counter
from typing import Dict, Iterable, List, Mapping, Optional

from symspellpy import SymSpell, Verbosity

SHORTEST = 4  # shorter words have too many neighbours
SHORTEST_MISSING_A_LETTER = 3  # unless a letter of a word of ours is all that they lack
SHORTEST_FOR_TWO_EDITS = 8
COMMON_ENGLISH = 2_000_000  # occurrences in the list from which on a word may replace another
FAR_MORE_COMMON = 5  # a rare unknown word next to one this many times as common is a misspelling

MOST_UNKNOWN = 2  # a message with more unknown words than this, and than known ones, is not English

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NOT_WORDS = re.compile(r"\S*[@\d/]\S*|\S+\.\S+")


class Spelling:
    """Corrects words towards the assistant's own vocabulary, then towards common English.

    own_words: word to number of occurrences in the trained wordings, correctly spelled words only.
    short_forms: what visitors type for short, to what it stands for.
    """

    def __init__(self, own_words: Mapping[str, int], short_forms: Mapping[str, str]) -> None:
        self.own_words = dict(own_words)
        self._short_forms = short_forms
        english = read_english()
        self._known = set(english) | set(self.own_words) | set(short_forms)
        self._own = _speller({w: n for w, n in self.own_words.items() if len(w) >= SHORTEST}, edits=2)
        common = {w: n for w, n in english.items() if n >= COMMON_ENGLISH and len(w) >= SHORTEST - 1}
        self._english = _speller(common, edits=1)

    @classmethod
    def learn(cls, sentences: Iterable[str], short_forms: Mapping[str, str]) -> "Spelling":
        """Take the vocabulary from trained wordings, in which some words are misspelled on purpose."""
        counts = Counter(word for sentence in sentences for word in _WORD.findall(sentence.lower()))
        english = read_english()
        trusted = {word: count for word, count in counts.items() if word in english}
        neighbours = _speller(trusted, edits=1)
        for word, count in counts.items():
            if word not in trusted and not _is_misspelling(word, count, neighbours, english):
                trusted[word] = count
        return cls(trusted, short_forms)

    def correct(self, text: str) -> str:
        """The text in lower case with unknown words replaced by their nearest known ones."""
        if self._is_another_language(text):
            return text.lower()
        kept = [match.span() for match in _NOT_WORDS.finditer(text)]
        is_shouting = text.isupper()
        parts: List[str] = []
        end = 0
        for match in _WORD.finditer(text):
            start = match.start()
            parts.append(text[end:start])
            end = match.end()
            is_kept = any(left <= start < right for left, right in kept)
            looks_like_name = match.group()[0].isupper() and start > 0 and not is_shouting
            parts.append(match.group() if is_kept else self._correct_word(match.group(), looks_like_name))
        return ("".join(parts) + text[end:]).lower()

    def _is_another_language(self, text: str) -> bool:
        words = _WORD.findall(text.lower())
        unknown = sum(word not in self._known for word in words)
        if any(not letter.isascii() for letter in "".join(words)):
            return unknown >= MOST_UNKNOWN
        return unknown > max(MOST_UNKNOWN, len(words) - unknown)

    def _correct_word(self, word: str, looks_like_name: bool) -> str:
        lower = word.lower()
        if lower in self._short_forms:
            return self._short_forms[lower]
        if lower in self._known or not lower.isalpha() or not lower.isascii():
            return lower  # what holds a hyphen or an apostrophe was typed with care
        if len(lower) < SHORTEST:
            may_lack_a_letter = len(lower) == SHORTEST_MISSING_A_LETTER and not word.isupper()
            return (_nearest(self._own, lower, 1) if may_lack_a_letter else None) or lower
        nearest = _nearest(self._own, lower, 1)
        if nearest is None and not looks_like_name:
            nearest = _nearest(self._english, lower, 1)
        if nearest is None and len(lower) >= SHORTEST_FOR_TWO_EDITS:
            nearest = _nearest(self._own, lower, 2)
        return nearest or lower


def read_english() -> Dict[str, int]:
    """The library's list of English words with how often each occurs."""
    source = importlib.resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    return {word: int(count) for word, count in (line.split(" ") for line in lines if line)}


def _speller(words: Mapping[str, int], edits: int) -> SymSpell:
    speller = SymSpell(max_dictionary_edit_distance=edits)
    for word, count in words.items():
        speller.create_dictionary_entry(word, count)
    return speller


def _nearest(speller: SymSpell, word: str, edits: int) -> Optional[str]:
    """The closest word within so many edits; of several one with the same letters, else the most common."""
    found = [entry.term for entry in speller.lookup(word, Verbosity.CLOSEST, max_edit_distance=edits)]
    swapped = [term for term in found if sorted(term) == sorted(word)]
    return next(iter(swapped + found), None)


def _is_misspelling(word: str, count: int, trusted: SymSpell, english: Mapping[str, int]) -> bool:
    """Whether a word that English does not know is one that somebody mistyped."""
    if len(word) < SHORTEST:
        return False
    near = trusted.lookup(word, Verbosity.CLOSEST, max_edit_distance=1)
    return any(
        english.get(found.term, 0) >= COMMON_ENGLISH or found.count >= FAR_MORE_COMMON * count
        for found in near
    )
