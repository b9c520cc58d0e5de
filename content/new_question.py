"""`make new-question`: asks four things and writes a question's file, its domain line and its test.

The result is tried in a copy of the project first. When the linter finds anything there, nothing is changed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from content.facts import read_facts
from content.lint import lint
from content.lint.wordings import AT_LEAST_FOR_A_QUESTION
from content.question_text import NewQuestion, button, conversation_test, mark_complaints, topic_file

DOMAIN = Path("domain.yml")
NEXT_SECTION = "# the consultation request\n"
END_OF_REMEMBERED = "]\n      value: something_else\n"
TESTS = Path("tests/conversations/test_questions.yml")
MENU = Path("data/smalltalk/what_can_you_do.yml")
END_OF_BUTTONS = "    metadata:\n      kind: answer"
LONGEST_TOPIC = 60
WAYS_AT_LEAST = AT_LEAST_FOR_A_QUESTION + 1  # one is the test
LINTED = (
    "data", "tests/conversations", "domain.yml", "engine/clinic_words.yml", "content/facts.yml",
    "evaluation/questions", "actions", "clinic", "web",
)  # fmt: skip


class QuestionRefused(Exception):
    """The new question cannot be written as given; the message says what to change, one thing a line."""


def add_question(root: Path, question: NewQuestion, today: date) -> list[Path]:
    """Write the question into the project at `root` and return the changed files.

    Raises QuestionRefused; then nothing was written.
    """
    _check(root, question)
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder)
        for name in LINTED:
            _copy(root / name, trial / name)
        before = {finding.message for finding in lint(trial, today)}
        changed = _write(trial, question, today)
        found = [finding.message for finding in lint(trial, today) if finding.message not in before]
        if found:
            raise QuestionRefused("\n".join(found))
        for path in changed:
            shutil.copyfile(trial / path, root / path)
    return changed


def _check(root: Path, question: NewQuestion) -> None:
    problems = find_problems(root, question)
    if len(question.ways) < WAYS_AT_LEAST:
        count = len(question.ways)
        problems.append(f"{count} ways to ask are too few. Write at least {WAYS_AT_LEAST}, one a line.")
    if not question.facts:
        problems.append("No fact is named. Write the ids the answer stands on, as in content/facts.yml.")
    if problems:
        raise QuestionRefused("\n".join(problems))


def find_problems(root: Path, question: NewQuestion) -> list[str]:
    """Return what keeps any question from being written, also as a draft; one sentence each."""
    problems = []
    if not question.topic:
        problems.append("The question is empty. Write it as a button would show it.")
    elif len(question.topic) > LONGEST_TOPIC:
        problems.append("The question is too long for a button. Write forty characters at most.")
    elif (root / question.path).exists():
        problems.append(f"{question.path} exists already. Change that file, or ask another question.")
    if any("\n" in way or way.startswith(("-", "/")) for way in question.ways):
        problems.append("A way to ask is one line, and does not begin with a dash or a slash.")
    if not question.answer.strip():
        problems.append("The answer is empty. Write what the assistant should say.")
    return problems


def extend_domain(domain: str, topic: str) -> str:
    """Return the text of domain.yml with the topic's intent; raises QuestionRefused.

    After it the talk is about something else: "how long?" no longer means what was asked before.
    """
    text = _insert(DOMAIN, domain, NEXT_SECTION, f"- ask_{topic}\n")
    return _insert(DOMAIN, text, END_OF_REMEMBERED, f",\n        ask_{topic}")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.is_file():
        shutil.copyfile(source, target)


def _write(root: Path, question: NewQuestion, today: date) -> list[Path]:
    facts = read_facts(root / "content" / "facts.yml")
    (root / question.path).write_text(topic_file(question, facts, today), encoding="utf-8")
    domain = extend_domain((root / DOMAIN).read_text(encoding="utf-8"), question.topic)
    (root / DOMAIN).write_text(domain, encoding="utf-8")
    with (root / TESTS).open("a", encoding="utf-8") as tests:
        tests.write(conversation_test(question, mark_complaints(root, question.ways[-1])))
    # reachable from the start; the content team moves the button to the answer it goes with
    menu = (root / MENU).read_text(encoding="utf-8")
    (root / MENU).write_text(_insert(MENU, menu, END_OF_BUTTONS, button(question)), encoding="utf-8")
    return [question.path, DOMAIN, TESTS, MENU]


def _insert(path: Path, text: str, place: str, added: str) -> str:
    if place not in text:
        raise QuestionRefused(f"{path.name} has no line {place.strip().splitlines()[0]!r} to write above.")
    return text.replace(place, added + place, 1)


def ask_person() -> NewQuestion:
    """Ask the four things on the terminal."""
    title = input("1. The question, as a button shows it (40 characters at most):\n> ").strip()
    print(f"2. Ways to ask it, one a line, at least {WAYS_AT_LEAST}; an empty line ends.")
    print("   The last one becomes the conversation test and is not trained.")
    ways = _read_lines()
    print("3. The answer, 60 words at most; an empty line ends.")
    answer = "\n".join(_read_lines())
    facts = input("4. Ids of the facts it stands on, from content/facts.yml, like S37 P01:\n> ")
    return NewQuestion(title, ways, answer, facts.replace(",", " ").split())


def _read_lines() -> list[str]:
    lines: list[str] = []
    while line := input("> ").strip():
        lines.append(line)
    return lines


def read_arguments(arguments: list[str]) -> NewQuestion | None:
    """Return the question in `arguments`, None when there are none; raises OSError for a missing file."""
    parser = argparse.ArgumentParser(prog="make new-question")
    parser.add_argument("--question", required=bool(arguments))
    parser.add_argument("--ways", type=Path, required=bool(arguments), help="file with one way to ask a line")
    parser.add_argument("--answer", required=bool(arguments))
    parser.add_argument("--facts", nargs="+", required=bool(arguments))
    given = parser.parse_args(arguments)
    if not arguments:
        return None
    lines = given.ways.read_text(encoding="utf-8").splitlines()
    ways = [line.strip() for line in lines if line.strip()]
    return NewQuestion(given.question.strip(), ways, given.answer, given.facts)


def main() -> int:
    """Take the four things from the arguments or ask for them; returns 1 after saying what to change."""
    try:
        question = read_arguments(sys.argv[1:]) or ask_person()
        changed = add_question(Path.cwd(), question, date.today())
    except (QuestionRefused, OSError, EOFError) as refused:
        print(f"{refused}\nNothing was changed.", file=sys.stderr)
        return 1
    print("Written: " + ", ".join(map(str, changed)))
    print("Next: make answers, make lint-content, make train, make test-conversations.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
