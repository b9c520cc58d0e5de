"""The tables on security and accessibility are true: rows name tests that exist, or say "not built yet"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
LEAST_ROWS = {"docs/security.md": 75, "docs/accessibility.md": 18}


def table_rows(text: str) -> list[str]:
    """The rows of every table whose last column is "tests", without their heads."""
    tables = re.findall(r"(?:^\|.*\n)+", text, re.M)
    with_tests = [
        table.splitlines() for table in tables if re.match(r".*\| tests \|$", table.splitlines()[0])
    ]
    return [row for rows in with_tests for row in rows[2:]]


def rows_without_proof(text: str) -> list[str]:
    rows = table_rows(text)
    return [row.split("|")[1].strip() for row in rows if "not built yet" not in row and not NAMED.search(row)]


def missing_tests(text: str) -> list[str]:
    """Tests that are named and do not exist."""
    return [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (ROOT / path).is_file()
        or not re.search(rf"^\s*(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.M)
    ]


@pytest.mark.parametrize("document", LEAST_ROWS)
def test_every_row_has_a_proof_and_every_test_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert len(table_rows(text)) >= LEAST_ROWS[document]
    assert rows_without_proof(text) == []
    assert missing_tests(text) == []


def test_planted_mistakes_are_caught() -> None:
    table = "| a | b | tests |\n|---|---|---|\n| 1.2.1 | x | surely |\n| 1.2.2 | x | not built yet |\n"
    assert rows_without_proof(table) == ["1.2.1"]
    assert missing_tests("`tests/test_security_documents.py::test_no_such`") == [
        "tests/test_security_documents.py::test_no_such"
    ]


def test_no_address_is_invented() -> None:
    """Whoever reports a weakness writes to the clinic; the project has no address of its own."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert "clinic/profile.yml" in text
    assert not re.search(r"[\w.]+@[\w.]+|https?://", text)
