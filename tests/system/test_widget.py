"""A visitor in a real Chromium talks to the whole running system, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chat_page import Chat
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.system.running_system import RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ANSWERED_WITHIN_MILLISECONDS = 15_000


@pytest.fixture
def chat(system: RunningSystem) -> Iterator[Chat]:
    """The widget on a page of the demonstration site, not yet opened."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(base_url=system.url, reduced_motion="reduce")
        widget = Chat(context.new_page())
        widget.visit("/demo/visit")
        yield widget
        browser.close()


def write(chat: Chat, text: str, answer: str) -> None:
    """Type into what has the focus and wait for the answer."""
    chat.page.keyboard.type(text)
    chat.page.keyboard.press("Enter")
    newest = chat.log.locator(".message.assistant:not(.typing)").last
    expect(newest).to_contain_text(answer, timeout=ANSWERED_WITHIN_MILLISECONDS)


def tab_to(chat: Chat, name: str, key: str = "Tab") -> None:
    """Press the key until the control of this name has the focus."""
    for _ in range(40):
        chat.page.keyboard.press(key)
        if chat.focused_name() == name:
            return
    raise AssertionError(f"{name} is not reached with {key}")


def test_a_walk_from_a_question_to_a_stored_request(chat: Chat, system: RunningSystem) -> None:
    chat.launcher.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.message("automated assistant")).to_be_visible()
    write(chat, "how long does one session take", "30 to 60 minutes")
    tab_to(chat, "Helpful", "Shift+Tab")
    chat.page.keyboard.press("Enter")
    expect(chat.log.get_by_text("Thank you.")).to_be_visible()
    tab_to(chat, "Your message")
    write(chat, "I would like to book an appointment", "What name")
    write(chat, "Maria Lopez", "How can the team reach you?")
    write(chat, "405-555", "How can the team reach you?")
    expect(chat.panel.get_by_label("Your phone number")).to_have_value("405-555")
    write(chat, "-0134", "When is a good time")
    tab_to(chat, "Mornings", "Shift+Tab")
    write(chat, "", "What is it about?")
    tab_to(chat, "Back pain")
    write(chat, "", "May the team contact you?")
    tab_to(chat, "I agree")
    chat.page.keyboard.press("Space")
    tab_to(chat, "Continue")
    write(chat, "", "Please check. Nothing has been sent yet.")
    expect(chat.log.locator(".summary li")).to_have_count(4)
    tab_to(chat, "Send my request")
    write(chat, "", "Your reference is")
    reference = chat.log.locator(".reference-value").inner_text()
    lead = system.leads.find_by_reference(reference)
    assert (lead.name, lead.phone) == ("Maria Lopez", "+14055550134")
    chat.page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_a_web_process_killed_in_the_middle_of_the_request_is_waited_for(
    chat: Chat, system: RunningSystem
) -> None:
    chat.launcher.click()
    expect(chat.message("automated assistant")).to_be_visible()
    write(chat, "I would like to book an appointment", "What name")
    system.kill("web")
    chat.field.press_sequentially("Maria Lopez")
    chat.field.press("Enter")
    expect(chat.message("How can the team reach you?")).to_be_visible(timeout=60_000)
    expect(chat.retry_button).to_have_count(0)
    assert chat.log.locator(".visitor").count() == 2
