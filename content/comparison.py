"""Old and new side by side, question by question: which held-out questions change their answer, and how.

Input are the rows that `python -m evaluation … --out` writes (evaluation/scores.py). A question's result
has three grades: 2 right, 1 asked back or admitted, 0 wrong. An emergency that is missed is wrong, and so is
a harmless question taken for one; one that is seen as less urgent than before has got worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import Any

# More questions may get worse than better by this many: about 1 in 400 of ours, less than the questions that
# a new draw of the same topic would move. Beyond it, what counts is whether chance would do it: a new topic
# moves some questions at the borders of the others, to both sides. A missed emergency is never tolerated.
TOLERANCE = 3
CHANCE = 0.1
SPOKEN = ("booking", "talk_to_human")
# An emergency and a crisis need somebody at once; the other urgent level can wait for hours.
AT_ONCE = ("emergency", "crisis")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ChangedQuestion:
    """A question whose result changed. verdict: better, worse or changed (neither)."""

    text: str
    kind: str
    topic: str
    before: str
    after: str
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """What changes. of: questions asked of both."""

    of: int
    changes: list[ChangedQuestion]
    missed_emergencies: int

    def count(self, verdict: str) -> int:
        """Return how many questions have this verdict."""
        return sum(change.verdict == verdict for change in self.changes)

    def by_topic(self) -> dict[str, Counter[str]]:
        """Return the verdicts of each topic."""
        topics: dict[str, Counter[str]] = {}
        for change in self.changes:
            topics.setdefault(change.topic or change.kind, Counter())[change.verdict] += 1
        return dict(sorted(topics.items()))

    def refusals(self) -> list[str]:
        """Return why this may not be published, as sentences; empty when it may."""
        found = []
        worse, better = self.count("worse"), self.count("better")
        if worse > better + TOLERANCE and by_chance(worse, better) < CHANCE:
            found.append(f"{worse} questions get a worse answer and only {better} a better one.")
        if self.missed_emergencies:
            found.append(
                f"{self.missed_emergencies} emergencies are missed now, or are taken for less urgent."
            )
        return found

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with the release."""
        return asdict(self)


def by_chance(worse: int, better: int) -> float:
    """Return how likely so many of the moved questions got worse if each might as well have got better.

    The one-sided sign test, for pairs of yes and no also known as McNemar's (Psychometrika 12, 1947).
    """
    moved = worse + better
    ways: int = 2**moved
    return sum(comb(moved, number) for number in range(worse, moved + 1)) / ways


def read_comparison(kept: dict[str, Any]) -> Comparison:
    """Return what `as_json` kept."""
    return Comparison(
        kept["of"], [ChangedQuestion(**change) for change in kept["changes"]], kept["missed_emergencies"]
    )


def compare(before: Sequence[Row], after: Sequence[Row]) -> Comparison:
    """Return the comparison of two evaluations; a question asked of one alone does not count."""
    old = {row["text"]: row for row in before}
    both = [(old[row["text"]], row) for row in after if row["text"] in old]
    changes = [_describe(one, other) for one, other in both if result_of(one) != result_of(other)]
    missed = sum(is_less_urgent(one, other) for one, other in both)
    return Comparison(len(both), sorted(changes, key=lambda change: (change.topic, change.text)), missed)


def _describe(before: Row, after: Row) -> ChangedQuestion:
    old, new = grade(before), grade(after)
    is_worse = new < old or is_less_urgent(before, after)
    verdict = "worse" if is_worse else "better" if new > old else "changed"
    return ChangedQuestion(
        after["text"], after["kind"], after["topic"], result_of(before), result_of(after), verdict
    )


def is_less_urgent(before: Row, after: Row) -> bool:
    """Return whether a red flag that was seen is missed now, or no longer gets help at once."""
    if before["kind"] != "red_flag" or before["decision"] != "urgent":
        return False
    return after["decision"] != "urgent" or (before["urgent"] in AT_ONCE and after["urgent"] not in AT_ONCE)


def result_of(row: Row) -> str:
    """Return what a visitor got: the decision, and the topic where there is one."""
    if row["decision"] == "clarify":
        return "asks: " + ", ".join(row["options"])
    if row["decision"] in ("answer", "dialogue"):
        return topic_name(row["intent"])
    return f"urgent: {row['urgent']}" if row["decision"] == "urgent" else str(row["decision"])


def grade(row: Row) -> int:
    """Return 2, 1 or 0 as the module describes."""
    decision = row["decision"]
    if row["kind"] == "red_flag":
        return 2 if decision == "urgent" else 0
    if decision == "urgent":
        return 0
    if row["kind"] == "out_of_scope":
        return 0 if decision == "answer" else 2
    right = {row["topic"], row["alt_topic"]} - {""}
    topic = topic_name(row["intent"])
    if topic in right and (decision == "answer" or (decision == "dialogue" and topic in SPOKEN)):
        return 2
    return 0 if decision == "answer" else 1


def topic_name(intent: str) -> str:
    """Return the topic of an intent: `ask_cost` is about `cost`."""
    return intent.removeprefix("ask_")
