"""The demonstration page: one script line, honest words, and a way without JavaScript."""

from __future__ import annotations

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_site import RunningSite

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/", "/demo"])
def test_it_embeds_the_widget_with_one_script_line(site: RunningSite, path: str) -> None:
    response = httpx.get(f"{site.url}{path}", trust_env=False)
    assert response.status_code == 200
    assert response.text.count("<script") == 1
    assert '<script type="module" src="/widget.js"></script>' in response.text
    assert "Belle Isle Pain Clinic" in response.text


def test_it_loads_without_a_complaint(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert complaints == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/", "/answers"])
def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(path)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_javascript_it_leads_to_the_contact_form(chromium: Browser, site: RunningSite) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    hint = page.locator("noscript .no-script")
    expect(hint).to_be_visible()
    expect(hint).to_contain_text("The chat needs JavaScript.")
    expect(hint.locator("a")).to_have_attribute("href", "/contact")
    context.close()
