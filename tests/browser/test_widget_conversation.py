"""Talking with the widget: answers, choices, the form's fields, coming back, starting over, deleting."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.chat_page import SESSION_ANSWER, WELCOME, Chat
from tests.browser.running_site import EngineThread, RunningSite
from tests.web.scripted_engine import reply

pytestmark = pytest.mark.browser

MARIA = "Maria Lopez"
QUESTION = {"kind": "question", "choices": [], "sources": []}


def read_token(page: Page) -> str:
    token: str = page.evaluate("localStorage.getItem('acupuncture-chat.session')")
    return token


def test_the_panel_says_what_it_is_and_where_to_call(chat: Chat) -> None:
    chat.open()
    expect(chat.panel.get_by_role("heading", name="Acupuncture questions")).to_be_visible()
    expect(chat.panel.get_by_text("Automated assistant", exact=True)).to_be_visible()
    emergency = chat.panel.locator(".emergency")
    expect(emergency).to_have_text("Not for emergencies. Call 911. Crisis: call or text 988.")
    addresses = [link.get_attribute("href") for link in emergency.get_by_role("link").all()]
    assert addresses == ["tel:911", "tel:988", "sms:988"]


def test_a_question_gets_its_answer_with_its_source(chat: Chat) -> None:
    chat.open()
    chat.ask("How long is a session?")
    expect(chat.message("How long is a session?")).to_have_count(2)
    link = chat.message(SESSION_ANSWER).locator(".sources").get_by_role("link", name="Vickers 2018")
    expect(link).to_have_attribute("href", "https://example.org/vickers")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value("")


def test_a_choice_is_sent_as_its_token_and_marked_as_used(chat: Chat, engine: EngineThread) -> None:
    sent: list[Request] = []
    chat.page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    chat.open()
    chat.choose("How long is a session?")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    used = chat.log.get_by_role("button", name="How long is a session? (chosen)")
    expect(used).to_be_disabled()
    expect(chat.log.get_by_role("button", name="Does it hurt?")).to_be_enabled()
    assert set(sent[-1].post_data_json) == {"client_message_id", "choice"}
    assert engine.script.turns[-1]["choice"]["intent"] == "ask_session_length"
    used.click(force=True)
    assert len(engine.script.turns) == 1


def test_an_answered_question_takes_no_second_answer(chat: Chat, engine: EngineThread) -> None:
    choices = [{"title": title, "intent": "inform", "values": {}} for title in ("Neck pain", "Back pain")]
    topic = {**QUESTION, "text": "What is it about?", "choices": choices, "ask": "topic"}
    engine.script.replies = [reply(**topic)]
    chat.open()
    chat.ask("I want a consultation", "What is it about?")
    chat.ask("my shoulder", "What is it about?")
    first = chat.message("What is it about?").first
    expect(first.get_by_role("button", name="Neck pain")).to_be_disabled()
    expect(first.get_by_role("button", name="Back pain")).to_be_disabled()
    expect(chat.log.get_by_role("button", name="Neck pain").last).to_be_enabled()


def test_the_field_changes_with_what_is_asked(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    expect(chat.panel.get_by_label("Your message")).to_have_js_property("tagName", "TEXTAREA")
    engine.script.replies = [reply(**QUESTION, text="What is your name?", ask="name")]
    chat.ask("I want a consultation", "What is your name?")
    name = chat.panel.get_by_label("Your name")
    expect(name).to_have_attribute("autocomplete", "name")
    expect(name).to_be_focused()
    engine.script.replies = [reply(**QUESTION, text="How can we reach you?", ask="contact")]
    chat.ask(MARIA, "How can we reach you?")
    phone = chat.panel.get_by_label("Your phone number")
    expect(phone).to_have_attribute("autocomplete", "tel")
    expect(phone).to_have_attribute("type", "tel")
    chat.panel.get_by_role("radio", name="Email").check()
    email = chat.panel.get_by_label("Your email address")
    expect(email).to_have_attribute("autocomplete", "email")
    expect(email).to_have_attribute("type", "email")
    engine.script.replies = [reply()]
    chat.ask("maria@example.org")
    expect(chat.panel.get_by_label("Your message")).to_be_focused()


def test_words_typed_while_the_field_changes_are_kept(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.behaviour = "slow"
    engine.script.replies = [reply(**QUESTION, text="What is your name?", ask="name")]
    chat.say("I want a consultation")
    chat.field.fill("Maria")
    expect(chat.panel.get_by_label("Your name")).to_have_value("Maria")


def test_a_saved_request_shows_its_reference(chat: Chat) -> None:
    chat.open()
    chat.answer_with({"kind": "saved", "text": "We have your request.", "lead_reference": "OPTC-AB2345"})
    chat.ask("yes", "We have your request.")
    saved = chat.log.locator(".message.saved")
    expect(saved).to_contain_text("Request received")
    expect(saved).to_contain_text("Your reference: OPTC-AB2345")


def test_an_urgent_message_looks_different(chat: Chat, engine: EngineThread) -> None:
    engine.script.replies = [reply(kind="urgent", text="**Call [911](tel:911) now.**", choices=[])]
    chat.open()
    chat.ask("I cannot feel my legs", "Call 911 now.")
    urgent = chat.log.locator(".message.urgent")
    expect(urgent.locator(".kind")).to_have_text("Urgent")
    expect(urgent.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    border = urgent.locator(".bubble").evaluate("bubble => getComputedStyle(bubble).borderInlineStartWidth")
    assert border == "8px"


def test_words_sent_before_the_welcome_stand_below_it(chat: Chat) -> None:
    held: list[Route] = []
    chat.page.route("**/api/v1/sessions", lambda route: held.append(route), times=1)
    with chat.page.expect_request("**/api/v1/sessions"):
        chat.launcher.click()
    chat.say("How long is a session?")
    expect(chat.message("How long is a session?")).to_be_visible()
    held[0].continue_()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    words = "\n".join(chat.log.locator(".message").all_inner_texts())
    assert words.index(WELCOME) < words.index("How long is a session?") < words.index(SESSION_ANSWER)


def test_an_answer_is_being_written_is_shown(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.behaviour = "slow"
    chat.say("How long is a session?")
    expect(chat.log.get_by_text("The assistant is writing.")).to_be_attached()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    expect(chat.log.get_by_text("The assistant is writing.")).to_have_count(0)


def test_shift_enter_makes_a_new_line_and_enter_sends(chat: Chat) -> None:
    chat.open()
    chat.field.press_sequentially("one")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("two")
    expect(chat.field).to_have_value("one\ntwo")
    chat.field.press("Enter")
    expect(chat.log.locator(".visitor .bubble")).to_have_text("one\ntwo", use_inner_text=True)


@pytest.mark.parametrize(
    ("length", "hint"),
    [(439, ""), (440, "60 characters left"), (499, "1 character left"), (500, "0 characters left")],
)
def test_the_counter_shows_near_the_limit(chat: Chat, length: int, hint: str) -> None:
    chat.open()
    chat.field.fill("😀" * length)
    expect(chat.panel.locator(".hint")).to_have_text(hint)


def test_a_message_over_the_limit_is_refused_and_kept(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.say("a" * 503)
    expect(chat.panel.locator(".hint")).to_have_text("3 characters too long. Please shorten your message.")
    expect(chat.field).to_have_value("a" * 503)
    expect(chat.field).to_have_attribute("aria-invalid", "true")
    assert engine.script.turns == []
    chat.ask("a" * 500)
    expect(chat.panel.locator(".hint")).to_be_empty()


def test_an_empty_message_is_not_sent(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.say("   ")
    expect(chat.panel.locator(".hint")).to_have_text("Please write a message first.")
    assert engine.script.turns == []


def test_a_reload_keeps_the_conversation(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.choose("How long is a session?")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    engine.script.replies = [reply(**QUESTION, text="What is your name?", ask="name")]
    chat.ask("I want a consultation", "What is your name?")
    before = chat.log.locator(".message").all_text_contents()
    chat.page.reload()
    chat.open()
    expect(chat.message("What is your name?")).to_be_visible()
    assert chat.log.locator(".message").all_text_contents() == before
    expect(chat.panel.get_by_label("Your name")).to_be_visible()
    expect(chat.log.get_by_role("button", name="How long is a session? (chosen)")).to_be_disabled()


def test_another_tab_shows_the_same_conversation(chat: Chat) -> None:
    chat.open()
    chat.ask("How long is a session?")
    other = Chat(chat.page.context.new_page())
    other.visit("/demo")
    other.open()
    expect(other.message(SESSION_ANSWER)).to_be_visible()
    other.ask("and for the neck?")
    chat.launcher.click()
    chat.launcher.click()
    expect(chat.message("and for the neck?")).to_be_visible()


def test_what_is_stored_is_the_token_alone(chat: Chat) -> None:
    chat.open()
    chat.ask(f"My name is {MARIA}, 405-555-0134")
    stored = chat.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert stored == f'[{{"acupuncture-chat.session":"{read_token(chat.page)}"}},{{}}]'
    assert re.fullmatch(r"[\w.-]{20,}", read_token(chat.page))


def test_a_reload_while_the_answer_is_on_its_way_still_brings_it(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.behaviour = "slow"
    with chat.page.expect_request("**/api/v1/messages"):
        chat.say("How long is a session?")
    expect(chat.log.get_by_text("The assistant is writing.")).to_be_attached()
    chat.page.reload()
    chat.open()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def forget_session(chat: Chat, site: RunningSite) -> None:
    """End the session behind the widget's back."""
    headers = {"Authorization": f"Bearer {read_token(chat.page)}"}
    response = httpx.delete(f"{site.url}/api/v1/sessions", headers=headers, trust_env=False)
    assert response.status_code == 204


