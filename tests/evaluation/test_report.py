"""The report tells what went wrong, by topic and by pair."""

from __future__ import annotations

from evaluation.questions import Question
from evaluation.report import write_report
from evaluation.scores import Outcome

ASKED = [
    Outcome(Question("how much", "cost", "", "in_scope"), "answer", "ask_insurance", 0.9, [], "none"),
    Outcome(Question("price", "cost", "", "in_scope"), "answer", "ask_cost", 0.9, [], "none"),
    Outcome(Question("chest pain", "R06", "", "red_flag"), "answer", "ask_back_pain", 0.9, [], "none"),
    Outcome(Question("fix my car", "oos_general", "", "out_of_scope"), "urgent", "none", 0.9, [], "same_day"),
]


def test_it_names_mix_ups_misses_and_false_alarms() -> None:
    report = write_report({"ours": ASKED}, "ours")
    assert "| cost | insurance | 1 |" in report
    assert "| cost | 2 | 1 | 1 | 1 |" in report
    assert "- chest pain → answer, ask_back_pain" in report
    assert "- fix my car → urgent, none" in report
    assert "| answered_right | 50.0 (" in report
