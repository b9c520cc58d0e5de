"""Everyone can use it: keyboard, screen readers, zoom, contrast, small screens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.chat_page import SESSION_ANSWER, WELCOME, Chat
from tests.browser.running_site import EngineThread, RunningSite
from tests.browser.widget_states import (
    LOOKS,
    STATES,
    URGENT,
    open_contact_question,
    open_kinds,
    open_not_sent,
    open_writing,
)
from tests.web.scripted_engine import reply

pytestmark = pytest.mark.browser

CHOICES = [{"title": "Yes", "token": "t1"}, {"title": "No", "token": "t2"}]
# Everything axe knows about WCAG A and AA up to 2.2, and its advice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(params=LOOKS)
def looks(request: pytest.FixtureRequest, chromium: Browser, site: RunningSite) -> Iterator[Chat]:
    """The chat in one look. axe is put into the page by evaluation, which needs no leave from its policy."""
    context = chromium.new_context(base_url=site.url, reduced_motion="reduce", **LOOKS[request.param])
    context.set_default_timeout(15_000)
    chat = Chat(context.new_page())
    chat.visit()
    yield chat
    context.close()


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state(looks: Chat, state: str) -> None:
    STATES[state](looks)
    results = Axe().run(looks.page, options={**RULES, "resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


def test_axe_sees_into_the_widget(chat: Chat) -> None:
    chat.open()
    close = chat.panel.get_by_role("button", name="Close chat")
    close.evaluate("button => button.removeAttribute('aria-label')")
    results = Axe().run(chat.page, options={**RULES, "resultTypes": ["violations"]})
    assert [violation["id"] for violation in results.response["violations"]] == ["button-name"]


def test_every_message_is_announced_exactly_once(chat: Chat) -> None:
    chat.open_and_listen()
    chat.wait_until_spoken(WELCOME)
    chat.ask("How long is a session?")
    chat.wait_until_spoken(SESSION_ANSWER)
    chat.answer_with(URGENT)
    chat.ask("I cannot feel my legs", "Call 911 now.")
    chat.wait_until_spoken("Call 911 now.")
    chat.page.keyboard.press("Escape")
    chat.launcher.click()
    chat.ask("And one more", SESSION_ANSWER)
    chat.page.wait_for_function(
        "text => window.spoken.filter(([, words]) => words.includes(text)).length >= 2", arg=SESSION_ANSWER
    )
    assert chat.spoken(WELCOME) == ["polite"]
    assert chat.spoken("Call 911 now.") == ["assertive"]
    assert chat.spoken(SESSION_ANSWER) == ["polite", "polite"]
    assert chat.spoken("Urgent") == ["assertive"]


def test_the_accessibility_tree_has_one_live_text_for_each_message(chat: Chat) -> None:
    """What Chromium hands to screen readers: a log that is not live, and the words in a live region once."""
    chat.open()
    chat.ask("How long is a session?")
    chat.page.wait_for_function(
        "text => [...document.querySelector('acupuncture-chat').shadowRoot"
        ".querySelectorAll('[aria-live=polite]')].some((region) => region.textContent.includes(text))",
        arg=SESSION_ANSWER,
    )
    nodes = chat.page.context.new_cdp_session(chat.page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def live_of(node: dict[str, Any]) -> str:
        """The liveness that holds for a node: its own or its nearest ancestor's."""
        for entry in node.get("properties", []):
            if entry["name"] == "live":
                return str(entry["value"]["value"])
        return live_of(by_id[node["parentId"]]) if node.get("parentId") in by_id else "off"

    texts = [node for node in nodes if node.get("role", {}).get("value") == "StaticText"]
    found = [live_of(node) for node in texts if SESSION_ANSWER in node["name"]["value"]]
    assert sorted(found) == ["off", "polite"]
    assert [
        node["role"]["value"] for node in nodes if node.get("name", {}).get("value") == "Conversation"
    ] == ["log"]


def test_the_transcript_itself_is_not_live(chat: Chat) -> None:
    chat.open()
    expect(chat.log).to_have_attribute("aria-live", "off")
    live = chat.panel.locator("[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]")
    expect(live).to_have_count(2)
    for region in live.all():
        assert region.evaluate("region => getComputedStyle(region).clipPath") == "inset(50%)"


def test_the_choices_are_announced_with_their_question(chat: Chat) -> None:
    chat.open()
    chat.listen()
    chat.answer_with({"text": "Which one?", "choices": CHOICES})
    chat.ask("Hello", "Which one?")
    chat.wait_until_spoken("Which one? Choices: Yes, No.")


