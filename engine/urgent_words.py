"""Turn a visitor's message into plain words: one spelling for each way of typing the same thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

BREAK = "."
"""The word that stands for the end of a sentence."""
FIRST, LAST = "[", "]"
"""The words that stand around the whole message."""

_SHORT_FORMS = (
    (r"\b(can not|cannot)\b", "cant"),
    (r"\b(could|do|does|did|wo|is|are|was|has|have|had|would|should) not\b", r"\1nt"),
    (r"\bwill not\b", "wont"),
    (r"\b(i am|iam)\b", "im"),
    (r"\b(he|she|it|that|what) is\b", r"\1s"),
    (r"\bthey are\b", "theyre"),
    (r"\bive\b", "i have"),
    (r"\bgonna\b", "going to"),
    (r"\bwanna\b", "want to"),
    (r"\bgotta\b", "got to"),
)
_SHORT_FORMS_COMPILED = tuple((re.compile(pattern), words) for pattern, words in _SHORT_FORMS)
_ANSWER_WORD = re.compile(r"^\s*(no|nope|yes|yeah|ok)\s*,")
_APOSTROPHES = re.compile(r"['’‘`´]")
_DECIMALS = re.compile(r"(\d)\.\d+")
_TOKEN = re.compile(r"[a-z]+|\d+|[.!?;\n]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_SHORTEST_FUZZY_WORD = 5


class WordReader:
    """Reads a message as a list of words, with slips of the keyboard mended.

    Args:
        known: words the patterns use; these are never changed.
        mended: a word and the word or words it stands for (a usual slip, a number word, a Spanish sign).
        fuzzy: words that are also recognised with one wrong, missing, extra or swapped letter.
        left_alone: real words that look like a fuzzy word ("selling", "swelling").
        fillers: words that carry no meaning here and are dropped ("really").
    """

    def __init__(
        self,
        known: Iterable[str],
        mended: Mapping[str, str],
        fuzzy: Iterable[str],
        left_alone: Iterable[str],
        fillers: Iterable[str],
    ) -> None:
        self._known = {*known, *left_alone}
        self._mended = dict(mended)
        self._fillers = frozenset(fillers)
        self._near = _index_near_words(fuzzy)

    def read(self, text: str) -> list[str]:
        """Return the words of `text` between "[" and "]"; the end of a sentence is the word "."."""
        words = [FIRST]
        for token in _TOKEN.findall(_simplify(text)):
            words.extend(word for word in self._mend(token) if word not in self._fillers)
        while words[-1] == BREAK:
            words.pop()
        return [*words, LAST]

    def _mend(self, token: str) -> list[str]:
        if token[0] in ".!?;\n":
            return [BREAK]
        if token not in self._known:
            token = _REPEATED.sub(r"\1", token)
        if token in self._mended:
            return self._mended[token].split()
        if token in self._known or len(token) < _SHORTEST_FUZZY_WORD:
            return [token]
        return [self._nearest(token)]

    def _nearest(self, token: str) -> str:
        for piece in (token, *_without_one_letter(token)):
            for word in self._near.get(piece, ()):
                if word[0] == token[0] and _differs_by_one(token, word):
                    return word
        return token


def _simplify(text: str) -> str:
    """Lower case, no accents, no apostrophes, short forms joined ("I am" is "im")."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    plain = _APOSTROPHES.sub("", plain.replace("od'd", "overdosed"))
    plain = _ANSWER_WORD.sub(r"\1 .", plain)
    plain = _DECIMALS.sub(r"\1", plain)
    for pattern, words in _SHORT_FORMS_COMPILED:
        plain = pattern.sub(words, plain)
    return plain


def _index_near_words(words: Iterable[str]) -> dict[str, list[str]]:
    """Map each fuzzy word, and each form of it with one letter missing, to the word itself."""
    index: dict[str, list[str]] = {}
    for word in words:
        for piece in {word, *_without_one_letter(word)}:
            index.setdefault(piece, []).append(word)
    return index


def _without_one_letter(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _differs_by_one(left: str, right: str) -> bool:
    """Tell whether one letter added, left out, replaced or swapped with its neighbour makes them equal."""
    short, long = sorted((left, right), key=len)
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return len(long) - len(short) == 1 and short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    swapped = short[start : start + 2] == long[start : start + 2][::-1]
    return swapped and short[start + 2 :] == long[start + 2 :]
