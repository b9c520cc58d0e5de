"""The content is in order, and each rule finds the fault that is planted for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from content.lint import lint
from tests.content.small_project import (
    OTHER_WAYS,
    PARKING_WAYS,
    ROOT,
    TOWEL_WAYS,
    question,
    write_small_project,
)

TODAY = date(2026, 11, 25)
PARKING = "data/faq/parking.yml"
EMERGENCY = "data/safety/emergency.yml"
TESTS = "tests/conversations/test_questions.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_small_project(tmp_path)


def plant(project: Path, path: str, right: str, wrong: str) -> None:
    text = (project / path).read_text(encoding="utf-8")
    assert right in text
    (project / path).write_text(text.replace(right, wrong), encoding="utf-8")


def messages(project: Path) -> list[str]:
    return [str(finding) for finding in lint(project, TODAY)]


def test_the_content_is_in_order() -> None:
    assert [str(finding) for finding in lint(ROOT, date.today())] == []


def test_the_small_project_is_in_order(project: Path) -> None:
    assert messages(project) == []


FAULTS = {
    # the review record
    "no title": (PARKING, 'title: "Where can I park?"', 'title: ""', "title is missing"),
    "long title": (PARKING, "Where can I park?", "Where can I park " + "my car " * 5, "longer than 40"),
    "no facts": (PARKING, "facts: [P01]", "facts: []", "no facts are named"),
    "unknown fact": (PARKING, "facts: [P01]", "facts: [P99]", "fact P99 is not in content/facts.yml"),
    "no date": (PARKING, 'checked_on: "2026-11-24"', "", "review record is incomplete"),
    "date turned round": (PARKING, "2027-05-24", "2026-05-24", "review_by is not after checked_on"),
    "unknown status": (PARKING, "status: source_checked", "status: fine", "status 'fine' is unknown"),
    "approved by nobody": (PARKING, "source_checked", "clinic_approved", "approved_by (a name)"),
    "a name too early": (
        PARKING,
        "status: source_checked",
        "status: source_checked\n    approved_by: Dr. Invented",
        "belong to status clinic_approved only",
    ),
    "a study without a link": (PARKING, "facts: [P01]", "facts: [E01]", "no source is linked"),
    # what is said
    "a promise": (
        PARKING,
        "Yes, and it may",
        "Yes, it is guaranteed and may",
        '"guaranteed" must not be said',
    ),
    "a diagnosis": (PARKING, "Yes, and it may", "You have sciatica. It may", "must not be said"),
    "an exclamation": (PARKING, "first.", "first!", '"!" must not be said'),
    "a kind unknown to the chat": (PARKING, "kind: answer", "kind: refusal", "kind 'refusal' is unknown"),
    "money": (PARKING, "Yes, and it may", "It is $80 and may", "is an amount of money"),
    "a phone number": (PARKING, "{clinic_phone}", "405-555-0199", "looks like a phone number"),
    "too long": (PARKING, "first.", "first. " + "We may say it again. " * 12, "Say it in 60"),
    "too hard": (
        PARKING,
        "The team will tell you.",
        "Interventional multidisciplinary considerations necessitate individualized deliberation.",
        "8 is the limit",
    ),
    "unknown blank": (PARKING, "{clinic_phone}", "{clinic_fone}", "{clinic_fone} is no key"),
    "unknown need": (PARKING, "needs: [clinic_phone]", "needs: [clinic_fone]", "needs clinic_fone"),
    "fact not needed": (PARKING, "needs: [clinic_phone]", "needs: []", "may be unset"),
    "nothing without facts": (
        EMERGENCY,
        "kind: urgent",
        "kind: urgent\n      needs: [clinic_phone]",
        "needs nothing",
    ),
    "unknown complaint": (
        PARKING,
        "sources: []\nrules",
        "sources: []\n      about: flu\nrules",
        "about: flu is no",
    ),
    # links and buttons
    "a dead link": (PARKING, "first.", "first. [Map](http//map)", "is a dead link"),
    "a bare address": (PARKING, "first.", "first. See https://example.org", "is a bare address"),
    "a source without address": (
        PARKING,
        "sources: []\nrules",
        "sources: [{name: Map, url: map}]\nrules",
        "needs a name and an https address",
    ),
    "a stray quote": (PARKING, "payload: /ask_towels", 'payload: "/ask_towels\'"', "is broken"),
    "values that are not JSON": (PARKING, "/ask_towels", "'/ask_towels{detail: x}'", "are not JSON"),
    "an unknown entity": (PARKING, "/ask_towels", '\'/ask_towels{"color": "x"}\'', "color is no entity"),
    "an unknown intent": (PARKING, "/ask_towels", "/ask_towel", "ask_towel is no intent"),
    "a long button": (PARKING, "The other thing", "The other thing " * 4, "title has 1 to 40"),
    "one button": (
        PARKING,
        "    - title: This in an emergency\n      payload: /report_emergency\n",
        "",
        "has 1 buttons",
    ),
    "a circle": (PARKING, "/ask_towels", "/ask_parking", "asks the same question again"),
    # safety
    "911 too late": (EMERGENCY, "[Call 911](tel:911) now.", "Stay calm. Call 911.", "must name 911"),
    "a sale in an emergency": (
        EMERGENCY,
        "    metadata:\n      kind: urgent",
        "    buttons:\n    - title: Book\n      payload: /ask_parking\n    metadata:\n      kind: urgent",
        "asks and sells nothing",
    ),
    "a study without a hedge": (
        PARKING,
        "Yes, and it may help to ask. Call {clinic_phone} first.",
        "It works. Call {clinic_phone}.",
        "promises",
    ),
    # ways to ask
    "too few": (PARKING, f"    - {PARKING_WAYS[3]}\n", "", "has 24 different ways to ask"),
    "the same in two places": (PARKING, f"- {PARKING_WAYS[3]}", f"- {TOWEL_WAYS[3]}?", "already stands in"),
    "the same words in another order": (
        PARKING,
        f"- {PARKING_WAYS[3]}",
        f"- {' '.join(reversed(TOWEL_WAYS[3].split()))}",
        "is nearly",
    ),
    "nearly the same": (PARKING, f"- {PARKING_WAYS[3]}", f"- {TOWEL_WAYS[3]}s please", "is nearly"),
    "a test that was trained": (
        PARKING,
        f"- {PARKING_WAYS[3]}",
        "- I come by car, is there room?",
        "A test needs new",
    ),
    # names and the domain
    "another intent": (PARKING, "intent: ask_parking", "intent: ask_park", "the intent must be ask_parking"),
    "another answer": (PARKING, "utter_ask_parking", "utter_parking", "must be named utter_ask_parking"),
    "another rule": (PARKING, "rule: answer parking", "rule: answer park", "must be one rule"),
    "a rule twice": (EMERGENCY, "rule: answer emergency", "rule: answer parking", "already exists in"),
    "a story twice": (
        TESTS,
        "asks about towels",
        "asks about parking",
        "the story 'visitor asks about parking'",
    ),
    "a response twice": (
        EMERGENCY,
        "utter_emergency:",
        "utter_ask_parking:",
        "the response 'utter_ask_parking'",
    ),
    "not in the domain": ("domain.yml", "- ask_parking\n", "", "ask_parking is missing in domain.yml"),
    "only in the domain": (
        "domain.yml",
        "- ask_parking\n",
        "- ask_parking\n- ask_pets\n",
        "ask_pets has no ways",
    ),
    "twice in the domain": ("domain.yml", "- ask_parking\n", "- ask_parking\n" * 2, "is listed twice"),
    "an answer in the domain": (
        "domain.yml",
        "entities:",
        "responses: {utter_x: []}\nentities:",
        "live in data/",
    ),
    # reach
    "no button": (PARKING, "/ask_towels", "/report_emergency", "no button leads to ask_towels"),
    "no test": (TESTS, "intent: ask_parking", "intent: ask_towels", "no conversation test asks ask_parking"),
    "nothing says it": (EMERGENCY, "- action: utter_emergency", "- action: action_listen", "nothing says"),
    "a rule says nothing": (
        EMERGENCY,
        "action: utter_emergency",
        "action: utter_help",
        "not written anywhere",
    ),
    # the file
    "a broken file": (PARKING, "responses:", "responses: [", "cannot be read"),
    "a key twice": (PARKING, "rules:", "responses: {}\nrules:", "cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(project: Path, fault: str) -> None:
    path, right, wrong, expected = FAULTS[fault]
    if fault == "a study without a hedge":
        plant(project, path, "facts: [P01]", "facts: [E01]")
    plant(project, path, right, wrong)
    found = messages(project)
    assert any(expected in message for message in found), found
    assert all(message.count(":") >= 2 and message.endswith(".") for message in found)


def test_a_review_goes_stale(project: Path) -> None:
    found = [str(finding) for finding in lint(project, date(2027, 5, 25))]
    assert f"{PARKING}:3: ask_parking: the review is stale since 2027-05-24." in found[0]


def test_a_finding_names_the_line(project: Path) -> None:
    plant(project, PARKING, "Yes, and it may", "A miracle, and it may")
    (found,) = lint(project, TODAY)
    line = (project / PARKING).read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert "A miracle" in line


def test_ways_to_ask_that_are_nearly_alike_are_not_many(project: Path) -> None:
    alike = [f"is there parking at door number {number}" for number in "abcdefghijklm"]
    text = question("parking", "Where can I park?", alike + PARKING_WAYS[:12], "towels")
    (project / PARKING).write_text(text, encoding="utf-8")
    assert any("are nearly alike" in message for message in messages(project))


def test_a_wording_that_is_measured_with_is_not_trained(project: Path) -> None:
    questions = project / "evaluation" / "questions"
    questions.mkdir(parents=True)
    (questions / "own.tsv").write_text(f"text\ttopic\n{PARKING_WAYS[5]}\tparking\n", encoding="utf-8")
    assert any("is also an evaluation question" in message for message in messages(project))


def test_proof_names_both_comparisons(project: Path) -> None:
    text = question("placebo_belief", "Is it placebo?", PARKING_WAYS, "towels")
    (project / "data/faq/placebo_belief.yml").write_text(text, encoding="utf-8")
    assert any("name both comparisons" in message for message in messages(project))


def test_a_crisis_answer_names_988(project: Path) -> None:
    plant(project, EMERGENCY, "utter_emergency", "utter_crisis")
    assert any("must name 988" in message for message in messages(project))


def test_a_simpler_answer_is_simple(project: Path) -> None:
    easy = "  utter_easy_parking:\n  - text: Considerable individual variation necessitates consultation.\n"
    plant(project, PARKING, "rules:", easy + "rules:")
    assert any("5 is the limit" in message for message in messages(project))


def test_a_few_words_are_enough_for_what_is_no_question(project: Path) -> None:
    plant(project, EMERGENCY, f"    - {OTHER_WAYS[2]}\n", "")
    assert any("has 9 different ways to ask. Write at least 10" in message for message in messages(project))
