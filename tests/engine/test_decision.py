"""Answer, ask back, or admit not knowing."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy")

from engine.decision import (  # noqa: E402
    HeldOutGuess,
    Roles,
    Thresholds,
    decide,
    learn_thresholds,
)

ROLES = Roles(frozenset({"greet"}), frozenset({"out_of_scope"}))
THRESHOLDS = Thresholds(answer=0.5, decline=0.3, clarify=0.4)


def ranking(best: str, probability: float = 0.9) -> list:
    return [(best, probability), ("ask_cost", 0.06), ("greet", 0.03), ("ask_safety", 0.01)]


def kind(best: str, confidence: float, familiarity: float = 0.9) -> str:
    return decide(ranking(best), confidence, familiarity, THRESHOLDS, ROLES).kind


def guessed(best: str, confidence: float, intent: str | None, familiarity: float = 0.9) -> HeldOutGuess:
    other = "ask_safety" if best == "ask_cost" else "ask_cost"
    return HeldOutGuess(intent, [(best, 0.6), (other, 0.4)], confidence, familiarity)


def test_it_answers_when_the_confidence_is_high():
    assert kind("ask_does_it_hurt", 0.8) == "answer"


def test_it_asks_back_when_the_confidence_is_middling_and_offers_only_topics():
    decision = decide(ranking("ask_does_it_hurt"), 0.3, 0.9, THRESHOLDS, ROLES)
    assert (decision.kind, decision.options) == ("clarify", ("ask_does_it_hurt", "ask_cost", "ask_safety"))


def test_it_admits_not_knowing_what_is_like_nothing_it_knows():
    assert kind("ask_does_it_hurt", 0.3, familiarity=0.1) == "fallback"


def test_small_talk_is_dialogue_and_not_an_answer():
    assert kind("greet", 0.8) == "dialogue"


def test_out_of_scope_never_gets_an_answer_however_sure_the_model_is():
    assert kind("out_of_scope", 0.99) == "fallback"


def test_it_asks_back_before_it_declines_what_it_hardly_takes_for_out_of_scope():
    assert kind("out_of_scope", 0.2) == "clarify"


def test_learned_thresholds_keep_wrong_guesses_from_being_answered():
    right = [guessed("ask_cost", 0.8, "ask_cost")] * 50
    wrong = [guessed("ask_cost", 0.3, "ask_safety")] * 50
    learned = learn_thresholds(right + wrong, ROLES)
    assert 0.3 < learned.answer <= 0.8


def test_a_few_guesses_more_hardly_move_the_threshold():
    sure = [guessed("ask_cost", 0.5 + step / 100, "ask_cost") for step in range(40)]
    unsure = [guessed("ask_cost", 0.2 + step / 100, "ask_safety") for step in range(40)]
    first = learn_thresholds(sure + unsure, ROLES).answer
    odd = [guessed("ask_cost", 0.62, "ask_safety"), guessed("ask_cost", 0.63, "ask_safety")]
    assert learn_thresholds(sure + unsure + odd, ROLES).answer == pytest.approx(first, abs=0.04)


def test_strangers_teach_it_to_admit_rather_than_to_ask_back():
    sure = [guessed("ask_cost", 0.9, "ask_cost")] * 20
    unsure = [guessed("ask_cost", 0.2, "ask_safety", familiarity=0.8)] * 20
    strangers = [guessed("ask_cost", 0.2, None, familiarity=0.1)] * 20
    learned = learn_thresholds(sure + unsure + strangers, ROLES)
    assert 0.1 < learned.clarify <= 0.8