def test_an_ended_session_is_replaced_and_the_question_asked_again(chat: Chat, site: RunningSite) -> None:
    chat.open()
    forget_session(chat, site)
    chat.say("How long is a session?")
    expect(chat.message("Your earlier chat had ended, so this is a new one.")).to_be_visible()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    expect(chat.message(WELCOME).first.get_by_role("button", name="Does it hurt?")).to_be_disabled()
    expect(chat.message(WELCOME).last.get_by_role("button", name="Does it hurt?")).to_be_enabled()


def test_an_ended_session_never_turns_a_form_answer_into_a_question(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    engine.script.replies = [reply(**QUESTION, text="What is your name?", ask="name")]
    chat.open()
    chat.ask("I want a consultation", "What is your name?")
    forget_session(chat, site)
    chat.say(MARIA)
    expect(chat.message("Please send your last message again.")).to_be_visible()
    expect(chat.message(WELCOME)).to_have_count(2)
    assert [turn["text"] for turn in engine.script.turns] == ["I want a consultation"]
    expect(chat.panel.get_by_label("Your message")).to_be_visible()


def test_a_session_that_ended_before_the_visit_is_replaced(chat: Chat, site: RunningSite) -> None:
    chat.open()
    forget_session(chat, site)
    chat.page.reload()
    chat.open()
    expect(chat.message("Your earlier chat had ended")).to_be_visible()
    chat.ask("How long is a session?")


def test_start_over_begins_a_new_conversation(chat: Chat) -> None:
    chat.open()
    chat.ask("How long is a session?")
    token = read_token(chat.page)
    chat.choose_from_menu("Start over")
    expect(chat.message(SESSION_ANSWER)).to_have_count(0)
    expect(chat.message(WELCOME)).to_have_count(1)
    assert read_token(chat.page) != token


def test_deleting_asks_first_and_then_removes_it_everywhere(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    chat.open()
    chat.ask("How long is a session?")
    token = read_token(chat.page)
    chat.choose_from_menu("Delete this chat")
    question = chat.page.get_by_role("alertdialog")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    question.get_by_role("button", name="Keep it").click()
    expect(chat.message(SESSION_ANSWER)).to_have_count(1)
    chat.choose_from_menu("Delete this chat")
    question.get_by_role("button", name="Delete", exact=True).click()
    expect(chat.message("This chat was deleted.")).to_be_visible()
    expect(chat.message(SESSION_ANSWER)).to_have_count(0)
    assert chat.page.evaluate("localStorage.length") == 0
    headers = {"Authorization": f"Bearer {token}"}
    gone = httpx.get(f"{site.url}/api/v1/messages?after=0", headers=headers, trust_env=False)
    assert gone.status_code == 401
    chat.ask("How long is a session?")
    assert read_token(chat.page) != token


def test_being_contacted_is_stopped_after_a_question_and_told_in_the_chat(chat: Chat) -> None:
    chat.open()
    chat.choose_from_menu("Stop contacting me")
    question = chat.page.get_by_role("alertdialog")
    expect(question.get_by_role("button", name="Go back")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(chat.panel.get_by_role("button", name="Chat options")).to_be_focused()
    said = "You have not sent a request in this chat"
    expect(chat.message(said)).to_have_count(0)
    chat.choose_from_menu("Stop contacting me")
    question.get_by_role("button", name="Stop contacting me").click()
    expect(chat.message(said)).to_be_visible()
    chat.ask("How long is a session?")
    expect(chat.message(said)).to_have_count(1)


def test_that_could_not_be_stopped_is_said(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/api/v1/consent", lambda route: route.abort())
    chat.choose_from_menu("Stop contacting me")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Stop contacting me").click()
    expect(chat.message("That was not saved.")).to_be_visible()
    expect(chat.message(WELCOME)).to_be_visible()


def test_a_chat_that_could_not_be_deleted_is_still_there(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/api/v1/sessions", lambda route: route.abort())
    chat.choose_from_menu("Delete this chat")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Delete", exact=True).click()
    expect(chat.message("The chat was not deleted.")).to_be_visible()
    expect(chat.message(WELCOME)).to_be_visible()
    assert read_token(chat.page)


def test_an_answer_to_a_closed_chat_is_counted_on_the_launcher(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.behaviour = "slow"
    chat.say("How long is a session?")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="Ask a question 1 new message")).to_be_visible()
    chat.launcher.click()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="Ask a question", exact=True)).to_be_visible()
