"""What to do with a guess: answer it, ask what was meant, or admit not knowing.

Plain Python, no Rasa. A wrong answer costs more than a question back, and a question back more than a
right answer; the thresholds are the cheapest ones on guesses the model made about wordings it had
not been trained on (cross-validation; see docs/decisions/0004-answer-clarify-admit.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, List, Optional, Sequence, Tuple

import numpy as np

OFFERED_AT_MOST = 3
COST_WRONG_ANSWER = 1.35
COST_CLARIFIED_WITHOUT_IT = 1.0
COST_ADMITTED = 1.0
COST_CLARIFIED = 0.45
COST_CLARIFIED_OUT_OF_SCOPE = 0.3
UNHEARD_OF_SHARE = 0.1  # messages about something no wording was written for, to one that was

STEPS = np.linspace(-5.0, 5.0, 201)  # log-odds of the thresholds that are tried
SMOOTHING = 0.5  # in log-odds


@dataclass(frozen=True)
class Thresholds:
    """Confidence (0 to 1) from which on we answer, and from which on we decline without asking back;
    familiarity (0 to 1) from which on we ask back what was meant."""

    answer: float
    decline: float
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
    """A guess about a wording the model had not seen, with the intent the writer gave it.

    intent: None when the model was made to forget the intent, so that no guess is right.
    """

    intent: Optional[str]
    ranking: List[Tuple[str, float]]
    confidence: float
    familiarity: float


def decide(
    ranking: Sequence[Tuple[str, float]],
    confidence: float,
    familiarity: float,
    thresholds: Thresholds,
    roles: Roles,
) -> Decision:
    """Decide on a ranking of (intent, probability), best first, the confidence in its best, and how familiar
    the message is."""
    best = ranking[0][0]
    options = tuple(intent for intent, _ in ranking if roles.is_offered(intent))[:OFFERED_AT_MOST]
    if best in roles.refusal:
        return Decision("clarify" if options and confidence < thresholds.decline else "fallback", options)
    if confidence >= thresholds.answer:
        return Decision("dialogue" if best in roles.dialogue else "answer")
    return Decision("clarify" if familiarity >= thresholds.clarify else "fallback", options)


def learn_thresholds(guesses: Sequence[HeldOutGuess], roles: Roles) -> Thresholds:
    """The cheapest thresholds on guesses about unseen wordings, each where its smoothed cost is lowest.

    The bare cost is a staircase with many steps of nearly the same height, and which of them is the lowest
    hangs on a handful of guesses. Smoothed, a guess near the threshold counts in part for either side.
    """
    known = [guess for guess in guesses if guess.intent is not None]
    declined = [guess for guess in known if guess.ranking[0][0] in roles.refusal]
    asked = [guess for guess in known if guess.ranking[0][0] not in roles.refusal]
    answer = _cheapest(_confidences(asked), _extra_costs(asked, "answer", "clarify", roles))
    decline = _cheapest(_confidences(declined), _extra_costs(declined, "fallback", "clarify", roles))
    unsure = [
        guess for guess in guesses if guess.confidence < answer and guess.ranking[0][0] not in roles.refusal
    ]
    familiarities = np.array([guess.familiarity for guess in unsure])
    strangers = len(guesses) - len(known)
    weight = UNHEARD_OF_SHARE * len(known) / max(strangers, 1)
    weights = np.array([weight if guess.intent is None else 1.0 for guess in unsure])
    clarify = _cheapest(familiarities, weights * _extra_costs(unsure, "clarify", "fallback", roles))
    return Thresholds(answer, decline, clarify)


def _confidences(guesses: Sequence[HeldOutGuess]) -> np.ndarray:
    return np.array([guess.confidence for guess in guesses])


def _extra_costs(guesses: Sequence[HeldOutGuess], kind: str, other: str, roles: Roles) -> np.ndarray:
    """What doing `kind` with each guess costs more than doing `other`."""
    return np.array([_cost(guess, kind, roles) - _cost(guess, other, roles) for guess in guesses])


def _cheapest(probabilities: np.ndarray, extra_costs: np.ndarray) -> float:
    """The probability from which on an action that costs so much more (or less) is worth taking."""
    log_odds = _log_odds(probabilities)
    total = [float(_share_above(log_odds, step) @ extra_costs) for step in STEPS]
    return _probability(STEPS[int(np.argmin(total))])


def _share_above(log_odds: np.ndarray, threshold: float) -> np.ndarray:
    return 1 / (1 + np.exp(-(log_odds - threshold) / SMOOTHING))


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    kept = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _cost(guess: HeldOutGuess, kind: str, roles: Roles) -> float:
    in_scope = guess.intent is not None and guess.intent not in roles.refusal
    if kind == "clarify":
        if not in_scope:
            return COST_CLARIFIED_OUT_OF_SCOPE
        options = [intent for intent, _ in guess.ranking if roles.is_offered(intent)][:OFFERED_AT_MOST]
        return COST_CLARIFIED if guess.intent in options else COST_CLARIFIED_WITHOUT_IT
    if kind == "fallback":
        return COST_ADMITTED if in_scope else 0.0
    return 0.0 if guess.ranking[0][0] == guess.intent else COST_WRONG_ANSWER
