"""What the visitor keeps, says back, or takes away: transcript, print, feedback, and a person to talk to."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from clinic.storage.database import Database
from clinic.storage.tables import Conversation, Feedback, Message
from tests.browser.chat_page import SESSION_ANSWER, Chat
from tests.browser.running_site import EngineThread, RunningSite
from tests.browser.widget_states import open_answer, open_kinds, open_reason, open_urgent

pytestmark = pytest.mark.browser


def read_feedback(site: RunningSite) -> list[tuple[str, str | None]]:
    """What the server has stored for answers of the newest conversation; the reason is encrypted."""
    newest = select(Conversation.id).order_by(Conversation.started_at.desc()).limit(1).scalar_subquery()
    query = select(Feedback).join(Message, Message.id == Feedback.message_id)
    with (
        closing(Database(f"sqlite:///{site.database_path}")) as database,
        database.transaction(read_only=True) as session,
    ):
        rows = session.scalars(query.where(Message.conversation_id == newest))
        return [(row.verdict, row.reason) for row in rows]


def test_the_conversation_can_be_saved_as_a_text_file(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.ask("How long is a session?")
    with chat.page.expect_download() as download:
        chat.choose_from_menu("Save as a file")
    assert re.fullmatch(r"acupuncture-chat-\d{4}-\d\d-\d\d\.txt", download.value.suggested_filename)
    assert Path(download.value.path()).read_text("utf-8") == (
        "Acupuncture questions\n"
        "Automated assistant. General information, not medical advice. "
        "Please leave out private health details.\n\n"
        "Assistant:\nHello. I am the automated assistant of Belle Isle Pain Clinic.\n"
        "I can answer questions about acupuncture.\n\n"
        "You:\nHow long is a session?\n\n"
        f"Assistant:\n{SESSION_ANSWER}\nSource: Vickers 2018 (https://example.org/vickers)\n"
    )


def test_a_conversation_is_printed_alone_and_the_page_is_left_as_it_was(chat: Chat) -> None:
    open_kinds(chat)
    chat.page.evaluate("window.print = () => { window.printed = document.adoptedStyleSheets.length; }")
    chat.choose_from_menu("Print")
    assert chat.page.evaluate("window.printed") == 1
    chat.page.emulate_media(media="print")
    heading = chat.page.get_by_role("heading", level=1, include_hidden=True)
    expect(heading).to_be_hidden()
    expect(chat.message("OPTC-AB2345")).to_be_visible()
    expect(chat.send_button).to_be_hidden()
    chat.page.emulate_media(media="screen")
    expect(heading).to_be_visible()
    chat.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert chat.page.evaluate("document.adoptedStyleSheets.length") == 0
    chat.page.emulate_media(media="print")
    expect(heading).to_be_visible()


def test_a_verdict_and_its_reason_are_stored_by_the_server(chat: Chat, site: RunningSite) -> None:
    open_reason(chat)
    assert read_feedback(site) == [("down", None)]
    down = chat.log.get_by_role("button", name="Not helpful")
    expect(down).to_have_attribute("aria-pressed", "true")
    reason = chat.log.get_by_label("What was missing?")
    reason.fill("I wanted to know how often")
    with chat.page.expect_response("**/api/v1/feedback"):
        reason.press("Enter")
    expect(reason).to_be_hidden()
    expect(down).to_be_focused()
    expect(chat.log.get_by_text("Thank you.")).to_be_visible()
    assert read_feedback(site) == [("down", "I wanted to know how often")]


def test_a_verdict_can_be_changed(chat: Chat, site: RunningSite) -> None:
    open_reason(chat)
    with chat.page.expect_response("**/api/v1/feedback"):
        chat.log.get_by_role("button", name="Helpful", exact=True).click()
    expect(chat.log.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "false")
    expect(chat.log.get_by_label("What was missing?")).to_be_hidden()
    assert read_feedback(site) == [("up", None)]


def test_a_verdict_that_was_not_stored_is_not_shown_as_stored(chat: Chat) -> None:
    open_answer(chat)
    chat.listen()
    chat.page.route("**/api/v1/feedback", lambda route: route.abort())
    chat.log.get_by_role("button", name="Helpful", exact=True).click()
    expect(chat.log.get_by_text("That was not saved. Please try again.")).to_be_visible()
    chat.wait_until_spoken("That was not saved.")
    expect(chat.log.get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def test_only_answers_are_rated(chat: Chat) -> None:
    open_urgent(chat)
    expect(chat.log.get_by_role("button", name="Helpful")).to_have_count(0)


def test_a_person_is_asked_for_with_one_press(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.panel.get_by_role("button", name="Talk to a person").click()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    assert [turn["text"] for turn in engine.script.turns] == ["I would like to talk to a person."]


def test_what_is_kept_is_said_before_the_first_message(chat: Chat) -> None:
    chat.open()
    expect(chat.log.locator(".privacy")).to_contain_text("You can delete it under Chat options.")
    expect(chat.log.locator(".privacy").get_by_role("link")).to_have_count(0)


def test_an_open_chat_prints_on_paper_from_a_phone_too(chromium: Browser, site: RunningSite) -> None:
    context = chromium.new_context(base_url=site.url, viewport={"width": 375, "height": 700})
    chat = Chat(context.new_page())
    chat.visit()
    chat.open()
    for number in range(6):
        chat.answer_with({"text": f"Answer {number}. " + "It may help some people. " * 20})
        chat.ask("And then?", f"Answer {number}.")
    chat.page.emulate_media(media="print")
    box = chat.panel.bounding_box()
    assert box is not None and box["height"] > 1500
    assert chat.panel.evaluate("panel => getComputedStyle(panel).overflowY") == "visible"
    context.close()