def test_a_message_that_was_not_sent_is_announced_at_once(chat: Chat) -> None:
    chat.open()
    chat.listen()
    chat.refuse_with(429, "too_many_requests", retry_after=7)
    chat.say("Hello")
    chat.wait_until_spoken("Your message was not sent.")
    assert chat.spoken("Please wait 7 seconds.") == ["assertive"]


def test_an_answer_to_a_closed_chat_is_announced_when_it_is_opened(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    chat.listen()
    engine.script.behaviour = "slow"
    chat.say("How long is a session?")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="1 new message")).to_be_visible()
    assert chat.spoken(SESSION_ANSWER) == []
    chat.launcher.click()
    chat.wait_until_spoken(SESSION_ANSWER)
    assert chat.spoken(SESSION_ANSWER) == ["polite"]


def test_a_restored_conversation_is_not_read_out_again(chat: Chat) -> None:
    chat.open()
    chat.ask("How long is a session?")
    chat.page.reload()
    chat.open_and_listen()
    chat.wait_until_spoken("Your earlier messages are shown.")
    assert chat.spoken(SESSION_ANSWER) == []


def walk(chat: Chat, key: str, steps: int) -> list[str]:
    """Press `key` so many times; what had the focus each time."""
    names = []
    for _ in range(steps):
        chat.page.keyboard.press(key)
        names.append(chat.focused_name())
    return names


def test_a_visitor_can_do_everything_with_the_keyboard(chat: Chat, engine: EngineThread) -> None:
    page = chat.page
    chat.launcher.focus()
    page.keyboard.press("Enter")
    expect(chat.message(WELCOME)).to_be_visible()
    assert chat.focused_name() == "Your message"
    order = ["Close chat", "Chat options", "Close chat", "911", "call", "text 988", "Conversation"]
    order += ["How long is a session?", "Does it hurt?", "Talk to a person"]
    assert walk(chat, "Shift+Tab", len(order)) == order[::-1]
    assert walk(chat, "Tab", 7) == order[1:8]
    page.keyboard.press("Enter")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    page.keyboard.press("Tab")
    assert chat.focused_name() == "Does it hurt?"
    chat.field.focus()
    page.keyboard.type("I want a consultation")
    engine.script.replies = [reply(kind="question", text="How can we reach you?", ask="contact", choices=[])]
    page.keyboard.press("Enter")
    expect(chat.panel.get_by_label("Your phone number")).to_be_focused()
    assert walk(chat, "Shift+Tab", 2) == ["Talk to a person", "Phone"]
    page.keyboard.press("ArrowRight")
    assert walk(chat, "Tab", 1) == ["Talk to a person"]
    page.keyboard.press("Tab")
    expect(chat.panel.get_by_label("Your email address")).to_be_focused()
    page.keyboard.press("Tab")
    assert chat.focused_name() == "Send"


def test_escape_closes_the_innermost_part_and_focus_returns(chat: Chat) -> None:
    chat.open()
    chat.panel.get_by_role("button", name="Chat options").press("Enter")
    chat.page.keyboard.press("Tab")
    assert chat.focused_name() == "Save as a file"
    chat.page.keyboard.press("Escape")
    assert chat.focused_name() == "Chat options"
    expect(chat.panel.get_by_role("button", name="Start over")).to_be_hidden()
    chat.choose_from_menu("Delete this chat")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("alertdialog")).to_be_hidden()
    expect(chat.panel).to_be_visible()
    assert chat.focused_name() == "Chat options"
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")


def test_closing_from_the_page_leaves_the_focus_alone(chat: Chat) -> None:
    chat.open()
    chat.page.get_by_role("link", name="Contact", exact=True).focus()
    chat.page.evaluate("document.querySelector('acupuncture-chat').close()")
    expect(chat.panel).to_be_hidden()
    expect(chat.page.get_by_role("link", name="Contact", exact=True)).to_be_focused()


def test_focus_stays_in_the_chat_after_a_retry(chat: Chat) -> None:
    open_not_sent(chat)
    chat.page.unroute("**/api/v1/messages")
    chat.retry_button.press("Enter")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    expect(chat.log).to_be_focused()


