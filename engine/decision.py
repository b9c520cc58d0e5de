"""What to do with a guess: answer it, ask what was meant, or admit not knowing.

Plain Python, no Rasa. A wrong answer costs more than a question back, and a question back more than a
right answer; the two thresholds are the cheapest ones on guesses the model made about wordings it had
not been trained on (cross-validation; see docs/decisions/0004-answer-clarify-admit.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import List, Sequence, Tuple

import numpy as np

OFFERED_AT_MOST = 3
COST_WRONG_ANSWER = 2.5
COST_ADMITTED = 0.8
COST_CLARIFIED_WITHOUT_IT = 1.0
COST_CLARIFIED = 0.45
COST_CLARIFIED_OUT_OF_SCOPE = 0.6


@dataclass(frozen=True)
class Thresholds:
    """Scores (probability times similarity, 0 to 1) from which on we answer, or at least clarify."""

    answer: float
    clarify: float


@dataclass(frozen=True)
class Roles:
    """What an intent is for: `dialogue` steers the talk, `refusal` declines, all others are topics."""

    dialogue: frozenset[str]
    refusal: frozenset[str]

    def is_topic(self, intent: str) -> bool:
        """Whether the intent is a question with a reviewed answer."""
        return intent not in self.dialogue and intent not in self.refusal


@dataclass(frozen=True)
class Decision:
    """kind: answer | clarify | fallback | dialogue; options: intents offered, best first."""

    kind: str
    options: Tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldOutGuess:
    """A guess about a wording the model had not seen, with the intent the writer gave it."""

    intent: str
    ranking: List[Tuple[str, float]]
    score: float


def decide(
    ranking: Sequence[Tuple[str, float]], score: float, thresholds: Thresholds, roles: Roles
) -> Decision:
    """Decide on a ranking of (intent, probability), best first, and the score of its best."""
    best = ranking[0][0]
    options = tuple(intent for intent, _ in ranking if roles.is_topic(intent))[:OFFERED_AT_MOST]
    if best in roles.refusal:
        return Decision("fallback", options)
    if score >= thresholds.answer:
        return Decision("dialogue" if best in roles.dialogue else "answer")
    if score >= thresholds.clarify:
        return Decision("clarify", options)
    return Decision("fallback", options)


def learn_thresholds(guesses: Sequence[HeldOutGuess], roles: Roles) -> Thresholds:
    """The cheapest pair of thresholds on guesses about unseen wordings, tried in steps of 0.02."""
    scores = np.array([guess.score for guess in guesses])
    answered, clarified, admitted = (
        np.array([_cost(guess, thresholds, roles) for guess in guesses])
        for thresholds in (Thresholds(0.0, 0.0), Thresholds(2.0, 0.0), Thresholds(2.0, 2.0))
    )

    def cost(pair: Thresholds) -> float:
        unsure = np.where(scores >= pair.clarify, clarified, admitted)
        return float(np.where(scores >= pair.answer, answered, unsure).sum())

    steps = [step / 50 for step in range(2, 40)]
    return min((Thresholds(high, low) for high, low in product(steps, steps) if low <= high), key=cost)


def _cost(guess: HeldOutGuess, thresholds: Thresholds, roles: Roles) -> float:
    decision = decide(guess.ranking, guess.score, thresholds, roles)
    in_scope = guess.intent not in roles.refusal
    if decision.kind == "clarify":
        if not in_scope:
            return COST_CLARIFIED_OUT_OF_SCOPE
        return COST_CLARIFIED if guess.intent in decision.options else COST_CLARIFIED_WITHOUT_IT
    if decision.kind == "fallback":
        return COST_ADMITTED if in_scope else 0.0
    return 0.0 if guess.ranking[0][0] == guess.intent else COST_WRONG_ANSWER
