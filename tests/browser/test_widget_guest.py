"""The widget as a guest: on pages that re-render, of other times, with odd styles, in other languages."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat_page import SESSION_ANSWER, WELCOME, Chat
from tests.browser.running_site import EngineThread
from tests.browser.test_widget_loading import ONE_LINE, serve_host_page

pytestmark = pytest.mark.browser

LOUD_STYLES = """<style>
* { color: red !important; font: italic 40px serif !important; float: left !important }
button { display: none !important } p { line-height: 4 !important }
</style>"""
ANY_POLICY = "default-src * 'unsafe-inline'"


def host(page: Page, scripts: str) -> Chat:
    """A page of another maker, without a policy, with these scripts."""
    serve_host_page(page, scripts, policy=ANY_POLICY)
    chat = Chat(page)
    chat.visit("/host")
    return chat


def test_it_leaves_no_global_behind(page: Page) -> None:
    names = "Object.getOwnPropertyNames(window).sort()"
    serve_host_page(page, "", policy=ANY_POLICY)
    page.goto("/host")
    before = page.evaluate(names)
    page.add_script_tag(url="/widget.js", type="module")
    chat = Chat(page)
    chat.open()
    chat.ask("How long is a session?")
    assert page.evaluate(names) == before


def test_styles_neither_leak_in_nor_out(page: Page) -> None:
    chat = host(
        page, LOUD_STYLES + '<button id="own" style="display:block!important">Own</button>' + ONE_LINE
    )
    own = page.locator("#own")
    before = own.evaluate("button => JSON.stringify({...getComputedStyle(button)})")
    chat.open()
    for part in (chat.log.locator(".bubble p").first, chat.send_button, chat.panel.locator(".fine-print")):
        style = part.evaluate(
            "node => { const s = getComputedStyle(node); return [s.color, s.float, s.fontStyle]; }"
        )
        assert style[0] != "rgb(255, 0, 0)"
        assert style[1:] == ["none", "normal"]
    assert own.evaluate("button => JSON.stringify({...getComputedStyle(button)})") == before


def test_a_page_that_moves_its_nodes_about_keeps_the_chat_open(page: Page) -> None:
    chat = host(page, "<div id=one></div><div id=two></div>" + ONE_LINE)
    chat.open()
    chat.field.fill("half a sen")
    page.evaluate("document.querySelector('#two').append(document.querySelector('acupuncture-chat'))")
    expect(chat.panel).to_be_visible()
    expect(chat.field).to_have_value("half a sen")
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    chat.ask("How long is a session?")
    chat.launcher.click()
    page.evaluate("document.querySelector('#one').append(document.querySelector('acupuncture-chat'))")
    expect(chat.panel).to_be_hidden()


def test_a_page_that_renders_itself_anew_gets_a_working_chat_each_time(page: Page) -> None:
    """As React does when a key changes: the old element goes, a new one is made with its attributes first."""
    chat = host(page, "<div id=root></div>" + ONE_LINE)
    page.evaluate(
        "window.render = (title) => {"
        "  document.querySelector('acupuncture-chat')?.remove();"
        "  const chat = document.createElement('acupuncture-chat');"
        "  chat.setAttribute('data-title', title);"
        "  document.querySelector('#root').replaceChildren(chat);"
        "}"
    )
    page.evaluate("render('First')")
    chat.launcher.click()
    expect(page.get_by_role("dialog", name="First")).to_contain_text(WELCOME)
    page.evaluate("render('Second')")
    chat.launcher.click()
    expect(page.get_by_role("dialog", name="Second")).to_contain_text(WELCOME)
    assert page.locator("acupuncture-chat").count() == 1
    page.context.set_offline(True)
    expect(chat.status).to_have_count(0)
    page.context.set_offline(False)


OLD_LIBRARIES = """<script>
// What pages of 2010 did: built-ins with more members, keys for everything, "$" for somebody else.
Array.prototype.each = function () {}; Array.prototype.toJSON = undefined;
Object.defineProperty(Object.prototype, 'extend', { value() {}, enumerable: true, configurable: true });
window.$ = window.jQuery = function () { return { ready() {} }; };
window.keys = [];
document.onkeypress = document.onkeydown = (event) => { window.keys.push(event.key); };
document.addEventListener('click', (event) => { if (event.target.tagName === 'A') event.preventDefault(); });
</script>"""


def test_it_works_beside_libraries_of_another_time(page: Page) -> None:
    chat = host(page, OLD_LIBRARIES + ONE_LINE)
    chat.open()
    chat.field.press_sequentially("How long?")
    chat.field.press("Enter")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()
    assert page.evaluate("window.keys") == []
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_a_base_address_does_not_lead_it_astray(page: Page) -> None:
    script = ONE_LINE.replace("src=", 'data-z-index="7" src=')
    chat = host(page, script + '<base href="https://elsewhere.example/deep/">')
    chat.open()
    chat.ask("How long is a session?")
    assert page.locator("acupuncture-chat").evaluate("chat => getComputedStyle(chat).zIndex") == "7"


def test_two_placed_chats_work_side_by_side(page: Page) -> None:
    two = '<acupuncture-chat data-title="One" data-position="start"></acupuncture-chat>'
    two += '<acupuncture-chat data-title="Two"></acupuncture-chat>'
    serve_host_page(page, two + ONE_LINE, policy=ANY_POLICY)
    page.goto("/host")
    launchers = page.locator("acupuncture-chat .launcher")
    expect(launchers).to_have_count(2)
    launchers.first.click()
    expect(page.get_by_role("dialog", name="One")).to_contain_text(WELCOME)
    launchers.last.click()
    expect(page.get_by_role("dialog", name="Two")).to_contain_text(WELCOME)
    assert page.evaluate("localStorage.length") == 1


def test_a_script_that_comes_before_the_body_waits_for_it(page: Page) -> None:
    chat = host(page, ONE_LINE.replace("src=", "async src="))
    chat.open()


def test_the_greeting_stays_away_once_dismissed(page: Page) -> None:
    script = ONE_LINE.replace("src=", 'data-greeting="Neck pain? Ask." src=')
    chat = host(page, script)
    close = page.get_by_role("button", name="Close this note")
    expect(page.get_by_role("button", name="Neck pain? Ask.")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    close.click()
    expect(close).to_have_count(0)
    expect(chat.launcher).to_be_focused()
    page.reload()
    expect(chat.launcher).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(close).to_have_count(0)


def test_the_greeting_opens_the_chat_and_goes(page: Page) -> None:
    host(page, ONE_LINE.replace("src=", "data-greeting src="))
    page.get_by_role("button", name="Questions about acupuncture? Ask here.").click()
    expect(page.get_by_role("dialog")).to_contain_text(WELCOME)
    expect(page.get_by_role("button", name="Close this note")).to_have_count(0)


def test_a_delayed_greeting_does_not_come_to_an_open_chat(page: Page) -> None:
    page.clock.install()
    chat = host(page, ONE_LINE.replace("src=", 'data-greeting data-greeting-delay="5" src='))
    expect(page.get_by_role("button", name="Close this note")).to_have_count(0)
    page.clock.run_for(5_000)
    expect(page.get_by_role("button", name="Close this note")).to_be_visible()
    page.reload()
    chat.launcher.click()
    expect(chat.panel).to_be_visible()
    page.clock.run_for(6_000)
    expect(page.get_by_role("button", name="Close this note")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "prefers"), [("light", "dark"), ("dark", "light"), ("", "dark")])
def test_a_page_can_choose_light_or_dark(page: Page, scheme: str, prefers: str) -> None:
    page.emulate_media(color_scheme="dark" if prefers == "dark" else "light")
    chat = host(page, ONE_LINE.replace("src=", f'data-color-scheme="{scheme}" src='))
    chat.open()
    surface = chat.panel.locator(".composer").evaluate("node => getComputedStyle(node).backgroundColor")
    light = {"light": True, "dark": False, "": False}[scheme]
    assert surface == ("rgb(255, 253, 249)" if light else "rgb(20, 39, 42)")


def test_a_page_can_theme_it_with_variables_and_parts(page: Page) -> None:
    styles = "<style>acupuncture-chat { --acupuncture-chat-accent: #123456 }"
    styles += "acupuncture-chat::part(fine-print) { color: rgb(1, 2, 3) }</style>"
    chat = host(page, styles + ONE_LINE)
    assert chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(18, 52, 86)"
    chat.open()
    fine_print = chat.panel.locator(".fine-print")
    assert fine_print.evaluate("node => getComputedStyle(node).color") == "rgb(1, 2, 3)"


def test_spanish_labels_stand_around_english_answers(page: Page, engine: EngineThread) -> None:
    page.goto("/")
    chat = host(page, ONE_LINE.replace("src=", 'data-lang="es" src='))
    expect(chat.launcher).to_have_text("Haga una pregunta")
    chat.launcher.click()
    panel = page.get_by_role("dialog", name="Preguntas sobre acupuntura")
    expect(panel).to_have_attribute("lang", "es")
    expect(panel.get_by_label("Su mensaje")).to_be_visible()
    bubble = panel.locator(".bubble").first
    expect(bubble).to_contain_text(WELCOME)
    expect(bubble).to_have_attribute("lang", "en")
    panel.get_by_role("button", name="Hablar con una persona").click()
    expect(panel).to_contain_text(SESSION_ANSWER)
    assert engine.script.turns[-1]["text"] == "I would like to talk to a person."


def test_a_language_from_right_to_left_turns_the_panel_around(page: Page) -> None:
    def turn_around(route: object) -> None:
        response = route.fetch()  # type: ignore[attr-defined]
        text = response.text().replace('"direction":"ltr"', '"direction":"rtl"')
        route.fulfill(response=response, body=text)  # type: ignore[attr-defined]

    page.route("**/widget/panel.*", turn_around)
    chat = host(page, ONE_LINE)
    chat.open()
    chat.ask("How long is a session?")
    expect(chat.panel).to_have_attribute("dir", "rtl")
    assert chat.panel.evaluate("node => getComputedStyle(node).direction") == "rtl"
    close = chat.panel.get_by_role("button", name="Close chat").bounding_box()
    title = chat.panel.get_by_role("heading").bounding_box()
    own = chat.log.locator(".visitor .bubble").bounding_box()
    panel = chat.panel.bounding_box()
    assert close and title and own and panel
    assert close["x"] < title["x"]
    assert own["x"] - panel["x"] < 40
    assert chat.panel.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    answer = chat.log.locator(".assistant .bubble").last
    assert answer.evaluate("node => getComputedStyle(node).direction") == "ltr"


def test_the_privacy_policy_of_the_page_is_linked(page: Page) -> None:
    chat = host(page, ONE_LINE.replace("src=", 'data-privacy="https://clinic.example/privacy" src='))
    chat.open()
    link = chat.log.get_by_role("link", name="Privacy policy")
    expect(link).to_have_attribute("href", "https://clinic.example/privacy")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_the_session_goes_from_page_to_page(visitor: BrowserContext) -> None:
    page = visitor.new_page()
    chat = Chat(page)
    chat.visit("/demo")
    chat.open()
    chat.ask("How long is a session?")
    for path in ("/demo/visit", "/demo/studies", "/demo/playground"):
        chat.visit(path)
        chat.launcher.click()
        expect(chat.message(SESSION_ANSWER)).to_be_visible()


def test_a_page_may_count_what_happens_but_hears_no_words(page: Page) -> None:
    chat = host(
        page,
        "<script>window.told = []; for (const name of ['chat-opened', 'message-sent', 'chat-closed'])"
        " addEventListener(name, (event) => told.push([event.type, event.detail]));</script>" + ONE_LINE,
    )
    chat.open()
    chat.ask("How long is a session?")
    page.keyboard.press("Escape")
    told = page.evaluate("window.told")
    assert told == [["chat-opened", None], ["message-sent", None], ["chat-closed", None]]
    assert "session" not in json.dumps(told)
