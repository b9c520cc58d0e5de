"""Misspell questions the same way every time, to see what slips of the keyboard cost."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from evaluation.questions import Question

SEED = 25
SHARE_OF_WORDS = 0.25
SHORTEST = 4
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspell_all(questions: Sequence[Question]) -> list[Question]:
    """One random slip (swapped, missing, extra or wrong letter) in a quarter of the words of 4 letters up."""
    chance = random.Random(SEED)
    return [replace(question, text=misspell(question.text, chance)) for question in questions]


def misspell(text: str, chance: random.Random) -> str:
    """The text with each long word misspelled with the given chance."""

    def maybe(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < SHORTEST or chance.random() >= SHARE_OF_WORDS:
            return word
        return _slip(word, chance)

    return re.sub(r"[^\W\d_]+", maybe, text)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + chance.choice(LETTERS) + word[at:]
    return word[:at] + chance.choice(LETTERS) + word[at + 1 :]
