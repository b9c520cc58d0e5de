"""The contest with stock Rasa: what it counts, and one small round of it with our own parts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rasa")

import numpy as np  # noqa: E402

from evaluation.benchmark.public_sets import PublicSetMissing, read_public_set  # noqa: E402
from evaluation.benchmark.rejection import Answered, auroc, best_threshold, rates  # noqa: E402

KNOWN = Answered(np.array([0.9, 0.8, 0.7, 0.2]), np.array([True, True, False, True]))
UNKNOWN = np.array([0.1, 0.3, 0.75])


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    assert auroc(KNOWN.confidence, UNKNOWN) == pytest.approx(9 / 12)


def test_a_wrong_answer_above_the_threshold_is_not_counted_as_right():
    assert rates(KNOWN, UNKNOWN, 0.5) == (0.5, pytest.approx(2 / 3))


def test_the_threshold_is_the_one_with_the_best_sum():
    assert best_threshold(KNOWN, UNKNOWN) == 0.8


WAYS = {
    "card": ["where is my card", "my card has not come", "is the card on its way", "card still missing",
             "when does the card arrive", "no card in the post yet"],
    "rate": ["what is the exchange rate", "rate for euros today", "how good is your rate",
             "current rates please", "which rate do I get", "exchange rate for dollars"],
    "fee": ["why was I charged a fee", "there is a fee I do not know", "what does a transfer cost",
            "fees for cash", "extra charge on my account", "do you take a fee"],
}  # fmt: skip

NEXT = {"card": "rate", "rate": "fee", "fee": "card"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "clinc150"
    folder.mkdir()
    rows = [(text, intent) for intent, texts in WAYS.items() for text in texts]
    # words that fit nowhere, so that some held-out guesses are wrong and there is a confidence to learn
    doubtful = [(f"{word} {intent}", other) for word in ("well", "hm") for intent, other in NEXT.items()]
    for name, kept in (("train_10", rows + doubtful), ("val", rows[::2]), ("test", rows[1::2])):
        (folder / f"{name}.tsv").write_text("".join(f"{text}\t{intent}\n" for text, intent in kept))
    for name in ("oos_val", "oos_test"):
        (folder / f"{name}.tsv").write_text("how tall is the moon\toos\nsing me a song\toos\n")
    return tmp_path


def test_a_missing_set_is_named(data):
    with pytest.raises(PublicSetMissing, match="banking77/train_10.tsv"):
        read_public_set(data, "BANKING77, 10 examples")


def test_a_small_contest(data):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "evaluation.benchmark.contest",
         "ours", "CLINC150, 10 examples", "--data", str(data)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["accuracy"] == 1.0  # every question was trained on
    assert result["auroc"] > 0.9  # and nothing is less like them than the moon
    assert result["processor_ms"] > 0
    assert result["training_processor_seconds"] > 0
