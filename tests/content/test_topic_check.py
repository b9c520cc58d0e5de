"""What a writer is told beside the fields, and what the studio writes besides: drafts, tests, approvals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from content import new_topic
from content.approval import ApprovalRefused, approve
from content.draft import Draft, IntentDraft
from content.kept_tests import KEPT, KeptMessage, TestRefused, keep_as_test
from content.lint import lint
from content.new_question import QuestionRefused
from content.new_topic import add_draft
from content.topic_check import check_text
from content.workshop import FileNotSaved
from tests.content.small_project import write_small_project

TODAY = date(2026, 12, 1)
PARKING = Path("data/faq/parking.yml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_small_project(tmp_path)
    return tmp_path


def check(project: Path, old: str = "", new: str = "") -> list[tuple[str, int, str]]:
    text = (project / PARKING).read_text(encoding="utf-8")
    assert old in text
    found = check_text(project, PARKING, text.replace(old, new, 1) if old else text, TODAY)
    return [(note.field, note.number, note.message) for note in found.notes]


def test_a_file_in_good_order_has_no_notes(project: Path) -> None:
    assert lint(project, TODAY) == []
    assert check(project) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "number", "message"),
    [
        ("The team will tell you.", "We guarantee it.", "variant", 1, "must not be said"),
        ("Yes, and it may", "It is painless and may", "variant", 0, "must not be said"),
        ("    - parking\n", "    - no pulse\n", "wordings", 0, "of report_emergency"),
        ("    - parking\n", "    - towels\n", "wordings", 0, "of ask_towels"),
        ("facts: [P01]", "facts: [X99]", "record", 0, "X99 is not in content/facts.yml"),
        ("status: source_checked", "status: source_checked\n    state: maybe", "record", 0, "is unknown"),
        ("/ask_towels", "/ask_nothing", "variant", 0, "is no intent of domain.yml"),
    ],
)
def test_a_planted_fault_is_told_beside_its_field(
    project: Path, old: str, new: str, field: str, number: int, message: str
) -> None:
    notes = check(project, old, new)
    assert any(note[:2] == (field, number) and message in note[2] for note in notes), notes


def test_one_file_is_checked_as_the_whole_linter_does(project: Path) -> None:
    text = (project / PARKING).read_text(encoding="utf-8").replace("The team", "Guaranteed! The team")
    told = {note.message for note in check_text(project, PARKING, text, TODAY).notes}
    (project / PARKING).write_text(text, encoding="utf-8")
    assert told == {finding.message for finding in lint(project, TODAY)} != set()


def test_another_broken_file_does_not_stop_the_writer(project: Path) -> None:
    text = (project / PARKING).read_text(encoding="utf-8")
    (project / "data/faq/towels.yml").write_text("nlu: [", encoding="utf-8")
    found = check_text(project, PARKING, text, TODAY)
    assert "towels.yml" in found.notes[0].message
    assert len(found.meters) == 2


def test_a_question_that_is_off_must_not_be_offered_or_tested(project: Path) -> None:
    path = project / PARKING
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    status:", "    state: off\n    status:", 1), encoding="utf-8")
    messages = [finding.message for finding in lint(project, TODAY)]
    assert any("ask_parking is off. Remove the button." in message for message in messages)
    assert any("ask_parking is off, but a conversation test asks it" in message for message in messages)


def test_a_draft_is_a_file_and_a_line_of_the_domain(project: Path) -> None:
    path = add_draft(project, "Is there tea?", ["tea?", "a cup"], "Yes, there may be.", ["P01"], TODAY)
    text = (project / path).read_text(encoding="utf-8")
    assert "state: draft" in text
    assert "    - a cup\n" in text
    domain = (project / "domain.yml").read_text(encoding="utf-8")
    assert "- ask_is_there_tea\n" in domain
    assert "ask_is_there_tea]\n      value: something_else" in domain  # what follows is not about before
    assert all("is_there_tea" not in str(f) or "different ways" in f.message for f in lint(project, TODAY))
    with pytest.raises(QuestionRefused, match="exists already"):
        add_draft(project, "Is there tea?", ["tea?"], "Yes.", ["P01"], TODAY)


def test_a_draft_that_cannot_be_written_whole_is_not_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = new_topic.write_file

    def write_only_the_first(path: Path, text: str) -> None:
        if path.name == "domain.yml":
            raise FileNotSaved("No space left on device")
        write(path, text)

    monkeypatch.setattr(new_topic, "write_file", write_only_the_first)
    with pytest.raises(FileNotSaved):
        add_draft(project, "Is there tea?", ["tea?"], "Yes.", ["P01"], TODAY)
    assert not (project / "data/faq/is_there_tea.yml").exists()


def test_a_kept_message_is_a_story_with_its_complaints_marked(project: Path) -> None:
    name = keep_as_test(project, KeptMessage("my  sciatica hurts, where do I leave the car", "parking"))
    text = (project / KEPT).read_text(encoding="utf-8")
    assert f"- story: {name}\n" in text
    assert "[sciatica](condition) hurts" in text
    assert "intent: ask_parking\n  - action: utter_ask_parking\n" in text
    assert keep_as_test(project, KeptMessage("another one", "parking")) != name
    assert lint(project, TODAY) == []
    with pytest.raises(TestRefused, match="already tested"):
        keep_as_test(project, KeptMessage("Another one", "parking"))
    with pytest.raises(TestRefused, match="no such question"):
        keep_as_test(project, KeptMessage("and this", "../parking"))


def test_a_whole_conversation_is_one_story(project: Path) -> None:
    asked = [KeptMessage("where can my truck stay", "parking"), KeptMessage("and a sheet, mine?", "towels")]
    name = keep_as_test(project, *asked)
    text = (project / KEPT).read_text(encoding="utf-8")
    assert name == "kept conversation about parking 1" and text.count("- story:") == 1
    assert text.index("utter_ask_parking") < text.index("and a sheet, mine?") < text.index("utter_ask_towels")
    with pytest.raises(TestRefused, match="already tested"):
        keep_as_test(project, *asked)
    with pytest.raises(TestRefused, match="No message"):
        keep_as_test(project)


@pytest.mark.parametrize(
    "said", ["call me at 405-555-0134", "my name is Maria", "mail maria@example.org", "••• is my card"]
)
def test_nothing_that_says_who_wrote_it_goes_into_a_test(project: Path, said: str) -> None:
    with pytest.raises(TestRefused, match="says who wrote it"):
        keep_as_test(project, KeptMessage("where can I stop", "parking"), KeptMessage(said, "parking"))
    assert not (project / KEPT).exists()


def test_two_persons_look_at_an_answer() -> None:
    draft = Draft((IntentDraft("ask_x", ("a",), {"status": "source_checked", "written_by": "Carl"}),), ())
    with pytest.raises(ApprovalRefused, match="own_words"):
        approve(draft, " carl", TODAY, two_persons=True)
    assert approve(draft, "Carl", TODAY, two_persons=False).intents[0].record["approved_by"] == "Carl"
    approved = approve(draft, "Adam", TODAY, two_persons=True)
    assert approved.intents[0].record["approved_on"] == "2026-12-01"
    with pytest.raises(ApprovalRefused, match="approved_already"):
        approve(approved, "Adam", TODAY, two_persons=True)
