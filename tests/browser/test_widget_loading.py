"""The widget as a guest on a page: small, quiet, under the strictest policy, once."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.chat_page import Chat
from tests.browser.running_site import RunningSite

pytestmark = pytest.mark.browser

BEFORE_OPENING_BYTES = 5_000
ALL_BYTES = 20_000
# Every other language also loads its own words for the launcher, and words differ in length: 20 KiB.
TRANSLATED_BYTES = 20 * 1024
STRICT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
HOST_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Host</title></head>
<body><main><h1>Host</h1></main>{scripts}</body></html>"""
ONE_LINE = '<script type="module" src="/widget.js"></script>'


def serve_host_page(page: Page, scripts: str = ONE_LINE, policy: str = STRICT_POLICY) -> None:
    """Put a page of another maker, with its own policy, at /host."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    body = HOST_PAGE.format(scripts=scripts)
    page.route("**/host", lambda route: route.fulfill(body=body, headers=headers))


def watch_requests(page: Page) -> list[Request]:
    """Collect everything the page asks for."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    return requests


def watch_refusals(page: Page) -> list[str]:
    """Collect what the page's policy refuses."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    return refused


def widget_requests(requests: list[Request]) -> list[Request]:
    return [request for request in requests if "/widget" in request.url]


def count_bytes(requests: list[Request]) -> int:
    """Sizes as they travel: fetched again the way the browser asked, not decompressed."""
    total = 0
    for url in {request.url for request in requests}:
        with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}, trust_env=False) as response:
            assert response.headers["content-encoding"] == "gzip", url
            total += sum(len(part) for part in response.iter_raw())
    return total


def test_it_stays_within_the_size_budget(page: Page) -> None:
    requests = watch_requests(page)
    chat = Chat(page)
    chat.visit()
    before = widget_requests(requests)
    chat.open()
    everything = widget_requests(requests)
    assert 0 < count_bytes(before) <= BEFORE_OPENING_BYTES
    assert count_bytes(before) < count_bytes(everything) <= ALL_BYTES


def test_it_asks_for_two_files_and_no_other_server(page: Page, site: RunningSite) -> None:
    requests = watch_requests(page)
    chat = Chat(page)
    serve_host_page(page, ONE_LINE)
    chat.visit("/host")
    chat.open()
    chat.ask("How long is a session?")
    paths = [request.url.removeprefix(site.url) for request in requests]
    assert paths == ["/host", "/widget.js", "/widget/panel.en.js", "/api/v1/sessions", "/api/v1/messages"]


def test_a_translated_widget_stays_small_too(page: Page) -> None:
    serve_host_page(page, ONE_LINE.replace("src=", 'data-lang="es" src='))
    requests = watch_requests(page)
    page.goto("/host")
    page.get_by_role("button", name="Haga una pregunta").click()
    expect(page.get_by_role("dialog")).to_contain_text("acupuncture")
    everything = widget_requests(requests)
    assert len(everything) == 3
    assert BEFORE_OPENING_BYTES < count_bytes(everything) <= TRANSLATED_BYTES


def test_it_asks_and_stores_nothing_before_the_visitor_opens_it(page: Page, site: RunningSite) -> None:
    requests = watch_requests(page)
    page.add_init_script(
        "window.storageUses = [];"
        "for (const name of ['getItem', 'setItem']) {"
        "  const original = Storage.prototype[name];"
        "  Storage.prototype[name] = function (...parts) {"
        "    window.storageUses.push(name); return original.apply(this, parts); };"
        "}"
    )
    chat = Chat(page)
    chat.visit()
    page.wait_for_load_state("networkidle")
    assert [request.url for request in requests if "/api/" in request.url] == []
    assert not any("/widget/panel." in request.url for request in requests)
    assert page.evaluate("window.storageUses") == []
    assert page.context.cookies() == []
    chat.open()
    assert [request.url for request in requests if not request.url.startswith(site.url)] == []
    assert set(page.evaluate("Object.keys(localStorage)")) == {"acupuncture-chat.session"}
    assert page.context.cookies() == []


def test_it_works_under_the_strictest_policy(page: Page) -> None:
    refused = watch_refusals(page)
    serve_host_page(page)
    chat = Chat(page)
    chat.visit("/host")
    chat.open()
    chat.ask("How long is a session?")
    width = chat.panel.evaluate("panel => panel.getBoundingClientRect().width")
    assert width == pytest.approx(410, abs=1)
    assert page.locator("acupuncture-chat [style], acupuncture-chat style").count() == 0
    assert refused == []


def test_a_policy_without_the_chat_server_is_noticed_by_this_check(page: Page) -> None:
    refused = watch_refusals(page)
    serve_host_page(page, policy="default-src 'none'")
    page.goto("/host")
    page.wait_for_load_state("networkidle")
    assert refused != []


@pytest.mark.parametrize(
    "scripts",
    [ONE_LINE * 2, ONE_LINE + ONE_LINE.replace("widget.js", "widget.js?again")],
    ids=["same_address", "two_addresses"],
)
def test_a_script_included_twice_makes_one_chat(page: Page, scripts: str) -> None:
    serve_host_page(page, scripts)
    chat = Chat(page)
    chat.visit("/host")
    page.wait_for_load_state("networkidle")
    assert page.locator("acupuncture-chat").count() == 1


def test_a_placed_element_is_used_with_its_own_attributes(page: Page) -> None:
    attributes = 'data-title="Questions" data-position="start" data-z-index="7"'
    placed = f"<acupuncture-chat {attributes}></acupuncture-chat>"
    serve_host_page(page, placed + ONE_LINE)
    page.goto("/host")
    chat = Chat(page)
    chat.launcher.click()
    expect(page.get_by_role("dialog", name="Questions")).to_be_visible()
    assert page.locator("acupuncture-chat").count() == 1
    assert page.locator("acupuncture-chat").evaluate("chat => getComputedStyle(chat).zIndex") == "7"
    assert chat.launcher.evaluate("button => button.getBoundingClientRect().left") == 20


def test_the_script_tag_passes_its_attributes_on(page: Page) -> None:
    script = ONE_LINE.replace("src=", 'data-title="Questions" data-z-index="nonsense" data-open src=')
    serve_host_page(page, script)
    page.goto("/host")
    expect(page.get_by_role("dialog", name="Questions")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.locator("acupuncture-chat").evaluate("chat => getComputedStyle(chat).zIndex") == "1000"


def test_an_open_chat_is_not_forced_on_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 700})
    serve_host_page(page, ONE_LINE.replace("src=", "data-open src="))
    chat = Chat(page)
    chat.visit("/host")
    page.wait_for_load_state("networkidle")
    expect(chat.panel).to_be_hidden()


def test_an_unknown_language_falls_back_to_english(page: Page) -> None:
    serve_host_page(page, ONE_LINE.replace("src=", 'data-lang="xx" src='))
    chat = Chat(page)
    chat.visit("/host")
    expect(chat.launcher).to_have_text(re.compile("Ask a question"))
    chat.open()


def test_a_panel_that_cannot_load_says_so_and_can_be_tried_again(chat: Chat, site: RunningSite) -> None:
    chat.page.route("**/widget/panel.*", lambda route: route.abort())
    chat.launcher.click()
    alert = chat.page.get_by_role("alert")
    expect(alert).to_contain_text("The chat did not load.")
    expect(alert.get_by_role("link")).to_have_attribute("href", f"{site.url}/contact")
    chat.page.unroute("**/widget/panel.*")
    chat.open()
    expect(alert).to_have_count(0)


def test_the_methods_and_events_of_the_element_work(chat: Chat) -> None:
    chat.page.evaluate(
        "window.told = [];"
        "for (const name of ['chat-opened', 'message-sent', 'lead-submitted', 'chat-closed'])"
        "  document.addEventListener(name, (event) => told.push([name, event.detail, event.composed]));"
    )
    chat.page.evaluate("document.querySelector('acupuncture-chat').open()")
    expect(chat.panel).to_be_visible()
    saved = {"kind": "saved", "text": "We have your request.", "lead_reference": "OPTC-AB2345"}
    chat.answer_with(saved)
    chat.page.evaluate("document.querySelector('acupuncture-chat').send('405-555-0134')")
    expect(chat.message("OPTC-AB2345")).to_be_visible()
    chat.page.evaluate("document.querySelector('acupuncture-chat').close()")
    expect(chat.panel).to_be_hidden()
    told = [["chat-opened", None, True], ["message-sent", None, True], ["lead-submitted", None, True]]
    assert chat.page.evaluate("window.told") == [*told, ["chat-closed", None, True]]


def test_blocked_storage_does_not_stop_the_chat(visitor: BrowserContext) -> None:
    visitor.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    chat = Chat(visitor.new_page())
    chat.visit()
    chat.open()
    chat.ask("How long is a session?")


def test_an_old_browser_still_gets_a_chat(visitor: BrowserContext) -> None:
    visitor.add_init_script("delete ShadowRoot.prototype.adoptedStyleSheets; crypto.randomUUID = undefined;")
    page = visitor.new_page()
    serve_host_page(page, policy=f"{STRICT_POLICY}; style-src 'unsafe-inline'")
    chat = Chat(page)
    chat.visit("/host")
    chat.open()
    chat.ask("How long is a session?")
    assert chat.panel.evaluate("panel => panel.getBoundingClientRect().width") == pytest.approx(410, abs=1)


def test_files_are_served_with_their_type_and_validators(site: RunningSite) -> None:
    types = {"/widget.js": "text/javascript", "/widget/panel.en.js": "text/javascript"}
    types |= {"/widget/strings/es.launcher.json": "application/json"}
    with httpx.Client(base_url=site.url, trust_env=False) as client:
        for path, content_type in types.items():
            response = client.get(path, headers={"Accept-Encoding": "gzip"})
            assert response.status_code == 200
            assert response.headers["content-type"].startswith(content_type)
            assert response.headers["cache-control"] == "public, no-cache"
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["access-control-allow-origin"] == "*"
            known = {"If-None-Match": response.headers["etag"], "Accept-Encoding": "gzip"}
            again = client.get(path, headers=known)
            assert (again.status_code, again.content) == (304, b"")
            plain = client.get(path, headers={"Accept-Encoding": "identity"})
            assert "content-encoding" not in plain.headers
            assert plain.headers["etag"] != response.headers["etag"]
            assert plain.content == response.content


@pytest.mark.parametrize("name", ["routes.py", "composer.js", "../app.py", "%2e%2e/app.py", "none.js"])
def test_nothing_but_the_widgets_own_files_is_served(site: RunningSite, name: str) -> None:
    assert httpx.get(f"{site.url}/widget/{name}", trust_env=False).status_code == 404
