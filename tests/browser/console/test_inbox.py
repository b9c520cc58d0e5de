"""Carl of the content team goes through what was not answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from clinic.conversations import Conversations, NewReply
from clinic.inbox_clusters import InboxClusters
from clinic.inbox_collector import InboxCollector
from tests.browser.console.conftest import Clinic, sign_in
from tests.browser.console.test_access import SCREENS, look_at
from tests.clinic.meaning import ScriptedEncoder
from tests.content.small_project import write_small_project

pytestmark = pytest.mark.browser
RANKING = [{"intent": "ask_children", "confidence": 0.3}, {"intent": "ask_cost", "confidence": 0.2}]


def ask(clinic: Clinic, text: str, visitors: int) -> None:
    """Visitors asked it an hour ago, and it was not understood."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    conversations = Conversations(clinic.database, now=lambda: an_hour_ago)
    understood = {"decision": "fallback", "intent": "ask_children", "confidence": 0.3, "ranking": RANKING}
    for _ in range(visitors):
        talk = conversations.start(None, timedelta(days=7)).id
        message = conversations.accept_message(talk, "1", text).message
        conversations.record_replies(talk, message.id, [NewReply("text", "Not sure.")], understood, True)


def collect(clinic: Clinic) -> None:
    """Let the inbox's process do its round."""
    InboxCollector(clinic.database, "a-key-for-tests-only").collect_all()
    InboxClusters(clinic.database, ScriptedEncoder(), breath_seconds=0).place_all()


@pytest.fixture
def project(clinic: Clinic) -> Path:
    """A small project in the site's folder."""
    return write_small_project(clinic.site.data.parent)


def test_a_writer_goes_through_the_inbox(screen: Page, clinic: Clinic) -> None:
    ask(clinic, "Do you treat horses? Call me at 405-555-0134", visitors=3)
    ask(clinic, "what's your wifi password", visitors=1)
    collect(clinic)
    sign_in(screen, "carl")
    screen.get_by_role("link", name="Unanswered").click()
    expect(screen.locator(".inbox .row-name")).to_have_text(
        ["Do you treat horses? Call me at •••", "what's your wifi password"]
    )
    assert Axe().run(screen).response["violations"] == []

    screen.get_by_role("button", name=re.compile("Ignore.*wifi")).click()
    expect(screen.get_by_role("status")).to_contain_text("It stays ignored")
    expect(screen.locator(".inbox .row-name")).to_have_count(1)
    screen.get_by_role("button", name="Undo").click()
    expect(screen.locator(".inbox .row-name")).to_have_count(2)

    screen.get_by_role("button", name=re.compile("Safety review.*horses")).click()
    screen.get_by_role("link", name="Safety review").click()
    expect(screen.locator(".inbox .row-name")).to_have_text(["Do you treat horses? Call me at •••"])


def test_a_writer_adds_a_cluster_to_a_question_with_the_keyboard_alone(
    screen: Page, clinic: Clinic, project: Path
) -> None:
    ask(clinic, "any room for CARS at yours", visitors=1)
    ask(clinic, "where do the CARS go", visitors=2)
    ask(clinic, "CARS, my friend Jonas asks", visitors=1)
    collect(clinic)
    sign_in(screen, "carl", "/console/studio/inbox")
    unfold = screen.locator("summary", has_text="3 wordings")
    unfold.focus()
    screen.keyboard.press("Enter")
    screen.get_by_role("checkbox", name=re.compile("Jonas")).focus()
    screen.keyboard.press("Space")
    screen.get_by_role("button", name=re.compile("Add to a question")).focus()
    screen.keyboard.press("Enter")

    expect(screen.get_by_role("heading", name="Add to a question")).to_be_visible()
    expect(screen.get_by_label("Wording 1", exact=True)).to_have_value("where do the CARS go")
    screen.get_by_label("The question they ask").select_option(label="Where can I park?")
    screen.get_by_label("Wording 1", exact=True).fill("where do we put our car")
    write = screen.get_by_role("button", name="Write into the draft")
    write.focus()
    screen.keyboard.press("Enter")
    expect(screen.get_by_role("alert")).to_contain_text("tick that it does not say who asked")
    for box in screen.get_by_role("checkbox").all():
        box.focus()
        screen.keyboard.press("Space")
    screen.get_by_role("button", name=re.compile("^Write")).focus()
    screen.keyboard.press("Enter")

    expect(screen.get_by_role("status")).to_contain_text("Written into the draft")
    expect(screen.locator(".inbox .row-name")).to_have_text(["CARS, my friend Jonas asks"])
    text = (project / "data/faq/parking.yml").read_text(encoding="utf-8")
    assert "    - where do we put our car\n    - any room for CARS at yours\n" in text
    assert "Jonas" not in text
    screen.get_by_role("link", name="Open the question").click()
    expect(screen.locator('input[value="where do we put our car"]')).to_be_visible()


def test_ways_to_ask_are_rows_that_are_added_and_taken_out(
    screen: Page, clinic: Clinic, project: Path
) -> None:
    file = project / "data/faq/parking.yml"
    before = file.read_text(encoding="utf-8").splitlines()
    sign_in(screen, "carl", "/console/studio/topics/faq/parking")
    rows = screen.locator(".wording-rows input")
    expect(rows).to_have_count(25)
    screen.get_by_role("button", name="Remove: parking", exact=True).click()
    expect(rows).to_have_count(24)
    expect(rows.nth(1)).to_be_focused()
    more = screen.get_by_label("Add ways to ask, one a line")
    more.fill("is there a spot for a trailer")
    more.press("Enter")
    expect(rows).to_have_count(25)
    expect(more).to_have_value("")
    screen.get_by_role("button", name="Save", exact=True).click()
    expect(screen.get_by_text("Saved.")).to_be_visible()
    after = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in before if line not in after] == ["    - parking"]
    assert [line for line in after if line not in before] == ["    - is there a spot for a trailer"]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing_on_the_pages_of_the_learning_loop(
    chromium: Browser, clinic: Clinic, project: Path, width: int, scheme: str
) -> None:
    for number in range(3):
        ask(clinic, f"CARS, and here comes a rather long way to ask for them, the {number} of several", 2)
    ask(clinic, "towels??", visitors=1)
    collect(clinic)
    context = chromium.new_context(
        base_url=clinic.site.url,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    sign_in(page, "adam", "/console/studio/inbox")
    page.locator("summary").first.click()
    problems = look_at(page)
    page.get_by_role("button", name=re.compile("New question.*CARS")).click()
    problems += look_at(page)
    page.goto("/console/studio/inbox")
    page.get_by_role("button", name=re.compile("Add to a question.*towels")).click()
    problems += look_at(page)
    page.get_by_label("The question they ask").select_option(label="Where can I park?")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Write into the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was written yet")
    problems += look_at(page)
    page.get_by_role("button", name="Write it all the same").click()
    for path in ("/console/studio/inbox?show=handled", "/console/numbers/learning"):
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        problems += look_at(page)
    context.close()
    assert problems == []
