"""A writer's day, whole and real: an unanswered question becomes a visitors' answer, and is taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from clinic.clock import utc_now
from clinic.inbox_collector import InboxCollector
from clinic.keys import resolve_signing_key
from clinic.settings import Settings
from clinic.staff import Staff
from tests.browser.chat_page import Chat
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.console.conftest import PASSWORD, sign_in
from tests.content.test_new_question import QUESTION
from tests.content.working_content import ASKED, TOPIC
from tests.publish.conftest import Newsroom

pytestmark = [pytest.mark.system, pytest.mark.timeout(1500)]
STUDIO = "/console/studio"
MENU = f"{STUDIO}/topics/smalltalk/what_can_you_do"
PUBLISHED_WITHIN = 1_200_000  # milliseconds, on a machine that is busy with other things


@pytest.fixture
def carl(newsroom: Newsroom) -> Iterator[Page]:
    """Carl of the content team at his screen, signed in."""
    staff = Staff(newsroom.system.database, idle=timedelta(hours=2), absolute=timedelta(hours=12))
    link = newsroom.system.first_sign_in_link.rpartition("/")[2]
    adam = staff.accept_link(link, "Adam", "adam@example.org", PASSWORD)
    staff.accept_link(staff.invite("content", adam.id), "Carl", "carl@example.org", PASSWORD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(base_url=newsroom.system.url, reduced_motion="reduce")
        context.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page = context.new_page()
        sign_in(page, "carl")
        yield page
        browser.close()


def see_it_in_the_inbox(page: Page, newsroom: Newsroom) -> None:
    settings = Settings(var_directory=newsroom.system.folder)
    later = lambda: utc_now() + timedelta(minutes=11)  # noqa: E731 - a clock that is ahead
    InboxCollector(newsroom.system.database, resolve_signing_key(settings), later).collect_all()
    page.goto(f"{STUDIO}/inbox")
    expect(page.locator(".inbox .row-name", has_text=ASKED)).to_be_visible()


def begin_the_question(page: Page) -> None:
    page.goto(f"{STUDIO}/new")
    page.get_by_label("The question").fill(QUESTION.title)
    page.get_by_label("Ways to ask it, one a line").fill("\n".join(QUESTION.ways[:-1]))
    page.get_by_label("The answer").fill(f"We guarantee help. {QUESTION.answer}")
    page.get_by_label("Facts it stands on").fill(" ".join(QUESTION.facts))
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("The draft is made.")).to_be_visible()


def mend_what_the_rules_find(page: Page) -> None:
    findings = page.locator("#notes-variant-0")
    expect(findings).to_contain_text('"guarantee" must not be said')
    page.get_by_label("What the assistant says").fill(QUESTION.answer)
    expect(findings.locator("li")).to_have_count(0)
    expect(page.locator("answer-preview")).to_contain_text("The team will tell you how to get in.")
    page.get_by_label("State").select_option("live")
    save(page)


def lead_to_it(page: Page) -> None:
    """A live question needs a button that leads to it, and a test."""
    page.goto(MENU)
    buttons = page.get_by_label("Buttons, one a line").first
    buttons.fill(f"{buttons.input_value().strip()}\n{QUESTION.title} | /ask_{TOPIC}")
    save(page)
    page.goto(f"{STUDIO}/try")
    page.get_by_label("A visitor's message").fill(ASKED)
    page.get_by_role("button", name="Try", exact=True).click()
    page.get_by_label("It should be answered by").select_option(TOPIC)
    page.get_by_role("button", name="Keep as a test").click()
    expect(page.get_by_text("Kept as a test:")).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Visitors get it when it is published.")).to_be_visible()


def publish(page: Page) -> None:
    page.goto(f"{STUDIO}/publish")
    expect(page.get_by_text("Yes: more than answers changed.")).to_be_visible()
    page.get_by_label("Why do you publish this?").fill("visitors ask how to get in")
    page.get_by_role("button", name="Check and publish").click()
    ended = page.locator("[data-progress]:not([data-running])")
    ended.wait_for(timeout=PUBLISHED_WITHIN)
    print("\n" + ended.inner_text())
    expect(ended).to_contain_text("It is live.")


def go_back(page: Page, release: str) -> None:
    page.goto(f"{STUDIO}/releases")
    page.locator(f"#why-{release}").fill("the door is being built")
    page.get_by_role("button", name=re.compile(f"Go back to this: {release}")).click()
    ended = page.locator("[data-progress]:not([data-running])")
    expect(ended).to_contain_text("It is live.", timeout=300_000)
    print("\n" + ended.inner_text())


def test_from_an_unanswered_question_to_its_answer_and_back(newsroom: Newsroom, carl: Page) -> None:
    before = newsroom.releases.state().live
    assert before is not None
    answer = "The team will tell you how to get in."
    assert answer not in newsroom.ask(ASKED)
    see_it_in_the_inbox(carl, newsroom)
    begin_the_question(carl)
    mend_what_the_rules_find(carl)
    lead_to_it(carl)
    assert answer not in newsroom.ask(ASKED), "nothing that is not published reaches a visitor"
    publish(carl)
    maria = Chat(carl.context.browser.new_page(base_url=newsroom.system.url))  # type: ignore[union-attr]
    maria.visit("/demo/visit")
    maria.launcher.click()
    expect(maria.message("automated assistant")).to_be_visible()
    maria.field.fill(ASKED)
    maria.send_button.click()
    expect(maria.log.get_by_text(answer)).to_be_visible()
    go_back(carl, before)
    assert answer not in newsroom.ask(ASKED)
