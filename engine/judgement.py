"""From a sentence to a decision: guess the topic, say how sure that is, and weigh what to do.

Plain Python over the topic model, the confidence and the thresholds; trained and saved together.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
from sklearn.model_selection import StratifiedKFold

from engine.confidence import Confidence, Familiarity
from engine.decision import Decision, HeldOutGuess, Roles, Thresholds, decide, learn_thresholds
from engine.topic_model import SEED, CharacterNgrams, TopicGuess, TopicModel, features_of

FOLDS = 3
STRANGERS_EVERY = 4

ReadSentence = Tuple[str, np.ndarray]
"""A sentence as understood, with its vector of shape (896,)."""
Option = Dict[str, str]
"""A question to offer on a button: intent and title."""


@dataclass(frozen=True)
class Judgement:
    """The guess that counted, the confidence in it and its familiarity (0 to 1), the decision, what to offer.

    options: offered when we ask back; also: further questions that the same message asked.
    """

    guess: TopicGuess
    confidence: float
    familiarity: float
    decision: Decision
    options: List[Option]
    also: List[Option]

    @property
    def best(self) -> str:
        """The most likely intent."""
        return self.guess.ranking[0][0]


@dataclass
class Judge:
    """Everything learned from the wordings; `titles` are the button texts of the intents."""

    model: TopicModel
    confidence: Confidence
    familiarity: Familiarity
    thresholds: Thresholds
    titles: Dict[str, str]
    roles: Roles

    @classmethod
    def train(
        cls,
        sentences: Sequence[str],
        vectors: np.ndarray,
        intents: Sequence[str],
        titles: Dict[str, str],
        roles: Roles,
    ) -> "Judge":
        """Learn from wordings with their vectors (wordings, 896) and intents."""
        ngrams = CharacterNgrams.fit(sentences)
        features = features_of(ngrams, sentences, vectors)
        guesses, strangers = _held_out_guesses(ngrams, features, vectors, intents)
        is_right = [guess.ranking[0][0] == intent for guess, intent in zip(guesses, intents, strict=True)]
        confidence = Confidence.fit(guesses, is_right)
        familiarity = Familiarity.fit(guesses, strangers)
        held_out = [
            HeldOutGuess(intent, guess.ranking, confidence.of(guess), familiarity.of(guess))
            for found, names in ((guesses, intents), (strangers, [None] * len(strangers)))
            for guess, intent in zip(found, names, strict=True)
        ]
        thresholds = learn_thresholds(held_out, roles)
        model = TopicModel.fit(ngrams, features, vectors, intents)
        return cls(model, confidence, familiarity, thresholds, titles, roles)

    def judge(self, whole: ReadSentence, parts: Sequence[ReadSentence]) -> Judgement:
        """Decide on a message, given as a whole and by the sentences that may be questions of their own."""
        judged = self._judge_one(whole)
        asked = [self._judge_one(part) for part in parts]
        answered = [part for part in asked if part.decision.kind == "answer"]
        if not answered or judged.decision.kind == "dialogue":
            return judged
        chosen = judged if judged.decision.kind == "answer" and len(answered) < 2 else answered[0]
        others = [part.best for part in answered if part.best != chosen.best]
        return replace(chosen, options=[], also=self._offer(others))

    def _judge_one(self, read: ReadSentence) -> Judgement:
        guess = self.model.guess(*read)
        confidence, familiarity = self.confidence.of(guess), self.familiarity.of(guess)
        decision = decide(guess.ranking, confidence, familiarity, self.thresholds, self.roles)
        return Judgement(guess, confidence, familiarity, decision, self._offer(decision.options), [])

    def _offer(self, intents: Sequence[str]) -> List[Option]:
        known = [intent for intent in dict.fromkeys(intents) if intent in self.titles]
        return [{"intent": intent, "title": self.titles[intent]} for intent in known]

    def save(self, folder: Path) -> None:
        """Write everything learned into a folder."""
        self.model.save(folder)
        learned = {
            "thresholds": asdict(self.thresholds),
            "confidence": asdict(self.confidence),
            "familiarity": asdict(self.familiarity),
            "titles": self.titles,
        }
        (folder / "learned.json").write_text(json.dumps(learned), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, roles: Roles) -> "Judge":
        """Read what `save` wrote."""
        learned = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
        return cls(
            TopicModel.load(folder),
            Confidence(**learned["confidence"]),
            Familiarity(**learned["familiarity"]),
            Thresholds(**learned["thresholds"]),
            learned["titles"],
            roles,
        )


def _held_out_guesses(
    ngrams: CharacterNgrams, features: np.ndarray, vectors: np.ndarray, intents: Sequence[str]
) -> Tuple[List[TopicGuess], List[TopicGuess]]:
    """A guess about every wording, in order, by a model trained without that wording's fold (seeded).

    And of every fourth wording what the model makes of it when it also has to do without its intent. The
    n-grams are those of all wordings: they are learned without the intents, and four times takes long.
    """
    guesses: Dict[int, TopicGuess] = {}
    strangers: List[TopicGuess] = []
    names = np.array(intents)
    for known, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(vectors, names):
        model = TopicModel.fit(ngrams, features[known], vectors[known], list(names[known]))
        guesses.update(zip(unseen, model.guess_all(features[unseen], vectors[unseen]), strict=True))
        some = unseen[::STRANGERS_EVERY]
        strangers += model.guess_without(features[some], vectors[some], list(names[some]))
    return [guesses[i] for i in range(len(intents))], strangers
