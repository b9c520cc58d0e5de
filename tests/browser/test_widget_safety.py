"""Nothing that is written can become code or lead to an unsafe address."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import Chat
from tests.browser.running_site import EngineThread, RunningSite
from tests.web.scripted_engine import reply

pytestmark = pytest.mark.browser

HOSTILE = [
    '<img src=x onerror="window.hurt=1">',
    "<script>window.hurt=1</script>",
    "<svg/onload=window.hurt=1>",
    '</div></li><iframe src="javascript:parent.hurt=1"></iframe>',
    "[press](javascript:window.hurt=1)",
    "[press](JaVaScRiPt:window.hurt=1)",
    "[press](data:text/html,hello)",
    "[press](//evil.example)",
    "[press](/contact/../../evil)",
    "[press](http://evil.example)",
    "[press](tel:911;ext=1)",
    "{{constructor.constructor('window.hurt=1')()}}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_html_and_unsafe_addresses_are_plain_words(chat: Chat, engine: EngineThread, text: str) -> None:
    source = {"name": f"<b>name</b> {text}", "url": "javascript:window.hurt=1"}
    choice = {"title": "<b>press</b>", "intent": "ask_cost", "values": {}}
    engine.script.replies = [reply(text=f"Answer {text}", sources=[source], choices=[choice])]
    chat.open()
    chat.ask(text, "Answer")
    expect(chat.log.locator(".visitor .bubble")).to_have_text(text)
    answer = chat.log.locator(".message").last
    expect(answer.get_by_role("link")).to_have_count(0)
    expect(answer.locator("img, script, svg[onload], iframe, b")).to_have_count(0)
    expect(answer.get_by_role("button", name="<b>press</b>")).to_be_visible()
    assert chat.page.evaluate("window.hurt") is None


def test_the_visitors_own_words_are_never_formatted(chat: Chat) -> None:
    chat.open()
    chat.ask("**bold** [label](https://example.org)")
    said = chat.log.locator(".visitor .bubble")
    expect(said).to_have_text("**bold** [label](https://example.org)")
    expect(said.locator("a, strong")).to_have_count(0)


def test_the_small_text_format_is_understood(chat: Chat, engine: EngineThread) -> None:
    text = (
        "First **bold [911](tel:911)** line\nsecond line\n\nSome points:\n- one\n- **two**\n\n"
        "See [the study](https://example.org/a?b=1#c), [text](sms:988) or the [form](/contact)."
    )
    engine.script.replies = [reply(text=text, sources=[], choices=[])]
    chat.open()
    chat.ask("Hello", "Some points:")
    bubble = chat.log.locator(".message").last.locator(".bubble")
    expect(bubble.locator("p")).to_have_count(3)
    expect(bubble.locator("p").first).to_have_text("First bold 911 line\nsecond line", use_inner_text=True)
    expect(bubble.locator("ul > li")).to_have_text(["one", "two"])
    links = [(link.inner_text(), link.get_attribute("href")) for link in bubble.get_by_role("link").all()]
    assert [address for _, address in links] == [
        "tel:911",
        "https://example.org/a?b=1#c",
        "sms:988",
        f"{chat.page.url}contact",
    ]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/contact", "{site}/contact"),
        ("/contact?topic=neck", "{site}/contact?topic=neck"),
        ("/contacts", None),
        ("/", None),
        ("https://example.org/x", "https://example.org/x"),
        ("http://example.org/x", None),
        ("tel:+14055550134", "tel:+14055550134"),
        ("sms:838255", "sms:838255"),
        ("tel:alert(1)", None),
        (" javascript:alert(1)", None),
        ("java\tscript:alert(1)", None),
        ("vbscript:x", None),
        ("blob:https://example.org/x", None),
        ("", None),
    ],
)
def test_only_listed_kinds_of_address_become_links(
    chat: Chat, site: RunningSite, engine: EngineThread, address: str, allowed: str | None
) -> None:
    # Sources take any address as it is; in a text, brackets and spaces already end it.
    engine.script.replies = [reply(sources=[{"name": "Vickers 2018", "url": address}], choices=[])]
    chat.open()
    chat.ask("How long is a session?")
    sources = chat.log.locator(".sources")
    expect(sources).to_contain_text("Vickers 2018")
    links = [link.get_attribute("href") for link in sources.locator("a").all()]
    assert links == ([] if allowed is None else [allowed.format(site=site.url)])
