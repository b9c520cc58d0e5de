"""The consultation request in the chat: fields, problems, consent, summary, reference, a dying server."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from clinic.consent import current_consent
from content.responses import read_responses
from tests.browser.chat_page import SESSION_ANSWER, Chat
from tests.browser.running_site import EngineThread, RunningSite
from tests.browser.widget_states import (
    CONSENT,
    CONTACT,
    SAVED,
    SUMMARY,
    TOO_SHORT,
    open_consent,
    open_contact_question,
    open_refused_detail,
    open_saved,
    open_summary,
)
from tests.web.scripted_engine import reply

pytestmark = pytest.mark.browser

REQUEST = Path(__file__).parents[2] / "data" / "consultation" / "request.yml"


def test_an_answer_that_cannot_be_used_comes_back_with_the_reason(chat: Chat) -> None:
    open_refused_detail(chat)
    phone = chat.panel.get_by_label("Your phone number")
    expect(phone).to_have_value("405-555")
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_accessible_description(
        "That phone number looks too short. Please send all 10 digits."
    )
    expect(phone).to_be_focused()
    phone.press_sequentially("-0134")
    expect(phone).not_to_have_attribute("aria-invalid", "true")
    expect(chat.panel.locator(".hint")).to_be_empty()


def test_what_was_typed_meanwhile_is_not_overwritten(chat: Chat, engine: EngineThread) -> None:
    open_contact_question(chat)
    engine.script.behaviour = "slow"
    engine.script.replies = [reply(**TOO_SHORT), reply(kind="question", text="How else?", ask="contact")]
    chat.say("405-555")
    chat.field.fill("918")
    expect(chat.message("That phone number looks too short.")).to_be_visible()
    expect(chat.field).to_have_value("918")


def test_a_question_in_the_middle_is_no_mistake(chat: Chat) -> None:
    open_contact_question(chat)
    chat.answer_with({"text": SESSION_ANSWER}, CONTACT)
    chat.ask("How long is a session?", "How can the team reach you?")
    expect(chat.field).to_have_value("")
    expect(chat.panel.locator(".hint")).to_be_empty()


def test_consent_is_a_box_that_nobody_has_ticked(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.answer_with(CONSENT)
    chat.ask("Back pain", "May the team contact you?")
    box = chat.log.get_by_role("checkbox", name="I agree")
    expect(box).not_to_be_checked()
    chat.answer_with(SUMMARY)
    box.check()
    with chat.page.expect_request("**/api/v1/messages") as sent:
        chat.log.get_by_role("button", name="Continue").click()
    assert sent.value.post_data_json["choice"] == "yes"
    expect(chat.log.locator(".visitor").last).to_contain_text("I agree")
    expect(box).to_be_disabled()


def test_without_a_tick_nothing_is_sent_and_the_reason_is_said(chat: Chat, engine: EngineThread) -> None:
    open_consent(chat)
    box = chat.log.get_by_role("checkbox", name="I agree")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(
        "Please tick the box first. If you do not agree, choose the other button."
    )
    assert engine.script.turns == []
    box.check()
    expect(chat.log.locator(".problem")).to_be_empty()
    expect(box).to_have_attribute("aria-invalid", "false")


def test_no_consent_needs_no_tick(chat: Chat) -> None:
    open_consent(chat)
    chat.answer_with({"kind": "question", "text": "That is fine.", "ask": "consent"})
    with chat.page.expect_request("**/api/v1/messages") as sent:
        chat.choose("I do not agree")
    assert sent.value.post_data_json["choice"] == "no"


def test_the_summary_is_a_card_with_an_edit_button_for_each_detail(chat: Chat) -> None:
    open_summary(chat)
    card = chat.log.locator(".summary")
    lines = card.get_by_role("listitem")
    expect(lines).to_have_text(
        ["Name: Maria LopezChange", "Contact: (405) 555-0134Change", "Good time: MorningsChange"]
        + ["About: Back painChange"]
    )
    names = [line.get_by_role("button").get_attribute("aria-label") for line in lines.all()]
    assert names == ["Change name", "Change contact", "Change time", "Change topic"]
    expect(chat.log.locator(".choices").last.get_by_role("button")).to_have_text(
        ["Send my request", "Cancel"]
    )
    chat.answer_with({"kind": "question", "text": "What is your name?", "ask": "name"})
    with chat.page.expect_request("**/api/v1/messages") as sent:
        card.get_by_role("button", name="Change name").click()
    assert sent.value.post_data_json["choice"] == "Change name"
    expect(chat.panel.get_by_label("Your name")).to_be_visible()


def test_the_summary_is_read_out_without_its_buttons(chat: Chat) -> None:
    chat.open()
    chat.listen()
    chat.answer_with(SUMMARY)
    chat.ask("Mornings", "Please check.")
    chat.wait_until_spoken("Name: Maria Lopez Contact: (405) 555-0134")


def test_the_shipped_questions_keep_to_the_form_the_cards_need() -> None:
    """`confirm`: "send", one choice for each line, the rest. `consent`: the yes comes first."""
    details = ("lead_name", "lead_contact", "lead_time", "topic_title")
    placeholders = dict.fromkeys(details, "-") | {"consent_text": current_consent("The clinic").text}
    responses = read_responses([REQUEST], placeholders)
    confirm = responses.find("utter_ask_lead_confirm")
    lines = confirm.text.count("\n- ")
    titles = [choice.title for choice in confirm.choices]
    assert lines == 4
    assert [title.startswith("Change ") for title in titles] == [False] + [True] * lines + [False]
    assert responses.find("utter_ask_lead_consent").choices[0].intent == "affirm"


def test_a_summary_of_another_form_is_shown_as_it_is(chat: Chat) -> None:
    chat.open()
    chat.answer_with({**SUMMARY, "choices": SUMMARY["choices"][:2]})
    chat.ask("Mornings", "Please check.")
    expect(chat.log.locator(".summary")).to_have_count(0)
    expect(chat.log.get_by_role("button", name="Change name")).to_be_visible()


def test_the_reference_can_be_saved_as_a_file(chat: Chat) -> None:
    open_saved(chat)
    with chat.page.expect_download() as download:
        chat.log.get_by_role("button", name="Save it as a file").click()
    assert download.value.suggested_filename == "OPTC-AB2345.txt"
    text = Path(download.value.path()).read_text("utf-8")
    assert "Your reference is OPTC-AB2345." in text
    assert "Automated assistant" in text


def test_a_server_killed_in_the_middle_of_the_request_loses_nothing(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    engine.script.replies = [reply(kind="question", text="What is your name?", ask="name", choices=[])]
    chat.open()
    chat.ask("I want a consultation", "What is your name?")
    site.kill()
    chat.say("Maria Lopez")
    expect(chat.retry_button).to_be_visible()
    expect(chat.panel.get_by_label("Your name")).to_be_visible()
    engine.script.replies = [reply(kind="question", text="How can we reach you?", ask="contact", choices=[])]
    site.start()
    expect(chat.message("How can we reach you?")).to_be_visible(timeout=45_000)
    expect(chat.retry_button).to_have_count(0)
    expect(chat.panel.get_by_label("Your phone number")).to_be_visible()
    assert [turn["text"] for turn in engine.script.turns] == ["I want a consultation", "Maria Lopez"]
    chat.page.reload()
    chat.open()
    expect(chat.panel.get_by_label("Your phone number")).to_be_visible()


def test_a_walk_from_question_to_confirmation_with_the_keyboard_alone(chat: Chat) -> None:
    keyboard = chat.page.keyboard

    def step(said: str) -> None:
        """Press Enter and wait for what the server answers."""
        keyboard.press("Enter")
        expect(chat.log.locator(".message").last).to_contain_text(said)

    def tab_to(name: str, key: str = "Tab") -> None:
        for _ in range(20):
            keyboard.press(key)
            if chat.focused_name() == name:
                return
        raise AssertionError(f"{name} is not reached with {key}")

    chat.answer_in_turn(
        [{"text": SESSION_ANSWER, "choices": [{"title": "Ask for a consultation", "token": "ask"}]}],
        [{"kind": "question", "text": "What name?", "ask": "name"}],
        [CONTACT],
        [CONSENT],
        [SUMMARY],
        [SAVED],
    )
    for _ in range(60):
        keyboard.press("Tab")
        if chat.focused_name() == "Ask a question":
            break
    keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    keyboard.type("How long is a session?")
    step(SESSION_ANSWER)
    tab_to("Ask for a consultation", "Shift+Tab")
    step("What name?")
    tab_to("Your name")
    keyboard.type("Maria Lopez")
    step("How can the team reach you?")
    keyboard.type("405-555-0134")
    step("May the team contact you?")
    tab_to("I agree", "Shift+Tab")
    keyboard.press("Space")
    tab_to("Continue")
    step("Please check.")
    tab_to("Change name")
    tab_to("Send my request")
    step("The team now has your request.")
    tab_to("Save it as a file")
    keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()
