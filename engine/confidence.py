"""How likely it is that a guess is right, and that there is a right one, as numbers that mean what they say.

The classifier's own probability is too sure of itself on messages unlike anything it knows. A small logistic
regression turns four signs of trouble into one calibrated probability; it is fitted on guesses about wordings
the model had not seen (cross-validation), as in Platt 1999.

Whether a message is about anything known is another question: "which of these two" can be a toss-up although
it is surely one of them. The evidence for all intents together answers it (the energy score of Liu et al.
2020), calibrated against guesses about wordings whose intent the model was made to forget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from engine.topic_model import TopicGuess

SEED = 20261124


@dataclass(frozen=True)
class Confidence:
    """The fitted weights of the signs, and the constant."""

    weights: List[float]
    bias: float

    @classmethod
    def fit(cls, guesses: Sequence[TopicGuess], is_right: Sequence[bool]) -> "Confidence":
        """Fit on guesses about unseen wordings, of which some are right and some wrong."""
        signs = np.array([_signs(guess) for guess in guesses])
        fitted = LogisticRegression(C=10.0, max_iter=500, random_state=SEED).fit(signs, np.array(is_right))
        return cls([float(weight) for weight in fitted.coef_[0]], float(fitted.intercept_[0]))

    def of(self, guess: TopicGuess) -> float:
        """Probability (0 to 1) that the best intent of the guess is the right one."""
        return float(1 / (1 + np.exp(-(np.dot(self.weights, _signs(guess)) + self.bias))))


@dataclass(frozen=True)
class Familiarity:
    """The fitted weight of the evidence, and the constant."""

    weight: float
    bias: float

    @classmethod
    def fit(cls, known: Sequence[TopicGuess], strangers: Sequence[TopicGuess]) -> "Familiarity":
        """Fit on guesses about unseen wordings: of known intents, and of intents made unknown."""
        evidence = np.array([[guess.evidence] for guess in [*known, *strangers]])
        is_known = np.repeat([True, False], [len(known), len(strangers)])
        fitted = LogisticRegression(C=10.0, max_iter=500, random_state=SEED).fit(evidence, is_known)
        return cls(float(fitted.coef_[0][0]), float(fitted.intercept_[0]))

    def of(self, guess: TopicGuess) -> float:
        """Probability (0 to 1) that the message is about an intent the model knows."""
        return float(1 / (1 + np.exp(-(self.weight * guess.evidence + self.bias))))


def _signs(guess: TopicGuess) -> List[float]:
    """Log of the best probability, its lead over the second, and how near the nearest wordings are."""
    first, second = (np.log(max(probability, 1e-6)) for _, probability in guess.ranking[:2])
    return [float(first), float(min(first - second, 6.0)), guess.similarity, guess.similarity_to_any]
