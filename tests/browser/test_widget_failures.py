"""When something is down: nothing is lost, nothing is silent, and there is a way to the contact form."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Request, expect

from tests.browser.chat_page import SESSION_ANSWER, WELCOME, Chat
from tests.browser.running_site import EngineThread, RunningSite

pytestmark = pytest.mark.browser

WIDGET = Path(__file__).parents[2] / "web" / "widget"


def watch_messages(chat: Chat) -> list[str]:
    """Collect the client's ids of all messages the page sends."""
    ids: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/messages"):
            ids.append(request.post_data_json["client_message_id"])

    chat.page.on("request", note)
    return ids


def test_a_server_killed_in_the_middle_of_a_message_loses_nothing(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    ids = watch_messages(chat)
    chat.open()
    engine.script.behaviour = "hang"
    chat.say("How long is a session?")
    expect(chat.log.get_by_text("The assistant is writing.")).to_be_attached()
    site.kill()
    expect(chat.retry_button).to_be_visible()
    expect(chat.status).to_contain_text("The chat is not working right now.")
    form = chat.status.get_by_role("link", name="contact form")
    expect(form).to_have_attribute("href", f"{site.url}/contact")
    chat.retry_button.click()
    expect(chat.retry_button).to_be_visible()
    engine.reset()
    site.start()
    expect(chat.message(SESSION_ANSWER)).to_have_count(1, timeout=45_000)
    expect(chat.retry_button).to_have_count(0)
    expect(chat.status).to_be_hidden()
    assert len(ids) >= 3
    assert len(set(ids)) == 1
    token = chat.page.evaluate("localStorage.getItem('acupuncture-chat.session')")
    headers = {"Authorization": f"Bearer {token}"}
    body = httpx.get(f"{site.url}/api/v1/messages?after=0", headers=headers, trust_env=False).json()
    assert [message["author"] for message in body["messages"]] == ["assistant", "visitor", "assistant"]


def test_a_lost_message_goes_out_by_itself_and_is_complained_about_once(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    ids = watch_messages(chat)
    chat.open()
    chat.listen()
    site.kill()
    chat.say("first")
    chat.say("second")
    expect(chat.retry_button).to_have_count(2)
    # The widget tries on its own, and says nothing new while that fails.
    with chat.page.expect_request(lambda request: request.post_data_json["client_message_id"] == ids[0]):
        pass
    expect(chat.retry_button).to_have_count(2)
    site.start()
    expect(chat.message(SESSION_ANSWER)).to_have_count(2, timeout=45_000)
    expect(chat.retry_button).to_have_count(0)
    expect(chat.status).to_be_hidden()
    assert [turn["text"] for turn in engine.script.turns] == ["first", "second"]
    assert len(set(ids)) == 2
    assert chat.spoken("Your message was not sent.") == ["assertive", "assertive"]


def test_a_chat_that_could_not_start_starts_by_itself_later(chat: Chat) -> None:
    chat.page.route("**/api/v1/sessions", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.message("The chat could not start.")).to_be_visible()
    chat.page.unroute("**/api/v1/sessions")
    expect(chat.message(WELCOME)).to_be_visible()
    expect(chat.message("The chat could not start.")).to_have_count(0)


def test_visitors_do_not_all_come_back_in_the_same_moment(chat: Chat) -> None:
    source = (WIDGET / "reconnection.js").read_text("utf-8")
    chat.page.route(
        "**/reconnection.js", lambda route: route.fulfill(body=source, content_type="text/javascript")
    )
    waits = chat.page.evaluate(
        "async () => { const { chooseWait } = await import('/reconnection.js');"
        " return [0, 1, 2, 3, 4, 30].map("
        "   (attempt) => [0, 0.5, 1].map((chance) => chooseWait(attempt, chance))); }"
    )
    assert waits[0] == [1500, 2250, 3000]
    assert waits[1] == [3000, 4500, 6000]
    assert [longest for _, _, longest in waits] == [3000, 6000, 12000, 24000, 30000, 30000]


def test_a_server_that_names_a_time_is_not_asked_before(chat: Chat) -> None:
    chat.page.clock.install()
    chat.page.reload()
    chat.launcher.click()
    chat.page.clock.run_for(1_000)
    expect(chat.message(WELCOME)).to_be_visible()
    ids = watch_messages(chat)
    chat.refuse_with(503, "storage_unavailable", retry_after=20)
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()
    chat.page.clock.run_for(19_000)
    assert len(ids) == 1
    chat.page.clock.run_for(2_000)
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def test_another_tab_that_is_looked_at_again_shows_what_was_said_meanwhile(chat: Chat) -> None:
    chat.open()
    other = Chat(chat.page.context.new_page())
    other.visit()
    other.open()
    other.ask("How long is a session?")
    chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def test_a_server_that_is_down_when_the_chat_opens_can_be_tried_again(chat: Chat, site: RunningSite) -> None:
    chat.page.route("**/api/v1/sessions", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.message("The chat could not start.")).to_be_visible()
    expect(chat.status.get_by_role("link", name="contact form")).to_be_visible()
    chat.page.unroute("**/api/v1/sessions")
    chat.log.get_by_role("button", name="Try again").click()
    expect(chat.message(WELCOME)).to_be_visible()
    expect(chat.message("The chat could not start.")).to_have_count(0)
    expect(chat.status).to_be_hidden()


def test_an_earlier_conversation_survives_a_server_that_is_down(chat: Chat) -> None:
    chat.open()
    chat.ask("How long is a session?")
    chat.page.reload()
    chat.page.route("**/api/v1/**", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.message("The chat could not start.")).to_be_visible()
    chat.say("and for the neck?")
    expect(chat.retry_button).to_be_visible()
    chat.page.unroute("**/api/v1/**")
    chat.retry_button.click()
    expect(chat.message(SESSION_ANSWER)).to_have_count(2)
    said = [text for text in chat.log.locator(".visitor .bubble").all_text_contents()]
    assert said == ["How long is a session?", "and for the neck?"]


def test_messages_written_offline_are_sent_when_the_connection_is_back(chat: Chat) -> None:
    ids = watch_messages(chat)
    chat.open()
    chat.page.context.set_offline(True)
    expect(chat.status).to_contain_text("You are offline.")
    expect(chat.status.get_by_role("link", name="contact form")).to_be_visible()
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()
    chat.page.context.set_offline(False)
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    expect(chat.status).to_be_hidden()
    assert len(set(ids)) == 1


def test_an_engine_that_is_down_is_answered_with_a_notice_and_the_contact_form(
    chat: Chat, site: RunningSite, engine: EngineThread
) -> None:
    chat.open()
    engine.script.behaviour = "error_500"
    chat.say("How long is a session?")
    notice = chat.log.locator(".message.notice")
    expect(notice.locator(f"a[href='{site.url}/contact']")).to_be_visible()
    expect(chat.status).to_contain_text("Answers are limited right now.")
    engine.reset()
    chat.ask("How long is a session?")
    expect(chat.status).to_be_hidden()


def test_too_many_messages_are_told_how_long_to_wait(chat: Chat) -> None:
    chat.open()
    chat.refuse_with(429, "too_many_requests", retry_after=7)
    chat.say("How long is a session?")
    expect(chat.message("Please wait 7 seconds.")).to_be_visible()
    chat.retry_button.click()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def test_a_choice_that_is_no_longer_valid_says_so_and_offers_no_retry(chat: Chat) -> None:
    chat.open()
    chat.refuse_with(400, "choice_not_valid")
    chat.choose("Does it hurt?")
    expect(chat.message("This choice can no longer be used.")).to_be_visible()
    expect(chat.retry_button).to_have_count(0)


@pytest.mark.parametrize("status", [500, 503])
def test_storage_or_server_trouble_offers_the_contact_form(chat: Chat, status: int) -> None:
    chat.open()
    chat.refuse_with(status, "storage_unavailable" if status == 503 else "internal")
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()
    expect(chat.status.get_by_role("link", name="contact form")).to_be_visible()


@pytest.mark.parametrize("body", ["<h1>Bad gateway</h1>", "{}", '{"messages": [], "limited": false}'])
def test_a_reply_that_is_no_answer_counts_as_not_sent(chat: Chat, body: str) -> None:
    chat.open()
    chat.page.route("**/api/v1/messages", lambda route: route.fulfill(status=200, body=body))
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()
    chat.page.unroute("**/api/v1/messages")
    chat.retry_button.click()
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def test_a_server_that_refuses_its_own_new_session_does_not_loop(chat: Chat) -> None:
    chat.open()
    ids = watch_messages(chat)
    chat.page.route(
        "**/api/v1/messages",
        lambda route: route.fulfill(status=401, json={"error": {"code": "session_missing", "message": ""}}),
    )
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()
    assert len(ids) == 2


def test_messages_are_answered_in_the_order_they_were_written(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.behaviour = "slow"
    for text in ("first", "second", "third"):
        chat.say(text)
    expect(chat.message(SESSION_ANSWER)).to_have_count(3)
    assert [turn["text"] for turn in engine.script.turns] == ["first", "second", "third"]
