"""A writer's story in a real Chromium: a rule is broken, seen, mended; what is saved is one line."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console.conftest import Clinic, sign_in
from tests.browser.console.test_access import SCREENS, look_at
from tests.content.small_project import write_small_project

pytestmark = pytest.mark.browser
PARKING = "/console/studio/topics/faq/parking"
PAGES = (
    "/console/studio",
    "/console/studio?kind=draft",
    "/console/studio/new",
    PARKING,
    "/console/studio/topics/faq/broken",
    "/console/studio/try",
    "/console/studio/review",
    "/console/studio/review/print",
)


@pytest.fixture
def project(clinic: Clinic) -> Path:
    """A small project in the site's folder."""
    return write_small_project(clinic.site.data.parent)


def test_a_writer_breaks_a_rule_mends_it_and_saves_one_line(screen: Page, project: Path) -> None:
    file = project / "data/faq/parking.yml"
    before = file.read_text(encoding="utf-8")
    sign_in(screen, "carl", "/console/studio")
    screen.get_by_role("link", name="Where can I park?").click()
    expect(screen.get_by_text("No findings.")).to_be_visible()
    answer = screen.get_by_label("What the assistant says").nth(1)
    answer.fill("We guarantee that the team will tell you, {lead_name}.")
    findings = screen.locator("#notes-variant-1")
    expect(findings).to_contain_text('"guarantee" must not be said')
    answer.fill("The team may tell you more. You may also **ask** on the day, {lead_name}.")
    expect(screen.get_by_text("No findings.")).to_be_visible()
    expect(findings.locator("li")).to_have_count(0)
    preview = screen.locator("answer-preview").nth(1)
    expect(preview.locator("strong")).to_have_text("ask")
    expect(preview.get_by_role("button", name="The other thing")).to_be_visible()
    screen.get_by_role("button", name="Save", exact=True).click()
    expect(screen.get_by_text("Saved.")).to_be_visible()
    after = file.read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed == [
        "+     written_by: Carl",
        "-       The team will tell you. You may also ask on the day, {lead_name}.",
        "+       The team may tell you more. You may also **ask** on the day, {lead_name}.",
    ]


def test_saving_needs_no_script(chromium: Browser, clinic: Clinic, project: Path) -> None:
    context = chromium.new_context(base_url=clinic.site.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "carl", PARKING)
    page.get_by_label("Title, as a button shows it").fill("May I park?")
    page.get_by_role("button", name="Check without saving").click()
    expect(page.get_by_text("No findings.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert "May I park?" in (project / "data/faq/parking.yml").read_text(encoding="utf-8")
    context.close()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing_in_the_studio(
    chromium: Browser, clinic: Clinic, project: Path, width: int, scheme: str
) -> None:
    context = chromium.new_context(
        base_url=clinic.site.url,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    problems = []
    broken = project / "data/faq/broken.yml"
    broken.write_text("nlu: [", encoding="utf-8")
    sign_in(page, "adam")
    for path in PAGES:
        page.goto(path)
        problems += look_at(page)
    page.goto("/console/studio/try")
    page.get_by_label("A visitor's message").fill("how long is it")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("heading", name="What the assistant makes of it")).to_be_visible()
    problems += look_at(page)
    context.close()
    broken.unlink()
    assert problems == []
