"""A new question by four things: all of it is written and in order, or nothing is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from content.files import read_file
from content.lint import lint
from content.new_question import LINTED, QuestionRefused, add_question
from content.question_text import NewQuestion, mark_complaints
from tests.content.small_project import ROOT, write_small_project

TODAY = date(2026, 11, 25)
WAYS = """does the building have a lift
elevator?
which floor are you on
I can't climb stairs, how do I get up
my mother uses a walker, are there steps at the entrance
is there a ramp
wheelchair entrance where
how wide is the door, my scooter is big
restroom for disabled people?
do I need to walk far inside
is someone there to open the heavy door
could the staff help me onto the table
table too high for me, can it be lowered
how steep is the ramp
my leg is in a cast, can I get in
elevater broken or working
rails along the hallway?
is a service animal welcome in the rooms
hard of hearing, do you have a loop
large print forms possible
sign language on the day?
blind man with cane, who shows me the way
please is there stair or lift
is it step free from the street
my power chair needs to turn around, enough room
any seats in the hallway to rest on""".splitlines()
TEST = "stairs are bad for my knees, is there another way up"
QUESTION = NewQuestion(
    title="Can I get in without stairs?",
    ways=[*WAYS, TEST],
    answer="The team will tell you how to get in. Ask for a call back, and say what you need.",
    facts=["S38"],
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_small_project(tmp_path / "project")


@pytest.fixture
def whole_project(tmp_path: Path) -> Path:
    """A copy of everything the rules look at."""
    for name in LINTED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copyfile(source, target)
    return tmp_path


def snapshot(project: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_a_new_question_is_whole_and_in_order(whole_project: Path) -> None:
    changed = add_question(whole_project, QUESTION, TODAY)
    assert Path("data/faq/can_i_get_in_without_stairs.yml") in changed
    assert [str(finding) for finding in lint(whole_project, TODAY)] == []
    domain = read_file(whole_project, Path("domain.yml")).content
    remembered = domain["slots"]["talking_about"]["mappings"][-1]
    assert (remembered["intent"][-1], remembered["value"]) == (
        "ask_can_i_get_in_without_stairs",
        "something_else",
    )
    assert "- ask_can_i_get_in_without_stairs\n" in (whole_project / "domain.yml").read_text(encoding="utf-8")
    tests = (whole_project / "tests/conversations/test_questions.yml").read_text(encoding="utf-8")
    marked = 'stairs are bad for my [knees]{"entity": "body_area", "value": "knee"}, is there another way up'
    assert marked in tests
    written = (whole_project / "data/faq/can_i_get_in_without_stairs.yml").read_text(encoding="utf-8")
    assert "stairs are bad" not in written  # the test's wording is not trained


REFUSED = {
    "no question": ({"title": " "}, "The question is empty"),
    "a question that exists": ({"title": "Parking"}, "exists already"),
    "a question too long for a button": (
        {"title": "Can I get in " + "very " * 8 + "soon?"},
        "longer than 40",
    ),
    "too few ways": ({"ways": WAYS[:5]}, "5 ways to ask are too few"),
    "a way that is a command": ({"ways": [*WAYS, "/restart"]}, "does not begin with"),
    "a way that belongs to another question": ({"ways": ["parking", *WAYS]}, "already stands in"),
    "no answer": ({"answer": ""}, "The answer is empty"),
    "an answer with a promise": ({"answer": "We guarantee a way in."}, '"guarantee" must not be said'),
    "an answer with a price": ({"answer": "A ramp costs $5 a day."}, "amount of money"),
    "an unknown fact": ({"facts": ["P99"]}, "fact P99 is not in"),
    "no fact": ({"facts": []}, "No fact is named"),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_bad_input_is_refused_and_nothing_changes(project: Path, mistake: str) -> None:
    changes, expected = REFUSED[mistake]
    fields = {
        "title": QUESTION.title,
        "ways": QUESTION.ways,
        "answer": QUESTION.answer,
        "facts": QUESTION.facts,
    }
    before = snapshot(project)
    with pytest.raises(QuestionRefused, match=expected.replace("$", r"\$")):
        add_question(project, NewQuestion(**{**fields, **changes}), TODAY)  # type: ignore[arg-type]
    assert snapshot(project) == before


def run(project: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "content.new_question", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=project, env=variables, input=typed, capture_output=True, text=True)


def test_it_asks_four_things(project: Path) -> None:
    typed = "\n".join([QUESTION.title, *QUESTION.ways, "", QUESTION.answer, "", "S38", ""])
    done = run(project, typed=typed)
    assert done.returncode == 0, done.stderr
    assert [f"{number}. " in done.stdout for number in range(1, 6)] == [True, True, True, True, False]
    assert lint(project, date.today()) == []


def test_it_takes_the_four_things_as_arguments(project: Path, tmp_path: Path) -> None:
    ways = tmp_path / "ways.txt"
    ways.write_text("\n".join(QUESTION.ways), encoding="utf-8")
    done = run(
        project,
        "--question",
        QUESTION.title,
        "--ways",
        str(ways),
        "--answer",
        QUESTION.answer,
        "--facts",
        "S38",
    )
    assert done.returncode == 0, done.stderr
    assert lint(project, date.today()) == []


def test_giving_up_in_the_middle_changes_nothing(project: Path) -> None:
    done = run(project, typed="Can I get in?\n")
    assert done.returncode == 1
    assert "Nothing was changed." in done.stderr
    assert not (project / "data/faq/can_i_get_in.yml").exists()


def test_the_longest_name_is_marked() -> None:
    assert mark_complaints(ROOT, "is my lower back or sciatica bad") == (
        "is my [lower back](body_area) or [sciatica](condition) bad"
    )
