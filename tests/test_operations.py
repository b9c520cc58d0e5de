"""The failure table is true: every row names tests, and every test it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")
HEADING = "## When a part breaks"


def failure_rows(text: str) -> list[str]:
    """The rows of the failure table, without its head."""
    section = text.partition(HEADING)[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def missing_tests(text: str) -> list[str]:
    """Tests that are named and do not exist."""
    return [
        f"{path}::{name}"
        for name, path in LINK.findall(text)
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]


def rows_without_a_test(text: str) -> list[str]:
    return [row.split("|")[1].strip() for row in failure_rows(text) if not LINK.search(row)]


def test_every_row_has_a_test_and_every_test_exists() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert len(failure_rows(text)) >= 20
    assert rows_without_a_test(text) == []
    assert missing_tests(text) == []


def test_planted_mistakes_are_caught() -> None:
    table = f"{HEADING}\n| broken | tests |\n|---|---|\n| engine | none |\n"
    assert rows_without_a_test(table) == ["engine"]
    assert missing_tests("[`test_no_such`](../tests/test_operations.py)") == [
        "tests/test_operations.py::test_no_such"
    ]
