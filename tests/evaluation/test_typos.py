"""Misspelling is the same every time, and leaves short words and the rest of the text alone."""

from __future__ import annotations

import random

from evaluation.questions import Question
from evaluation.typos import misspell, misspell_all

TEXT = "does it hurt when the needles go into my lower back, 405-555-0134?"


def test_it_is_the_same_every_time() -> None:
    questions = [Question(TEXT, "does_it_hurt", "", "in_scope")] * 20
    assert misspell_all(questions) == misspell_all(questions)
    assert {question.text for question in misspell_all(questions)} != {TEXT}


def test_only_long_words_change_and_by_one_slip() -> None:
    for seed in range(50):
        before, after = TEXT.split(), misspell(TEXT, random.Random(seed)).split()
        assert len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            assert old == new or len(old.strip(",?")) >= 4
            assert abs(len(old) - len(new)) <= 1