def test_the_keyboard_stays_inside_a_full_screen_chat(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 375, "height": 700})
    chat.open()
    box = chat.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 375, "height": 700}
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Tab")
    for _ in range(20):
        chat.page.keyboard.press("Tab")
        assert chat.page.evaluate("['BODY', 'ACUPUNCTURE-CHAT'].includes(document.activeElement.tagName)")
    chat.page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_turning_the_screen_keeps_the_chat_and_its_focus(chat: Chat) -> None:
    chat.open()
    chat.field.fill("half a sen")
    chat.page.set_viewport_size({"width": 375, "height": 700})
    expect(chat.field).to_be_focused()
    chat.page.set_viewport_size({"width": 1000, "height": 700})
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value("half a sen")


def test_the_keyboard_can_leave_the_chat_on_a_wide_screen(chat: Chat) -> None:
    chat.open()
    for _ in range(12):
        chat.page.keyboard.press("Tab")
        if chat.page.evaluate("document.activeElement.tagName") != "ACUPUNCTURE-CHAT":
            break
    assert chat.page.evaluate("document.activeElement.tagName") != "ACUPUNCTURE-CHAT"
    expect(chat.panel).to_be_visible()


@pytest.mark.parametrize("state", ["answer", "refused_detail", "consent", "summary", "offline", "urgent"])
def test_wide_text_spacing_cuts_nothing_off(chat: Chat, state: str) -> None:
    """WCAG 1.4.12, with the distances it names."""
    STATES[state](chat)
    chat.page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
            word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
          document.querySelector('acupuncture-chat').shadowRoot.adoptedStyleSheets.push(sheet);
        }"""
    )
    cut_off = chat.panel.evaluate(
        """panel => [...panel.querySelectorAll('button, p, li, label, .bubble')]
          .filter((node) => node.checkVisibility() && !node.closest('.visually-hidden'))
          .filter((node) => node.scrollWidth > node.clientWidth + 1
            && getComputedStyle(node).display !== 'inline')
          .map((node) => node.textContent)"""
    )
    assert cut_off == []
    assert chat.panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0


@pytest.mark.parametrize("size", [(320, 568), (320, 256), (320, 180), (1280, 800)], ids=str)
def test_nothing_is_cut_off_at_any_zoom(chat: Chat, size: tuple[int, int]) -> None:
    chat.page.set_viewport_size({"width": size[0], "height": size[1]})
    open_kinds(chat)
    sideways = "node => node.scrollWidth - node.clientWidth"
    assert chat.panel.evaluate(sideways) == 0
    assert chat.log.evaluate(sideways) == 0
    for button in (chat.send_button, chat.panel.get_by_role("button", name="Close chat")):
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.99)


def test_controls_are_big_enough_to_touch(chat: Chat) -> None:
    open_contact_question(chat)
    chat.panel.get_by_role("button", name="Chat options").click()
    small = chat.page.evaluate(
        """() => [...document.querySelector('acupuncture-chat').shadowRoot
          .querySelectorAll('button, .field, .way')]
          .filter((control) => control.checkVisibility())
          .map((control) => [control.textContent, control.getBoundingClientRect()])
          .filter(([, box]) => box.width < 44 || box.height < 44)
          .map(([text]) => text)"""
    )
    assert small == []


def test_a_long_answer_is_shown_from_its_start(chat: Chat, engine: EngineThread) -> None:
    chat.open()
    engine.script.replies = [reply(text="\n\n".join(f"Paragraph {number}" for number in range(40)))]
    chat.ask("Tell me everything", "Paragraph 39")
    expect(chat.message("Paragraph 39").get_by_text("Paragraph 0", exact=True)).to_be_in_viewport()


def test_motion_stops_for_those_who_ask(chat: Chat) -> None:
    open_writing(chat)
    dot = chat.panel.locator(".typing i").first
    assert dot.evaluate("dot => getComputedStyle(dot).animationName") == "none"


def test_forced_colors_keep_every_border(chat: Chat) -> None:
    chat.page.emulate_media(forced_colors="active")
    open_kinds(chat)
    for part in (".urgent .bubble", ".visitor .bubble", ".field:visible"):
        style = chat.panel.locator(part).first.evaluate("node => getComputedStyle(node).borderTopStyle")
        assert style in ("solid", "dashed")


def test_a_page_from_right_to_left_mirrors_the_chat(chat: Chat) -> None:
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    assert chat.launcher.evaluate("button => button.getBoundingClientRect().left") == 20


def test_the_printed_page_is_the_conversation(chat: Chat) -> None:
    open_kinds(chat)
    chat.page.emulate_media(media="print")
    expect(chat.launcher).to_be_hidden()
    expect(chat.send_button).to_be_hidden()
    expect(chat.message("OPTC-AB2345")).to_be_visible()
