"""The editor changes what was changed and not one character more, in every file there is."""

from __future__ import annotations

import dataclasses
import difflib
import random
import resource
from pathlib import Path

import pytest

from content.draft import Draft, IntentDraft, VariantDraft, read_draft
from content.editor import EditRefused, write_draft
from content.files import ContentUnreadable
from content.workshop import ChangedMeanwhile, FileNotSaved, open_file, save_draft
from tests.content.small_project import ROOT

PATHS = sorted(path.relative_to(ROOT) for path in (ROOT / "data").rglob("*.yml"))
COST = Path("data/faq/cost.yml")


def read(path: Path) -> tuple[str, Draft]:
    text = (ROOT / path).read_bytes().decode()
    return text, read_draft(text, path)


def with_intent(draft: Draft, number: int = 0, **changes: object) -> Draft:
    intents = list(draft.intents)
    intents[number] = dataclasses.replace(intents[number], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(draft, intents=tuple(intents))


def with_record(draft: Draft, number: int = 0, **changes: object) -> Draft:
    record = {**draft.intents[number].record, **changes}
    return with_intent(
        draft, number, record={key: value for key, value in record.items() if value is not None}
    )


def with_variant(draft: Draft, number: int = 0, **changes: object) -> Draft:
    variants = list(draft.variants)
    variants[number] = dataclasses.replace(variants[number], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(draft, variants=tuple(variants))


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    found = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in found if line[0] == "-"], [line[2:] for line in found if line[0] == "+"]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_every_file_survives_being_opened_and_saved(path: Path) -> None:
    text, draft = read(path)
    assert write_draft(text, path, draft) == text


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_wording_more_is_a_line_more_in_every_file(path: Path) -> None:
    text, draft = read(path)
    for number, part in enumerate(draft.intents):
        middle = len(part.wordings) // 2
        wordings = (*part.wordings[:middle], "brand new: words, # here", *part.wordings[middle:])
        after = write_draft(text, path, with_intent(draft, number, wordings=wordings))
        assert changed_lines(text, after) == ([], ["    - brand new: words, # here"])


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_every_part_of_every_file_can_be_changed_and_changed_back(path: Path) -> None:
    text, draft = read(path)
    changed = draft
    for number, part in enumerate(draft.intents):
        changed = with_intent(changed, number, wordings=(*part.wordings[1:], "another way"))
        changed = with_record(
            changed, number, title="It's: new?", facts=("P01", "P02"), state="off", review_by="2031-01-01"
        )
    for number, variant in enumerate(draft.variants):
        changed = with_variant(changed, number, text=f'{variant.text}\n\nOne paragraph more: "yes".')
        if variant.buttons:
            changed = with_variant(changed, number, buttons=(*variant.buttons[1:], ("More: this?", "/greet")))
        if variant.sources:
            changed = with_variant(
                changed, number, sources=(*variant.sources, ("A study", "https://a.example"))
            )
    after = write_draft(text, path, changed)
    assert read_draft(after, path) == changed
    back = write_draft(after, path, draft)
    assert read_draft(back, path) == draft
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in back.splitlines() if line.startswith("#")] == comments


def test_each_kind_of_change_touches_its_own_lines() -> None:
    text, draft = read(COST)
    first, second = draft.variants[:2]
    part = draft.intents[0]
    cases = [
        (with_intent(draft, wordings=part.wordings[1:]), (["    - cost?"], [])),
        (with_record(draft, title="What does it cost?"),
         (["    title: How much does it cost?"], ["    title: What does it cost?"])),
        (with_record(draft, facts=("S41",)), (["    facts: [S41, L01]"], ["    facts: [S41]"])),
        (with_record(draft, state="draft"), ([], ["    state: draft"])),
        (with_record(draft, checked_on="2026-12-01"),
         (['    checked_on: "2026-11-24"'], ['    checked_on: "2026-12-01"'])),
        (with_variant(draft, 1, text="Ask the team."), ([f"      {second.text}"], ["      Ask the team."])),
        (with_variant(draft, buttons=(*first.buttons[:2], ("Call me", "/ask_booking"))),
         (["    - title: Ask for a call back"], ["    - title: Call me"])),
        (with_variant(draft, buttons=first.buttons[1:]),
         (["    - title: Does insurance cover it?", "      payload: /ask_insurance"], [])),
        (with_variant(draft, sources=(("A study", "https://a.example/1"),)),
         (["      sources: []"],
          ["      sources:", "      - name: A study", "        url: https://a.example/1"])),
    ]  # fmt: skip
    for changed, lines in cases:
        assert changed_lines(text, write_draft(text, COST, changed)) == lines


