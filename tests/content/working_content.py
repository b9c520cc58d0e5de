"""A content team's folder beside the program, so that no test writes into the project's own files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from content.new_question import add_question
from launch.gate import PROGRAM
from tests.content.small_project import ROOT
from tests.content.test_new_question import QUESTION

TOPIC = QUESTION.topic
ASKED = "do I have to climb stairs to get in"  # never trained: the conversation test asks it
WRITTEN = ("data", "tests/conversations")
OWN_FILES = ("domain.yml", "config.yml")


def copy_working_content(folder: Path) -> dict[str, str]:
    """Copy what writers change into `folder` and link the rest; returns the settings that name it."""
    for name in WRITTEN:
        shutil.copytree(ROOT / name, folder / name)
    for name in OWN_FILES:
        shutil.copyfile(ROOT / name, folder / name)
    shutil.copyfile(ROOT / "clinic" / "profile.yml", folder / "profile.yml")
    for name in PROGRAM:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(ROOT / name)
    return {"OPTC_DATA_DIRECTORY": str(folder / "data"), "OPTC_PROFILE_PATH": str(folder / "profile.yml")}


def add_topic(folder: Path) -> None:
    """Write a question that the shipped model knows nothing of."""
    add_question(folder, replace(QUESTION, ways=[*QUESTION.ways[:-1], ASKED]), date.today())


def reword(folder: Path, topic: str, old: str, new: str) -> None:
    """Change the words of an answer by hand."""
    path = folder / "data" / "faq" / f"{topic}.yml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
