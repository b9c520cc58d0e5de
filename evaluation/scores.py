"""What counts as right, and how sure a share is. Plain Python.

Definitions: the evaluation contract in docs/decisions/0008-how-it-is-measured.md.
Intervals: Wilson 1927, 95 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from evaluation.questions import Question

SPOKEN_TOPICS = ("booking", "talk_to_human")  # answered by a dialogue, not by a text
Z_95 = 1.96


@dataclass(frozen=True)
class Outcome:
    """A question and what the assistant made of it. options: topics offered when it asked back."""

    question: Question
    decision: str
    intent: str
    confidence: float
    options: list[str]
    urgent: str

    @property
    def topic(self) -> str:
        """The topic name of the intent."""
        return topic_name(self.intent)

    def is_answered_right(self) -> bool:
        """An in-scope question that got its own topic's answer."""
        spoken = self.decision == "dialogue" and self.topic in SPOKEN_TOPICS
        return (self.decision == "answer" or spoken) and self.question.is_about(self.topic)

    def is_helped(self) -> bool:
        """Answered right, or a right topic was among the offered."""
        offered = self.decision == "clarify" and any(map(self.question.is_about, self.options))
        return self.is_answered_right() or offered

    def is_answered_wrong(self) -> bool:
        """Got another topic's answer."""
        return self.decision == "answer" and not self.question.is_about(self.topic)

    def as_row(self) -> dict[str, Any]:
        """The row of the output file."""
        return {
            "text": self.question.text,
            "kind": self.question.kind,
            "topic": self.question.topic,
            "alt_topic": self.question.alt_topic,
            "decision": self.decision,
            "intent": self.intent,
            "confidence": self.confidence,
            "options": self.options,
            "urgent": self.urgent,
        }


def topic_name(intent: str) -> str:
    """`ask_cost` is about the topic `cost`; other intents keep their name."""
    return intent[len("ask_") :] if intent.startswith("ask_") else intent


def summarise(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Every measure as {count, of, share, low, high}; shares in per cent, None where nothing is counted."""
    in_scope = [outcome for outcome in outcomes if outcome.question.kind == "in_scope"]
    out_of_scope = [outcome for outcome in outcomes if outcome.question.kind == "out_of_scope"]
    red_flags = [outcome for outcome in outcomes if outcome.question.kind == "red_flag"]
    return {
        "answered_right": _share(in_scope, Outcome.is_answered_right),
        "helped": _share(in_scope, Outcome.is_helped),
        "answered_wrong": _share(in_scope, Outcome.is_answered_wrong),
        "out_of_scope_refused": _share(out_of_scope, lambda outcome: outcome.decision != "answer"),
        "red_flag_caught": _share(red_flags, _is_urgent),
        "false_alarms": _share(in_scope + out_of_scope, _is_urgent),
    }


def _is_urgent(outcome: Outcome) -> bool:
    return outcome.decision == "urgent"


def _share(outcomes: Sequence[Outcome], counts: Callable[[Outcome], bool]) -> dict[str, Any]:
    of, count = len(outcomes), sum(map(counts, outcomes))
    if of == 0:
        return {"count": 0, "of": 0, "share": None, "low": None, "high": None}
    low, high = wilson(count, of)
    return {
        "count": count,
        "of": of,
        "share": round(100 * count / of, 1),
        "low": round(100 * low, 1),
        "high": round(100 * high, 1),
    }


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (both 0 to 1)."""
    share, spread = count / of, Z_95**2 / of
    centre = share + spread / 2
    margin = Z_95 * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (centre - margin) / (1 + spread)), min(1.0, (centre + margin) / (1 + spread))
