"""The committed table of the contest with stock Rasa."""

from __future__ import annotations

from pathlib import Path

from evaluation.benchmark.table import write_table

OURS = {
    "pipeline": "ours",
    "set": "CLINC150, full",
    "accuracy": 0.9604,
    "auroc": 0.977,
    "answered_right": 0.91,
    "unknown_refused": 0.934,
    "training_processor_seconds": 80.4,
    "processor_ms": 9.26,
    "memory_mb": 700.2,
}


def test_a_result_stands_beside_the_published_ones() -> None:
    table = write_table({"ours CLINC150, full": OURS})
    assert "| **this assistant** | 96.0 | 97.7 | 91.0 | 93.4 | 80 | 9.3 | 700 |" in table
    assert "| BERT (published) | 96.9, AUROC 94.2 |" in table
    assert "BANKING77, full" not in table.partition("## ")[2].splitlines()[0]


def test_a_set_without_unknown_questions_has_dashes() -> None:
    row = {
        key: value for key, value in OURS.items() if key not in ("auroc", "answered_right", "unknown_refused")
    }
    table = write_table({"ours BANKING77, full": {**row, "set": "BANKING77, full"}})
    assert "| **this assistant** | 96.0 | – | – | – | 80 | 9.3 | 700 |" in table


def test_what_a_turn_costs_is_shown_by_part_and_as_a_ratio() -> None:
    ours = {"processor_ms": 20.0, "memory_mb": 900.0, "parts_ms": {"SentenceReader": 7.0, "UrgentGuard": 1.0}}
    stock = {"processor_ms": 50.0, "memory_mb": 1400.0, "parts_ms": {}}
    table = write_table({"turn ours": ours, "turn stock": stock})
    assert "Ratio: 0.40." in table
    assert "| SentenceReader | 7.0 |" in table
    assert "| all else in Rasa: turn, tracker, actions | 12.0 |" in table


def test_the_committed_table_was_written_by_this_code() -> None:
    committed = Path("evaluation/BENCHMARKS.md").read_text("utf-8")
    assert committed.startswith(write_table({}).partition("Published figures")[0].strip())
