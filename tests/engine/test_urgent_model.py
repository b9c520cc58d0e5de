"""The guard's second look learns from written emergencies, and only adds."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402

from engine.urgent_model import UrgentModel  # noqa: E402

RANDOM = np.random.default_rng(1)
CENTRES = {level: RANDOM.normal(size=16) for level in ("none", "emergency", "crisis")}


def near(level: str, count: int) -> np.ndarray:
    return CENTRES[level] + 0.3 * RANDOM.normal(size=(count, 16))


def train() -> UrgentModel:
    levels = ["none"] * 60 + ["emergency"] * 20 + ["crisis"] * 20
    vectors = np.vstack([near("none", 60), near("emergency", 20), near("crisis", 20)])
    return UrgentModel.train(vectors, levels)


@pytest.mark.parametrize("level", ["none", "emergency", "crisis"])
def test_a_message_like_the_written_ones_gets_their_level(level: str) -> None:
    model = train()
    assert [model.find_level(vector) for vector in near(level, 5)] == [level] * 5


def test_a_saved_model_finds_the_same(tmp_path) -> None:
    model = train()
    model.save(tmp_path)
    loaded = UrgentModel.load(tmp_path)
    vectors = np.vstack([near("none", 5), near("crisis", 5)])
    assert [loaded.find_level(v) for v in vectors] == [model.find_level(v) for v in vectors]
    assert loaded.threshold == model.threshold
