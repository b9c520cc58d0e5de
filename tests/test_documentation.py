"""Everything the documents name exists: targets, paths, settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.settings import Settings
from content.answers_page import PAGE, read_questions, write_page

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
    return set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", text, re.M)) - targets()


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


GUIDE_COMMANDS = re.findall(
    r"^make ([a-z-]+)$", (ROOT / "docs" / "content-guide.md").read_text(encoding="utf-8"), re.M
)
SLOW = {"train", "test-conversations"}  # run by `make test` itself
ASKING = {"new-question"}  # run in tests/content/test_new_question.py


def test_the_content_guide_names_its_commands() -> None:
    assert {"new-question", "lint-content", "answers", *SLOW} == set(GUIDE_COMMANDS)


@pytest.mark.parametrize("target", sorted(set(GUIDE_COMMANDS) - SLOW - ASKING))
def test_a_command_of_the_content_guide_runs(target: str, tmp_path: Path) -> None:
    """As `make` would run it, in a copy, so that nothing here changes."""
    recipe = re.search(rf"^{target}:.*\n\t@\$\(APP\) -m (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert recipe
    for folder in (
        "data",
        "domain.yml",
        "tests/conversations",
        "engine",
        "content",
        "clinic",
        "actions",
        "web",
        "docs",
    ):
        source, copy = ROOT / folder, tmp_path / folder
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copyfile(source, copy)
    done = subprocess.run([sys.executable, "-m", recipe[1]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_of_answers_is_what_the_data_says() -> None:
    assert write_page(read_questions(ROOT / "data")) == (ROOT / PAGE).read_text(encoding="utf-8")
