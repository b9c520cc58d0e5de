"""A sentence as numbers: two encoders side by side.

In cross-validation on 3,858 wordings the first alone got 74.5 % right, the second 71.9 %, both 78.8 %.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np

from engine.english_encoder import EnglishEncoder, prepare_encoder
from engine.multilingual_encoder import MultilingualEncoder

MULTILINGUAL_WEIGHT = 0.7
NAME = "minilm-int8+use-multilingual-0.7"  # another name whenever the vectors become other ones


class SentenceEncoder:
    """Both views of a sentence as one vector of length 1.

    model: where the 8-bit English model is; it is made there when it is missing.
    """

    def __init__(self, model: Path) -> None:
        prepare_encoder(model)
        self._english = EnglishEncoder(model)
        self._multilingual = MultilingualEncoder()

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Array of shape (number of sentences, 896), float32; the cosine of two is their product."""
        both = [self._english.encode(sentences), MULTILINGUAL_WEIGHT * self._multilingual.encode(sentences)]
        return np.hstack(both) / np.float32(np.hypot(1, MULTILINGUAL_WEIGHT))
