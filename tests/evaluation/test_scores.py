"""What counts as right is what the contract says."""

from __future__ import annotations

import pytest

from evaluation.questions import Question, QuestionsUnclear, read_questions
from evaluation.scores import Outcome, summarise, wilson

COST = Question("how much", "cost", "payment_packages", "in_scope")
BOOK = Question("see me monday", "booking", "", "in_scope")
WEATHER = Question("will it rain", "oos_general", "", "out_of_scope")
CHEST = Question("my chest hurts", "R06", "", "red_flag")


def outcome(question: Question, decision: str, intent: str, options: tuple[str, ...] = ()) -> Outcome:
    return Outcome(question, decision, intent, 0.8, list(options), "none")


@pytest.mark.parametrize(
    ("made", "right", "helped", "wrong"),
    [
        (outcome(COST, "answer", "ask_cost"), True, True, False),
        (outcome(COST, "answer", "ask_payment_packages"), True, True, False),
        (outcome(COST, "answer", "ask_insurance"), False, False, True),
        (outcome(COST, "clarify", "ask_insurance", ("insurance", "cost")), False, True, False),
        (outcome(COST, "clarify", "ask_insurance", ("insurance", "medicare")), False, False, False),
        (outcome(COST, "fallback", "ask_cost"), False, False, False),
        (outcome(COST, "dialogue", "ask_cost"), False, False, False),
        (outcome(BOOK, "dialogue", "ask_booking"), True, True, False),
    ],
)
def test_an_in_scope_question(made: Outcome, right: bool, helped: bool, wrong: bool) -> None:
    assert (made.is_answered_right(), made.is_helped(), made.is_answered_wrong()) == (right, helped, wrong)


def test_the_summary_counts_each_kind_by_itself() -> None:
    summary = summarise(
        [
            outcome(COST, "answer", "ask_cost"),
            outcome(BOOK, "urgent", "report_emergency"),
            outcome(WEATHER, "fallback", "out_of_scope"),
            outcome(CHEST, "urgent", "report_emergency"),
        ]
    )
    counts = {name: (measure["count"], measure["of"]) for name, measure in summary.items()}
    assert counts == {
        "answered_right": (1, 2),
        "helped": (1, 2),
        "answered_wrong": (0, 2),
        "out_of_scope_refused": (1, 1),
        "red_flag_caught": (1, 1),
        "false_alarms": (1, 3),
    }


def test_an_out_of_scope_question_that_got_an_answer_is_not_refused() -> None:
    summary = summarise([outcome(WEATHER, "answer", "ask_hours_location_contact")])
    assert summary["out_of_scope_refused"]["count"] == 0


def test_nothing_to_count_has_no_share() -> None:
    assert summarise([])["helped"]["share"] is None


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("text\ttopic\nhello\tcost\n", "no column"),
        ("text\ttopic\talt_topic\tkind\nhello\tcost\t\tmaybe\n", "kind is 'maybe'"),
        ("text\ttopic\talt_topic\tkind\n \tcost\t\tin_scope\n", "text is empty"),
    ],
)
def test_an_unclear_file_is_refused_with_its_line(tmp_path, content: str, problem: str) -> None:
    path = tmp_path / "questions.tsv"
    path.write_text(content)
    with pytest.raises(QuestionsUnclear, match=f"questions.tsv:2: .*{problem}"):
        read_questions(path)


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(QuestionsUnclear, match="cannot be read"):
        read_questions(tmp_path / "none.tsv")
