"""The topic model: same data, same model; and a saved model answers as the one that was trained."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402

from engine.sentence_encoder import SentenceEncoder  # noqa: E402
from engine.topic_model import TopicModel, features_of  # noqa: E402

WORDINGS = {
    "ask_cost": ["how much is a visit", "what does it cost", "the price please", "is it expensive", "cost"],
    "ask_does_it_hurt": [
        "does it hurt",
        "is it painful",
        "will the needles hurt me",
        "pain of the needle",
        "ouch",
    ],
    "greet": ["hello", "hi there", "good morning", "hey", "good evening"],
}


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(Path("models/encoder/minilm.onnx"))


def train(encoder: SentenceEncoder) -> TopicModel:
    sentences = [wording for wordings in WORDINGS.values() for wording in wordings]
    intents = [intent for intent, wordings in WORDINGS.items() for _ in wordings]
    return TopicModel.train(sentences, encoder.encode(sentences), intents)


def guess(model: TopicModel, encoder: SentenceEncoder, sentence: str):
    return model.guess(sentence, encoder.encode([sentence])[0])


def test_the_encoder_gives_vectors_of_length_one_and_knows_what_is_alike(encoder):
    vectors = encoder.encode(["does it hurt", "is it painful", "how much is it"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_sentence_has_the_same_vector_alone_and_among_others(encoder):
    alone, among = (
        encoder.encode(["does it hurt"])[0],
        encoder.encode(["what does it cost", "does it hurt"])[1],
    )
    assert np.allclose(alone, among, atol=1e-5)


def test_it_recognises_new_wordings(encoder):
    model = train(encoder)
    assert guess(model, encoder, "are the needles painful").ranking[0][0] == "ask_does_it_hurt"
    assert guess(model, encoder, "how much would I pay").ranking[0][0] == "ask_cost"


def test_the_ranking_is_whole_and_adds_up_to_one(encoder):
    ranking = guess(train(encoder), encoder, "does it hurt").ranking
    assert {intent for intent, _ in ranking} == set(WORDINGS)
    assert sum(probability for _, probability in ranking) == pytest.approx(1, abs=1e-4)


def test_something_unlike_anything_known_is_near_to_nothing(encoder):
    model = train(encoder)
    strange, known = (
        guess(model, encoder, sentence) for sentence in ("quarterly submarine parliament", "does it hurt")
    )
    assert strange.similarity_to_any < 0.4 < known.similarity_to_any
    assert known.similarity_to_any == pytest.approx(1, abs=1e-3)


def test_many_sentences_at_once_get_the_guesses_they_get_alone(encoder):
    model = train(encoder)
    sentences = ["how much would I pay", "is it sore"]
    vectors = encoder.encode(sentences)
    together = model.guess_all(features_of(model.ngrams, sentences, vectors), vectors)
    alone = [guess(model, encoder, sentence) for sentence in sentences]
    assert [found.ranking[0][0] for found in together] == [found.ranking[0][0] for found in alone]
    assert [found.evidence for found in together] == pytest.approx(
        [found.evidence for found in alone], abs=1e-3
    )


def test_what_it_is_made_to_forget_is_never_guessed_and_speaks_up_less(encoder):
    model = train(encoder)
    sentences = ["how much would I pay"]
    vectors = encoder.encode(sentences)
    features = features_of(model.ngrams, sentences, vectors)
    (knowing,), (forgetful,) = (
        model.guess_all(features, vectors),
        model.guess_without(features, vectors, ["ask_cost"]),
    )
    assert knowing.ranking[0][0] == "ask_cost"
    assert forgetful.ranking[-1] == ("ask_cost", 0.0)
    assert forgetful.evidence < knowing.evidence


def test_training_twice_gives_the_same_model(encoder):
    first, second = train(encoder), train(encoder)
    assert np.array_equal(first.weights, second.weights)


def test_a_saved_model_guesses_the_same(encoder, tmp_path):
    model = train(encoder)
    model.save(tmp_path)
    loaded = TopicModel.load(tmp_path)
    assert guess(loaded, encoder, "is it sore").ranking == guess(model, encoder, "is it sore").ranking
