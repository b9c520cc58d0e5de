"""What to do with a guess: answer it, ask what was meant, or admit not knowing.

Plain Python, no Rasa. A wrong answer costs more than a question back, and a question back more than a
right answer; the two thresholds are the cheapest ones on guesses the model made about wordings it had
not been trained on (cross-validation; see docs/decisions/0004-answer-clarify-admit.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import FrozenSet, List, Sequence, Tuple

import numpy as np

OFFERED_AT_MOST = 3
COST_WRONG_ANSWER = 1.3
COST_CLARIFIED_WITHOUT_IT = 1.0
COST_ADMITTED = 0.9
COST_CLARIFIED = 0.45
COST_CLARIFIED_OUT_OF_SCOPE = 0.4


@dataclass(frozen=True)
class Thresholds:
    """Confidence (0 to 1) from which on we answer, or at least clarify."""

    answer: float
    clarify: float


@dataclass(frozen=True)
class Roles:
    """What an intent is for: `dialogue` steers the talk, `refusal` declines, all others are questions."""

    dialogue: FrozenSet[str]
    refusal: FrozenSet[str]

    def is_offered(self, intent: str) -> bool:
        """Whether the intent may stand on a button when we ask back: every question we do not decline."""
        return intent.startswith("ask_") and intent not in self.refusal


@dataclass(frozen=True)
class Decision:
    """kind: answer | clarify | fallback | dialogue | urgent; options: intents offered, best first."""

    kind: str
    options: Tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldOutGuess:
    """A guess about a wording the model had not seen, with the intent the writer gave it."""

    intent: str
    ranking: List[Tuple[str, float]]
    confidence: float


def decide(
    ranking: Sequence[Tuple[str, float]], confidence: float, thresholds: Thresholds, roles: Roles
) -> Decision:
    """Decide on a ranking of (intent, probability), best first, and the confidence in its best."""
    best = ranking[0][0]
    options = tuple(intent for intent, _ in ranking if roles.is_offered(intent))[:OFFERED_AT_MOST]
    if best in roles.refusal:
        return Decision("fallback", options)
    if confidence >= thresholds.answer:
        return Decision("dialogue" if best in roles.dialogue else "answer")
    if confidence >= thresholds.clarify:
        return Decision("clarify", options)
    return Decision("fallback", options)


def learn_thresholds(guesses: Sequence[HeldOutGuess], roles: Roles) -> Thresholds:
    """The cheapest pair of thresholds on guesses about unseen wordings, tried in steps of 0.02."""
    confidences = np.array([guess.confidence for guess in guesses])
    answered, clarified, admitted = (
        np.array([_cost(guess, thresholds, roles) for guess in guesses])
        for thresholds in (Thresholds(0.0, 0.0), Thresholds(2.0, 0.0), Thresholds(2.0, 2.0))
    )

    def cost(pair: Thresholds) -> float:
        unsure = np.where(confidences >= pair.clarify, clarified, admitted)
        return float(np.where(confidences >= pair.answer, answered, unsure).sum())

    steps = [step / 50 for step in range(2, 48)]
    return min((Thresholds(high, low) for high, low in product(steps, steps) if low <= high), key=cost)


def _cost(guess: HeldOutGuess, thresholds: Thresholds, roles: Roles) -> float:
    decision = decide(guess.ranking, guess.confidence, thresholds, roles)
    in_scope = guess.intent not in roles.refusal
    if decision.kind == "clarify":
        if not in_scope:
            return COST_CLARIFIED_OUT_OF_SCOPE
        return COST_CLARIFIED if guess.intent in decision.options else COST_CLARIFIED_WITHOUT_IT
    if decision.kind == "fallback":
        return COST_ADMITTED if in_scope else 0.0
    return 0.0 if guess.ranking[0][0] == guess.intent else COST_WRONG_ANSWER
