"""The plain contact form in a real browser: without JavaScript, with the engine down, for everyone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_site import EngineThread, RunningSite

pytestmark = pytest.mark.browser


@pytest.fixture(params=["wide", "narrow_dark"])
def form(request: pytest.FixtureRequest, chromium: Browser, site: RunningSite) -> Iterator[Page]:
    """The form, as a visitor whose browser runs no scripts sees it."""
    looks = {"wide": {}, "narrow_dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}}
    context = chromium.new_context(base_url=site.url, java_script_enabled=False, **looks[request.param])
    page = context.new_page()
    page.goto("/contact")
    yield page
    context.close()


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Maria Lopez")
    page.get_by_label("Phone number").fill("405-555-0134")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send my request").click()


def test_a_request_is_stored_without_scripts_and_without_the_engine(form: Page, engine: EngineThread) -> None:
    engine.script.behaviour = "error_500"
    fill_in(form)
    expect(form.get_by_role("checkbox")).not_to_be_checked()
    form.get_by_role("checkbox").check()
    send(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("We have your request")
    expect(form.locator(".reference")).to_have_text(re.compile(r"OPTC-\w{6}"))


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(form: Page) -> None:
    fill_in(form)
    form.get_by_label("Phone number").fill("405")
    send(form)
    phone = form.get_by_label("Phone number")
    expect(phone).to_have_value("405")
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_accessible_description(re.compile("too short"))
    expect(form.get_by_label("Your name")).to_have_value("Maria Lopez")
    expect(form.get_by_role("alert")).to_contain_text("Nothing has been sent yet.")
    expect(form).to_have_title(re.compile("^Error:"))


def test_the_fields_ask_phones_for_the_right_keys(form: Page) -> None:
    wanted = {
        "Your name": ("text", "name"),
        "Phone number": ("tel", "tel"),
        "E-mail address": ("email", "email"),
    }
    for label, (kind, autocomplete) in wanted.items():
        expect(form.get_by_label(label)).to_have_attribute("type", kind)
        expect(form.get_by_label(label)).to_have_attribute("autocomplete", autocomplete)


@pytest.mark.parametrize("state", ["empty", "problems", "saved"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, state: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto("/contact")
    if state != "empty":
        fill_in(page)
        if state == "saved":
            page.get_by_role("checkbox").check()
        send(page)
        expect(
            page.get_by_text("Nothing has been sent" if state == "problems" else "Your reference")
        ).to_be_visible()
    results = Axe().run(page)
    assert results.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
