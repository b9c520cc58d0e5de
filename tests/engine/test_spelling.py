"""Slips of the keyboard are mended; names, numbers and good words are not."""

from __future__ import annotations

import pytest

pytest.importorskip("symspellpy")

from engine.spelling import Spelling  # noqa: E402

WORDINGS = [
    "does acupuncture hurt",
    "how much is acupuncture for back pain",
    "what does acupuncture cost",
    "can acupuncture help sciatica",
    "acupunture price",  # misspelled on purpose, as visitors do
    "do you treat whiplash after a car accident",
    "is electroacupuncture safe",
    "my back pain is bad in the morning",
]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling.learn(WORDINGS, {"u": "you", "appt": "appointment"})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("dose acupuntcure hurt", "dose acupuncture hurt"),
        ("back pian", "back pain"),
        ("accupunture", "acupuncture"),
        ("whta does it cost", "what does it cost"),
        ("wht does it cost", "what does it cost"),  # three letters, one missing
        ("can u make an appt", "can you make an appointment"),
        ("WIPLASH AFTER A ACCIDNET", "whiplash after a accident"),
    ],
)
def test_it_mends_slips(spelling: Spelling, typed: str, read: str) -> None:
    assert spelling.correct(typed) == read


@pytest.mark.parametrize(
    "kept",
    [
        "call me at 405-555-0134",
        "maria.lopez@exmple.org",
        "my doctor is Okonkwo in Okarche",
        "i take eliquis",
        "¿cuánto cuesta una sesión de acupuntura?",
        "electroacupuncture",
        "tcm and qi",
        "my PPO",
        "e-stim",
    ],
)
def test_it_leaves_names_numbers_other_languages_and_good_words_alone(spelling: Spelling, kept: str) -> None:
    assert spelling.correct(kept) == kept.lower()


def test_of_words_as_near_it_takes_the_one_with_the_same_letters() -> None:
    spelling = Spelling.learn(["take it", "take that", "take this", "talk to me"], {})
    assert spelling.correct("takl to me") == "talk to me"


def test_a_misspelled_wording_teaches_no_misspelling(spelling: Spelling) -> None:
    assert "acupunture" not in spelling.own_words
    assert spelling.own_words["electroacupuncture"] == 1


def test_nothing_stays_nothing(spelling: Spelling) -> None:
    assert spelling.correct("") == ""
