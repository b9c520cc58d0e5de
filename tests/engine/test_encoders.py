"""The two encoders give the vectors they gave when the thresholds were learned."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")

import numpy as np  # noqa: E402

from engine.english_encoder import EnglishEncoder, prepare_encoder  # noqa: E402
from engine.multilingual_encoder import MultilingualEncoder  # noqa: E402
from engine.sentence_encoder import SentenceEncoder  # noqa: E402

MODEL = Path("models/encoder/minilm.onnx")
# first four numbers of the vector of "does acupuncture hurt", taken on x86-64 with AVX-512
REFERENCE = {"english": [-0.0201, 0.0041, -0.0291, 0.0487], "multilingual": [0.0771, 0.0486, 0.0311, 0.0174]}
ALLOWED = 0.02  # 8-bit arithmetic differs a little between processors


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(MODEL)


def test_reference_vectors():
    prepare_encoder(MODEL)
    english = EnglishEncoder(MODEL).encode(["does acupuncture hurt"])[0]
    multilingual = MultilingualEncoder().encode(["does acupuncture hurt"])[0]
    assert english[:4] == pytest.approx(REFERENCE["english"], abs=ALLOWED)
    assert multilingual[:4] == pytest.approx(REFERENCE["multilingual"], abs=ALLOWED)


def test_a_sentence_is_a_vector_of_length_one(encoder):
    vectors = encoder.encode(["does it hurt", "is it painful", "how much is it"])
    assert vectors.shape == (3, 896)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_spanish_question_is_near_to_the_english_one(encoder):
    spanish, english, other = encoder.encode(
        ["¿duele la acupuntura?", "does acupuncture hurt?", "where are you located?"]
    )
    assert spanish @ english > spanish @ other


def test_nothing_gives_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, 896)
