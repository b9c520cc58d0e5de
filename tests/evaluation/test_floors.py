"""A worse model is noticed."""

from __future__ import annotations

from typing import Any

from evaluation.floors import broken_floors

GOOD = {
    "answered_right": 90.0,
    "helped": 97.0,
    "out_of_scope_refused": 98.0,
    "red_flag_caught": 99.0,
    "answered_wrong": 2.0,
    "false_alarms": 0.5,
}


def summary(**changed: float) -> dict[str, dict[str, Any]]:
    return {name: {"share": share} for name, share in {**GOOD, **changed}.items()}


def test_a_good_model_breaks_nothing() -> None:
    assert broken_floors(summary()) == []


def test_each_planted_fault_is_named() -> None:
    worse = {"answered_right": 50.0, "red_flag_caught": 60.0, "answered_wrong": 30.0, "false_alarms": 9.0}
    for name, share in worse.items():
        (sentence,) = broken_floors(summary(**{name: share}))
        assert sentence.startswith(f"{name} is {share} %")
