"""The demonstration site: one script line, honest words, a way without JavaScript, and the playground."""

from __future__ import annotations

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_page import Chat
from tests.browser.running_site import RunningSite

pytestmark = pytest.mark.browser

PAGES = ["/demo", "/demo/visit", "/demo/studies"]
ALL_PAGES = [*PAGES, "/demo/playground"]


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_each_page_embeds_the_widget_with_one_script_line(site: RunningSite, path: str) -> None:
    response = httpx.get(f"{site.url}{path}", trust_env=False)
    assert response.status_code == 200
    assert response.text.count("<script") == 1
    assert '<script type="module" src="/widget.js"' in response.text
    assert "Belle Isle Pain Clinic" in response.text


@pytest.mark.parametrize("path", ALL_PAGES)
def test_it_loads_without_a_complaint(page: Page, path: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert complaints == []


@pytest.mark.parametrize("path", [*ALL_PAGES, "/answers"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(path)
    results = Axe().run(page)
    assert results.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", PAGES)
def test_its_pages_lead_to_each_other_and_say_where_one_is(page: Page, path: str) -> None:
    page.goto(path)
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [*PAGES, "/contact"]
    expect(page.locator("nav [aria-current=page]")).to_have_attribute("href", path)


def test_without_javascript_it_leads_to_the_contact_form(chromium: Browser, site: RunningSite) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    hint = page.locator("noscript .no-script")
    expect(hint).to_be_visible()
    expect(hint).to_contain_text("The chat needs JavaScript.")
    expect(hint.locator("a")).to_have_attribute("href", "/contact")
    context.close()


def test_the_playground_shows_each_setting_and_writes_the_line(page: Page, site: RunningSite) -> None:
    chat = Chat(page)
    chat.visit("/demo/playground")
    line = page.locator("#line")
    expect(line).to_have_text(f'<script type="module" src="{site.url}/widget.js"></script>')
    page.get_by_label("Heading").fill('Ask "us" & more')
    page.get_by_label("Side of the page").select_option("start")
    page.get_by_label("Labels and buttons").select_option("es")
    expect(line).to_contain_text(
        'data-title="Ask &quot;us&quot; &amp; more" data-lang="es" data-position="start"'
    )
    expect(chat.launcher).to_have_text("Haga una pregunta")
    assert chat.launcher.evaluate("node => node.getBoundingClientRect().left") == 20
    page.get_by_label("Accent", exact=True).fill("#5b2a86")
    expect(page.locator("#styles")).to_have_text(
        "acupuncture-chat {\n  --acupuncture-chat-accent: #5b2a86;\n}"
    )
    assert chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(91, 42, 134)"
    page.get_by_role("button", name="Back to the defaults").click()
    expect(line).to_have_text(f'<script type="module" src="{site.url}/widget.js"></script>')
    expect(page.locator("#styles")).to_be_hidden()
    expect(chat.launcher).to_have_text("Ask a question")


def test_the_line_of_the_playground_works_when_copied_into_a_page(page: Page) -> None:
    page.goto("/demo/playground")
    page.get_by_label("Heading").fill("Ask us")
    page.get_by_label("Heading").blur()
    expect(page.locator("#line")).to_contain_text("Ask us")
    line = page.locator("#line").inner_text()
    page.route(
        "**/elsewhere", lambda route: route.fulfill(body=f"<body>{line}</body>", content_type="text/html")
    )
    chat = Chat(page)
    chat.visit("/elsewhere")
    chat.launcher.click()
    expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
