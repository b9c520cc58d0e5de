"""A day at the front desk, from the first sign-in to the list in a file."""

from __future__ import annotations

import csv
import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.conftest import PASSWORD, Clinic, sign_in

pytestmark = pytest.mark.browser


def test_a_staff_members_day(screen: Page, clinic: Clinic) -> None:
    clinic.add_lead("Tom Hall", hours_ago=2, phone="+19185550100")
    clinic.add_lead("Maria Lopez", hours_ago=30)

    # Nora sets up her second step, and keeps her recovery codes.
    sign_in(screen, "nora", "/console/account")
    screen.get_by_role("link", name="Set it up").click()
    screen.get_by_text("I cannot scan it").click()
    app = pyotp.TOTP(re.sub(r"\s", "", screen.locator(".secret").inner_text()))
    screen.get_by_label("Code from the app").fill(app.now())
    screen.get_by_role("button", name="Turn on").click()
    recovery_code = screen.locator(".codes li").first.inner_text()
    screen.get_by_role("link", name="I have kept them").click()
    screen.get_by_role("button", name="Sign out").click()

    # The next morning she signs in with a code of the app.
    clinic.let_a_night_pass()
    enter(screen, app.now())
    screen.get_by_role("button", name="Sign out").click()

    # After lunch her phone is at home: a recovery code lets her in.
    enter(screen, recovery_code)

    # She takes the oldest request, which is overdue.
    screen.get_by_role("link", name="Overdue 1").click()
    screen.get_by_role("link", name="Maria Lopez").click()
    expect(screen.get_by_text("(405) 555-0134").first).to_be_visible()

    # Nobody answers, so she plans the next call.
    screen.get_by_label("No answer").check()
    screen.get_by_label("Next call", exact=True).select_option("next_morning")
    screen.get_by_label("Note on this call").fill("Rang for a while.")
    screen.get_by_role("button", name="Save the call").click()
    expect(screen.get_by_role("status")).to_contain_text("The call is saved")
    expect(screen.get_by_text("Rang for a while.")).to_be_visible()
    called = clinic.lead("Maria Lopez")
    assert (called.state, called.owner_id) == ("calling", clinic.people["staff"].id)
    assert called.next_call_at is not None

    # Maria calls back: she is reached, and a visit is booked.
    screen.get_by_label("Reached").check()
    screen.get_by_role("button", name="Save the call").click()
    screen.get_by_label("Booked").check()
    screen.get_by_role("button", name="Save state").click()
    expect(screen.get_by_role("status")).to_contain_text("This request is now Booked")
    booked = clinic.lead("Maria Lopez")
    assert (booked.state, booked.next_call_at) == ("booked", None)
    assert booked.reached_at is not None
    history = screen.locator(".history").first
    for words in ("Called: No answer", "Called: Reached", "Request received"):
        expect(history).to_contain_text(words)

    # In the evening she takes the list home in a file.
    screen.get_by_role("link", name="Back to the requests").click()
    screen.get_by_role("link", name="All", exact=True).click()
    with screen.expect_download() as download:
        screen.get_by_role("link", name="CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["Maria Lopez"]["state"] == "booked"
    assert (rows["Maria Lopez"]["owner"], rows["Maria Lopez"]["calls"]) == ("Nora", "2")
    assert rows["Tom Hall"]["phone"] == "(918) 555-0100"


def enter(screen: Page, code: str) -> None:
    """Nora signs in with her password and a code."""
    screen.get_by_label("E-mail").fill("nora@example.org")
    screen.get_by_label("Password").fill(PASSWORD)
    screen.get_by_role("button", name="Sign in").click()
    screen.get_by_label("Code").fill(code)
    screen.get_by_role("button", name="Go on").click()
    expect(screen.get_by_role("heading", name="Consultation requests")).to_be_visible()


def test_a_note_outlives_the_session(screen: Page, clinic: Clinic) -> None:
    lead = clinic.add_lead("Maria Lopez")
    sign_in(screen, "nora", f"/console/leads/{lead.reference}")
    screen.get_by_label("A note for the team").fill("She has a dog.\nCall after 5.")
    clinic.let_sessions_end()
    screen.get_by_role("button", name="Save the note").click()
    expect(screen.get_by_role("alert")).to_contain_text("Your note is kept")
    screen.get_by_label("E-mail").fill("nora@example.org")
    screen.get_by_label("Password").fill(PASSWORD)
    screen.get_by_role("button", name="Sign in").click()
    expect(screen.get_by_label("A note for the team")).to_have_value("She has a dog.\nCall after 5.")
    screen.get_by_role("button", name="Save the note").click()
    expect(screen.locator(".note-text")).to_have_text("She has a dog.\nCall after 5.")


def test_two_people_at_one_request(chromium: object, screen: Page, clinic: Clinic) -> None:
    lead = clinic.add_lead("Maria Lopez")
    sign_in(screen, "nora", f"/console/leads/{lead.reference}")
    other = screen.context.browser.new_context(base_url=clinic.site.url)  # type: ignore[union-attr]
    adams = other.new_page()
    sign_in(adams, "adam", f"/console/leads/{lead.reference}")
    adams.get_by_label("Booked").check()
    adams.get_by_role("button", name="Save state").click()
    expect(adams.get_by_role("status")).to_contain_text("Booked")
    screen.get_by_label("Closed").check()
    screen.get_by_role("button", name="Save state").click()
    expect(screen.get_by_role("alert")).to_contain_text(
        "Someone else changed this request. It is now Booked."
    )
    assert clinic.lead("Maria Lopez").state == "booked"
    other.close()


def test_the_keyboard_alone_is_enough(screen: Page, clinic: Clinic) -> None:
    for name in ("Tom Hall", "Maria Lopez"):
        clinic.add_lead(name, hours_ago=len(name))
    sign_in(screen, "nora")
    screen.keyboard.press("j")
    screen.keyboard.press("j")
    screen.keyboard.press("x")
    assert screen.locator("input[name=chosen]:checked").count() == 1
    screen.keyboard.press("Enter")
    expect(screen.get_by_role("heading", name="Maria Lopez")).to_be_visible()
    screen.keyboard.press("n")
    screen.keyboard.type("jx?/")
    expect(screen.get_by_label("A note for the team")).to_have_value("jx?/")
    screen.get_by_role("button", name="Keyboard shortcuts").click()
    screen.get_by_label("Use single-key shortcuts in this browser").uncheck()
    screen.keyboard.press("Escape")
    screen.goto("/console/leads")
    screen.keyboard.press("j")
    assert screen.locator("tr.is-here").count() == 0


def test_without_scripts_the_work_can_be_done(screen: Page, clinic: Clinic) -> None:
    lead = clinic.add_lead("Maria Lopez")
    plain = screen.context.browser.new_context(  # type: ignore[union-attr]
        base_url=clinic.site.url, java_script_enabled=False
    )
    page = plain.new_page()
    sign_in(page, "nora")
    page.get_by_role("link", name="Maria Lopez").click()
    page.get_by_label("A note for the team").fill("No scripts here.")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_label("Closed").check()
    page.get_by_role("button", name="Save state").click()
    expect(page.get_by_role("status")).to_contain_text("Closed")
    assert clinic.lead(lead.name).state == "closed"
    plain.close()
