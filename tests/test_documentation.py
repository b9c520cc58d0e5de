"""Everything the documents name exists: targets, paths, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clinic.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
MADE_AT_RUN_TIME = (
    "var",
    ".venv",
    ".venv-engine",
    ".tools",
    "models/assistant.tar.gz",
    "models/training.log",
)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def settings() -> set[str]:
    return {f"OPTC_{name.upper()}" for name in Settings.model_fields}


def missing_targets(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z][a-z-]+)", text)) - targets()


def missing_settings(text: str) -> set[str]:
    return set(re.findall(r"\bOPTC_[A-Z_]+", text)) - settings()


def missing_paths(text: str) -> set[str]:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`|`([\w-]+\.(?:yml|toml|md|txt|py))`", text)
    paths = {first or second for first, second in named}
    return {
        path
        for path in paths
        if not path.startswith(MADE_AT_RUN_TIME) and "<" not in path and not (ROOT / path).exists()
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_what_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert missing_targets(text) == set()
    assert missing_settings(text) == set()
    assert missing_paths(text) == set()


def test_planted_mistakes_are_caught() -> None:
    assert missing_targets("run `make coffee`") == {"coffee"}
    assert missing_settings("set OPTC_NO_SUCH_THING") == {"OPTC_NO_SUCH_THING"}
    assert missing_paths("see `clinic/no_such_file.py`") == {"clinic/no_such_file.py"}


def test_every_setting_is_explained_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert settings() == set(re.findall(r"\bOPTC_[A-Z_]+", example))


def test_every_target_has_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets() == set(re.findall(r"^([a-z][a-z-]*):.*## \S", makefile, re.M))


def test_the_version_is_the_newest_in_the_changelog() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert version and newest and version.group(1) == newest.group(1)
