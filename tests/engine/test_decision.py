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
THRESHOLDS = Thresholds(answer=0.5, clarify=0.2)


def ranking(best: str, probability: float = 0.9) -> list:
    return [(best, probability), ("ask_cost", 0.06), ("greet", 0.03), ("ask_safety", 0.01)]


def test_it_answers_when_the_confidence_is_high():
    assert decide(ranking("ask_does_it_hurt"), 0.8, THRESHOLDS, ROLES).kind == "answer"


def test_it_asks_back_when_the_confidence_is_middling_and_offers_only_topics():
    decision = decide(ranking("ask_does_it_hurt"), 0.3, THRESHOLDS, ROLES)
    assert (decision.kind, decision.options) == ("clarify", ("ask_does_it_hurt", "ask_cost", "ask_safety"))


def test_it_admits_not_knowing_when_the_confidence_is_low():
    assert decide(ranking("ask_does_it_hurt"), 0.1, THRESHOLDS, ROLES).kind == "fallback"


def test_small_talk_is_dialogue_and_not_an_answer():
    assert decide(ranking("greet"), 0.8, THRESHOLDS, ROLES).kind == "dialogue"


def test_out_of_scope_never_gets_an_answer_however_sure_the_model_is():
    assert decide(ranking("out_of_scope", 0.99), 0.99, THRESHOLDS, ROLES).kind == "fallback"


def test_learned_thresholds_keep_wrong_guesses_from_being_answered():
    right = [HeldOutGuess("ask_cost", [("ask_cost", 0.9), ("ask_safety", 0.1)], 0.7) for _ in range(50)]
    wrong = [HeldOutGuess("ask_safety", [("ask_cost", 0.6), ("ask_safety", 0.4)], 0.35) for _ in range(50)]
    learned = learn_thresholds(right + wrong, ROLES)
    assert 0.35 < learned.answer <= 0.7
    assert learned.clarify <= 0.35
