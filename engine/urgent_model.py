"""The guard's second look: how much a message reads like the written emergencies, whatever words it uses.

Patterns catch the wordings somebody thought of; this catches their neighbours. It is a linear model over the
sentence vector with four outcomes (none and the three levels), and it may only add urgency, never remove it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from engine.topic_model import SEED, fit_early

FOLDS = 4
NONE = "none"
COST_MISSED = 4.0  # of a missed emergency, where a false alarm costs 1
STEPS = np.linspace(0.1, 0.9, 81)


@dataclass
class UrgentModel:
    """levels: outcomes in the order of `weights` (one row each); threshold: probability of any urgency."""

    levels: List[str]
    weights: np.ndarray
    bias: np.ndarray
    threshold: float

    @classmethod
    def train(cls, vectors: np.ndarray, levels: Sequence[str]) -> "UrgentModel":
        """Fit on sentence vectors and their levels; the threshold is the cheapest one on unseen wordings."""
        labels = np.array(levels)
        classifier = _fit(vectors, labels)
        threshold = _cheapest_threshold(_held_out_urgency(vectors, labels), labels != NONE)
        return cls(list(classifier.classes_), classifier.coef_, classifier.intercept_, threshold)

    def find_level(self, vector: np.ndarray) -> str:
        """The level of one message, "none" below the threshold; `vector` has shape (896,)."""
        probabilities = _softmax((vector @ self.weights.T + self.bias)[None, :])[0]
        none = self.levels.index(NONE)
        if 1 - probabilities[none] < self.threshold:
            return NONE
        probabilities[none] = 0.0
        return self.levels[int(probabilities.argmax())]

    def save(self, folder: Path) -> None:
        """Write the model into a folder (NumPy file, no pickle)."""
        np.savez(
            folder / "urgent_model.npz",
            levels=np.array(self.levels),
            weights=self.weights,
            bias=self.bias,
            threshold=self.threshold,
        )

    @classmethod
    def load(cls, folder: Path) -> "UrgentModel":
        """Read what `save` wrote."""
        numbers = np.load(folder / "urgent_model.npz", allow_pickle=False)
        levels = [str(level) for level in numbers["levels"]]
        return cls(levels, numbers["weights"], numbers["bias"], float(numbers["threshold"]))


def _fit(vectors: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    return fit_early(LogisticRegression(C=3.0), vectors, labels)


def _held_out_urgency(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probability of any urgency for each wording, by a model that has not seen it; shape (wordings,)."""
    urgency = np.zeros(len(labels))
    for known, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(vectors, labels):
        classifier = _fit(vectors[known], labels[known])
        none = list(classifier.classes_).index(NONE)
        urgency[unseen] = 1 - classifier.predict_proba(vectors[unseen])[:, none]
    return urgency


def _cheapest_threshold(urgency: np.ndarray, is_urgent: np.ndarray) -> float:
    def cost(threshold: float) -> Tuple[float, float]:
        alarms = urgency >= threshold
        return COST_MISSED * (is_urgent & ~alarms).sum() + (alarms & ~is_urgent).sum(), -threshold

    return float(min(STEPS, key=cost))


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
