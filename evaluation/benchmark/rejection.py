"""How well a confidence tells questions that are known from those that are not. Plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score


@dataclass(frozen=True)
class Answered:
    """Confidences of questions (0 to 1), and for known ones whether the intent was right."""

    confidence: np.ndarray
    is_right: np.ndarray


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """Chance (0 to 1) that a known question is more confident than an unknown one."""
    is_known = np.concatenate([np.ones(len(known)), np.zeros(len(unknown))])
    return float(roc_auc_score(is_known, np.concatenate([known, unknown])))


def best_threshold(known: Answered, unknown: np.ndarray) -> float:
    """The threshold with the highest sum of the share answered right and the share of unknown refused.

    Chosen on the validation set; the other rule in use, highest accuracy overall, is lenient when there are
    thirty known questions to one unknown (Larson et al. 2019).
    """
    tried = np.unique(np.concatenate([known.confidence, unknown]))
    gains = [sum(rates(known, unknown, threshold)) for threshold in tried]
    return float(tried[int(np.argmax(gains))])


def rates(known: Answered, unknown: np.ndarray, threshold: float) -> tuple[float, float]:
    """Shares (0 to 1) of known questions answered right, and of unknown ones refused."""
    answered = (known.confidence >= threshold) & known.is_right
    return float(answered.mean()), float((unknown < threshold).mean())
