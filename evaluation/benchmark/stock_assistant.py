"""A stock Rasa assistant that knows what ours knows: `python -m evaluation.benchmark.stock_assistant FOLDER`.

DIET and TED on our topics and answers, each trained for one epoch: the cost of a turn does not depend on it.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from evaluation.benchmark.contest import PIPELINES

QUESTIONS = Path("data/faq")
SEED = 20261125
STORIES = 200


def train_stock_assistant(folder: Path) -> Path:
    """Train it in the working directory's project and return the model file, which is put into `folder`."""
    from rasa.model_training import train

    stories = folder / "stories.yml"
    stories.write_text(_stories(), encoding="utf-8")
    configuration = str(PIPELINES / "stock_assistant.yml")
    trained = train("domain.yml", configuration, ["data", str(stories)], str(folder))
    return Path(str(trained.model))


def _stories() -> str:
    """Two questions one after the other, by chance: our own data are rules, and TED learns from stories."""
    topics = sorted(path.stem for path in QUESTIONS.glob("*.yml") if path.stem != "booking")
    chance = random.Random(SEED)
    lines = ['version: "3.1"', "stories:"]
    for number in range(STORIES):
        lines += [f"- story: talk {number}", "  steps:"]
        for topic in chance.sample(topics, 2):
            lines += [f"  - intent: ask_{topic}", f"  - action: utter_ask_{topic}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(train_stock_assistant(Path(sys.argv[1])))
