"""Old and new question by question: each verdict, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from content.comparison import TOLERANCE, by_chance, compare, read_comparison


def row(text: str = "how much", kind: str = "in_scope", topic: str = "cost", **told: Any) -> dict[str, Any]:
    empty = {"alt_topic": "", "decision": "answer", "intent": "ask_cost", "options": [], "urgent": "none"}
    return {"text": text, "kind": kind, "topic": topic, **empty, **told}


RIGHT = row()
OFFERED = row(decision="clarify", options=["cost", "insurance"])
WRONG = row(intent="ask_insurance")
SEEN = row(kind="red_flag", topic="R01", decision="urgent", urgent="emergency")
MISSED = row(kind="red_flag", topic="R01", decision="answer")
CAN_WAIT = row(kind="red_flag", topic="R01", decision="urgent", urgent="same_day")
CRISIS = row(kind="red_flag", topic="R01", decision="urgent", urgent="crisis")
DECLINED = row(kind="out_of_scope", topic="", decision="fallback")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (RIGHT, WRONG, "worse"),
        (RIGHT, OFFERED, "worse"),
        (OFFERED, RIGHT, "better"),
        (WRONG, OFFERED, "better"),
        (WRONG, row(intent="ask_medicare"), "changed"),
        (DECLINED, row(kind="out_of_scope", topic=""), "worse"),
        (SEEN, MISSED, "worse"),
        (MISSED, SEEN, "better"),
        (SEEN, CAN_WAIT, "worse"),
        (SEEN, CRISIS, "changed"),
        (CAN_WAIT, SEEN, "changed"),
        (RIGHT, row(decision="urgent", urgent="emergency"), "worse"),
    ],
)
def test_each_change_gets_its_verdict(before: Any, after: Any, verdict: str) -> None:
    assert [change.verdict for change in compare([before], [after]).changes] == [verdict]


def test_the_same_result_is_no_change() -> None:
    assert compare([RIGHT], [row(confidence=0.5)]).changes == []


def test_more_worse_than_better_is_refused_beyond_the_tolerance() -> None:
    def lose(count: int) -> list[str]:
        before = [row(str(number)) for number in range(count)]
        after = [row(str(number), intent="ask_insurance") for number in range(count)]
        return compare(before, after).refusals()

    assert lose(TOLERANCE) == []
    assert lose(TOLERANCE + 1) == ["4 questions get a worse answer and only 0 a better one."]


def test_what_moves_to_both_sides_as_by_chance_is_not_refused() -> None:
    def move(worse: int, better: int) -> list[str]:
        right = [row(str(number)) for number in range(worse + better)]
        wrong = [row(str(number), intent="ask_insurance") for number in range(worse + better)]
        return compare(right[:worse] + wrong[worse:], wrong[:worse] + right[worse:]).refusals()

    assert by_chance(3, 0) == 0.125
    assert move(9, 5) == []
    assert move(14, 6) == ["14 questions get a worse answer and only 6 a better one."]


def test_one_missed_emergency_is_refused() -> None:
    assert "emergencies" in compare([SEEN], [MISSED]).refusals()[0]


def test_an_emergency_that_is_told_to_wait_is_refused() -> None:
    assert "less urgent" in compare([SEEN], [CAN_WAIT]).refusals()[0]
    assert compare([SEEN], [CRISIS]).refusals() == compare([CAN_WAIT], [SEEN]).refusals() == []


def test_a_question_asked_of_one_model_alone_does_not_count() -> None:
    comparison = compare([RIGHT], [row("another", intent="ask_insurance")])
    assert (comparison.of, comparison.changes) == (0, [])


def test_it_is_kept_and_read_again() -> None:
    comparison = compare([RIGHT, SEEN], [WRONG, MISSED])
    assert read_comparison(comparison.as_json()) == comparison
    assert comparison.by_topic() == {"R01": {"worse": 1}, "cost": {"worse": 1}}
