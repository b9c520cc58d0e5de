"""What a draft changes, and whether its model must be trained anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from content.release_changes import Changes, compare_content
from tests.content.small_project import write_small_project

PARKING = "data/faq/parking.yml"


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return prepare(write_small_project(tmp_path / "live"))


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return prepare(write_small_project(tmp_path / "draft"))


def prepare(project: Path) -> Path:
    (project / "config.yml").write_text("pipeline: []")
    (project / "profile.yml").write_text("name: A clinic")
    return project


def change(project: Path, name: str, old: str, new: str) -> None:
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))


def test_equal_content_has_no_changes(live: Path, draft: Path) -> None:
    changes = compare_content(live, draft)
    assert changes.is_empty and not changes.needs_training


def test_a_new_wording_of_an_answer_needs_no_training(live: Path, draft: Path) -> None:
    change(draft, PARKING, "Yes, and it may help to ask.", "Yes, do ask.")
    changes = compare_content(live, draft)
    assert not changes.needs_training and changes.changed == ["parking"]
    assert [(answer.name, "Yes, do ask." in answer.after) for answer in changes.answers] == [
        ("utter_ask_parking", True)
    ]


def test_a_new_date_in_the_review_record_needs_no_training(live: Path, draft: Path) -> None:
    change(draft, PARKING, "2027-05-24", "2027-06-24")
    assert not compare_content(live, draft).needs_training


def test_the_clinics_facts_need_no_training(live: Path, draft: Path) -> None:
    (draft / "profile.yml").write_text("name: Another clinic")
    changes = compare_content(live, draft)
    assert changes.other == ["profile.yml"] and not changes.needs_training


LEARNED: dict[str, Callable[[Path], None]] = {
    "a wording": lambda draft: change(draft, PARKING, "where can I park", "where may I park"),
    "a title": lambda draft: change(draft, PARKING, "title: ", "title: New "),
    "a rule": lambda draft: change(draft, PARKING, "rule: answer", "rule: say"),
    "a slot": lambda draft: change(draft, "domain.yml", "type: text", "type: any"),
    "the pipeline": lambda draft: change(draft, "config.yml", "[]", "[{name: other}]"),
    "the name of an answer": lambda draft: change(draft, PARKING, "  utter_ask_parking:\n", "  utter_new:\n"),
}


@pytest.mark.parametrize("name", LEARNED)
def test_whatever_the_model_learns_needs_training(name: str, live: Path, draft: Path) -> None:
    LEARNED[name](draft)
    assert compare_content(live, draft).needs_training


def test_added_and_removed_topics_are_named(live: Path, draft: Path) -> None:
    shutil.move(draft / PARKING, draft / "data/faq/garage.yml")
    changes: Changes = compare_content(live, draft)
    assert (changes.added, changes.removed) == (["garage"], ["parking"]) and changes.needs_training
