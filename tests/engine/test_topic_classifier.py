"""What the topic model takes for an emergency is urgent, also where the guard saw nothing."""

from __future__ import annotations

import pytest

pytest.importorskip("rasa")

from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from engine.decision import Decision  # noqa: E402
from engine.judgement import Judgement  # noqa: E402
from engine.topic_classifier import TopicClassifier  # noqa: E402
from engine.topic_model import TopicGuess  # noqa: E402


class Guesses:
    """A judge that always has the same guess."""

    def __init__(self, best: str, kind: str) -> None:
        guess = TopicGuess([(best, 0.4), ("ask_safety", 0.3)], 0.5, 0.5, evidence=1.0)
        self._judgement = Judgement(guess, 0.3, 0.9, Decision(kind), [], [])

    def judge(self, whole: object, parts: object) -> Judgement:
        return self._judgement


def understood(best: str, kind: str, **found: dict) -> Message:
    classifier = TopicClassifier({"dialogue": [], "refusal": []}, None, None)
    classifier._judge = Guesses(best, kind)
    return classifier.process([Message({"text": "-", **found})])[0]


@pytest.mark.parametrize("kind", ["dialogue", "clarify"])
def test_an_emergency_by_topic_is_urgent_however_unsure(kind: str) -> None:
    message = understood("report_crisis", kind)
    assert message.get("understanding")["decision"] == "urgent"
    assert message.get("urgency") == {"level": "crisis", "category": ""}
    assert message.get("intent") == {"name": "report_crisis", "confidence": 1.0}


def test_what_the_guard_found_goes_before_the_topic() -> None:
    found = {"level": "emergency", "category": "heart"}
    message = understood("report_same_day", "dialogue", urgency=found, intent={"name": "report_emergency"})
    assert message.get("urgency") == found
    assert message.get("intent") == {"name": "report_emergency"}


def test_an_ordinary_topic_stays_one() -> None:
    message = understood("ask_cost", "clarify")
    assert message.get("understanding")["decision"] == "clarify"
    assert message.get("intent")["name"] == "nlu_clarify"