def test_comments_and_odd_formatting_stay() -> None:
    text = """# first
nlu:   # the intents
  - intent: ask_x   # name
    metadata: {title: 'It''s', facts: [P01], status: source_checked} # flow
    examples: |
        - one
        - two

        - three

# between
responses:
    utter_x:
    # before the variant
    - text: "Yes"   # the text
      buttons:
      - payload: /greet   # payload first
        title: Hello
      metadata: {kind: answer}
"""
    path = Path("data/faq/x.yml")
    draft = read_draft(text, path)
    changed = with_record(
        with_intent(draft, wordings=("one", "2", "three", "four")), title="New", state="off"
    )
    changed = with_variant(
        changed, text="No: never", buttons=(("Hi", "/greet"),), sources=(("A", "https://a.example"),)
    )
    after = write_draft(text, path, changed)
    for comment in ("# first", "# the intents", "# name", "# flow", "# between", "# before the variant",
                    "# the text", "# payload first"):  # fmt: skip
        assert comment in after
    assert "        - 2\n\n        - three\n        - four\n\n# between" in after


def test_changes_by_chance_are_written_exactly(seed: int = 7) -> None:
    chance = random.Random(seed)
    odd = [
        "it's: #1",
        "- no",
        '"quoted"',
        "{x}",
        "yes",
        "1.5",
        "null",
        "ä – ü",
        "a\\b",
        "[x](y)",
        "&a *b",
        "@x",
    ]
    for _ in range(60):
        text, draft = read(
            chance.choice([path for path in PATHS if path.stem != "booking" and path.parts[1] == "faq"])
        )
        number = chance.randrange(len(draft.variants))
        variant = draft.variants[number]
        buttons = [*variant.buttons, (chance.choice(odd), "/greet")]
        chance.shuffle(buttons)
        changed = with_variant(
            draft, number, buttons=tuple(buttons), text=f"{chance.choice(odd)}\n{chance.choice(odd)}"
        )
        changed = with_record(changed, title=chance.choice(odd))
        assert read_draft(write_draft(text, COST, changed), COST) == changed


@pytest.mark.parametrize("wording", ["", "two\nlines", "- dash", "/slash"])
def test_a_wording_that_would_break_the_file_is_refused(wording: str) -> None:
    text, draft = read(COST)
    with pytest.raises(EditRefused, match="one line"):
        write_draft(text, COST, with_intent(draft, wordings=(*draft.intents[0].wordings, wording)))


def test_a_form_for_another_file_is_refused() -> None:
    text, _ = read(COST)
    with pytest.raises(EditRefused, match="Open the page again"):
        write_draft(text, COST, Draft((IntentDraft("ask_x", ("a",)),), (VariantDraft("utter_x", "b"),)))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "faq").mkdir(parents=True)
    (tmp_path / COST).write_bytes((ROOT / COST).read_bytes())
    return tmp_path


def test_saving_writes_once_and_a_second_editor_is_told(project: Path) -> None:
    mine, theirs = open_file(project, COST), open_file(project, COST)
    assert save_draft(project, COST, mine.version, with_record(mine.draft(), title="Mine"))
    saved = (project / COST).read_bytes()
    with pytest.raises(ChangedMeanwhile):
        save_draft(project, COST, theirs.version, with_record(theirs.draft(), title="Theirs"))
    assert (project / COST).read_bytes() == saved
    again = open_file(project, COST)
    assert not save_draft(project, COST, again.version, again.draft())
    assert [path.name for path in (project / "data" / "faq").iterdir()] == ["cost.yml"]


def test_a_full_disk_leaves_the_file_as_it_was(project: Path) -> None:
    opened, before = open_file(project, COST), (project / COST).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # no file may grow beyond 100 bytes
    try:
        with pytest.raises(FileNotSaved):
            save_draft(project, COST, opened.version, with_record(opened.draft(), title="New"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (project / COST).read_bytes() == before
    assert [path.name for path in (project / "data" / "faq").iterdir()] == ["cost.yml"]


def test_a_file_broken_by_hand_is_named_with_its_line(project: Path) -> None:
    (project / COST).write_text("nlu:\n- intent: [ask_cost\nresponses: {", encoding="utf-8")
    with pytest.raises(ContentUnreadable, match=r"data/faq/cost\.yml: .*line \d"):
        open_file(project, COST).draft()
