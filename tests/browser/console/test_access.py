"""Every page of the console for everybody: axe finds nothing, nothing is cut off, on any screen."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from clinic.conversations import NewReply
from clinic.lead_desk import LeadDesk
from clinic.lead_notes import LeadNotes
from clinic.outbox import Outbox
from tests.browser.console.conftest import Clinic, sign_in

pytestmark = pytest.mark.browser
SCREENS = [(1280, "light"), (390, "dark"), (320, "light")]
PAGES = (
    "/console/leads",
    "/console/leads?queue=overdue&topic=back_pain",
    "/console/leads?state=lost",
    "/console/leads/{lead}",
    "/console/leads/{lead}?done=called",
    "/console/conversations",
    "/console/conversations?kind=disliked",
    "/console/numbers",
    "/console/studio/inbox",
    "/console/studio/inbox?show=ignored",
    "/console/notices",
    "/console/studio/publish",
    "/console/studio/publish/progress",
    "/console/studio/publish/comparison",
    "/console/studio/releases",
    "/console/people",
    "/console/account",
    "/console/account/second-step",
    "/console/nothing",
)


@pytest.fixture
def full(clinic: Clinic) -> Clinic:
    """A clinic in which something of everything has happened."""
    urgent = {"decision": "urgent", "intent": "report_emergency", "urgent": "emergency", "confidence": 0.9}
    asked = {"decision": "dialogue", "intent": "ask_booking", "confidence": 0.9}
    engine_id = clinic.add_conversation(
        ("My chest hurts", urgent, NewReply("urgent", "Please **call 911 now**.\n\n- now\n- not later")),
        ("I want a visit", asked, NewReply("question", "What is your name?", ask="name")),
        ("Maria Lopez", asked, NewReply("saved", "We have your request.")),
    )
    lead = clinic.add_lead("Maria Lopez", hours_ago=30, engine_id=engine_id, suspected_spam=True)
    clinic.add_lead("M. Lopez", email="a-very-long-address-for-a-mailbox@a-very-long-domain.example.org")
    LeadNotes(clinic.database).add(lead.id, "x" * 200, clinic.people["staff"].id)
    LeadNotes(clinic.database).set_tags(lead.id, "new patient, insurance", clinic.people["staff"].id)
    LeadDesk(clinic.database).record_call(lead.id, "voicemail", None, 1, clinic.people["staff"].id)
    outbox = Outbox(clinic.database)
    for notice in outbox.list_due():
        outbox.record_failure(notice.id, "The mail server cannot be reached (ConnectionRefusedError).")
    return clinic


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    chromium: Browser, full: Clinic, width: int, scheme: str
) -> None:
    context = chromium.new_context(
        base_url=full.site.url,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/console/sign-in")
    problems = look_at(page)
    sign_in(page, "adam")
    for path in PAGES:
        page.goto(path.format(lead=full.lead("Maria Lopez").reference))
        problems += look_at(page)
    page.goto("/console/conversations")
    page.locator("a.row-name").first.click()
    page.wait_for_selector(".talk")
    problems += look_at(page)
    context.close()
    assert problems == []


def look_at(page: Page) -> list[str]:
    """What is wrong with the page in its present state."""
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")
    path = re.sub(r"OPTC-\w+", "…", page.url.partition("/console")[2])
    found = [
        f"{path}: {violation['id']} at {violation['nodes'][0]['html'][:100]}"
        for violation in Axe().run(page).response["violations"]
    ]
    room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return found + ([f"{path} is {room[0]} wide in {room[1]}"] if room[0] > room[1] else [])


def test_a_planted_fault_is_seen(screen: Page, clinic: Clinic) -> None:
    screen.goto("/console/sign-in")
    screen.evaluate(
        "document.querySelector('main').append(document.createElement('button'), "
        "Object.assign(document.createElement('pre'), {textContent: 'x'.repeat(2000)}))"
    )
    problems = look_at(screen)
    assert any("button-name" in problem for problem in problems)
    assert any("wide in" in problem for problem in problems)
