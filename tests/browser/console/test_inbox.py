"""Carl of the content team goes through what was not answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clinic.conversations import Conversations, NewReply
from clinic.inbox_collector import InboxCollector
from tests.browser.console.conftest import Clinic, sign_in

pytestmark = pytest.mark.browser
RANKING = [{"intent": "ask_children", "confidence": 0.3}, {"intent": "ask_cost", "confidence": 0.2}]


def ask(clinic: Clinic, text: str, visitors: int) -> None:
    """Visitors asked it an hour ago, and it was not understood."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    conversations = Conversations(clinic.database, now=lambda: an_hour_ago)
    understood = {"decision": "fallback", "intent": "ask_children", "confidence": 0.3, "ranking": RANKING}
    for _ in range(visitors):
        talk = conversations.start(None, timedelta(days=7)).id
        message = conversations.accept_message(talk, "1", text).message
        conversations.record_replies(talk, message.id, [NewReply("text", "Not sure.")], understood, True)


def test_a_writer_goes_through_the_inbox(screen: Page, clinic: Clinic) -> None:
    ask(clinic, "Do you treat horses? Call me at 405-555-0134", visitors=3)
    ask(clinic, "what's your wifi password", visitors=1)
    InboxCollector(clinic.database, "a-key-for-tests-only").collect_all()
    sign_in(screen, "carl")
    screen.get_by_role("link", name="Unanswered").click()
    expect(screen.locator(".inbox .row-name")).to_have_text(
        ["Do you treat horses? Call me at •••", "what's your wifi password"]
    )
    assert Axe().run(screen).response["violations"] == []

    screen.get_by_role("button", name=re.compile("Ignore.*wifi")).click()
    expect(screen.get_by_role("status")).to_contain_text("The question is ignored")
    expect(screen.locator(".inbox .row-name")).to_have_count(1)
    screen.get_by_role("button", name="Undo").click()
    expect(screen.locator(".inbox .row-name")).to_have_count(2)

    screen.get_by_role("button", name=re.compile("Safety review.*horses")).click()
    screen.get_by_role("link", name="Safety review").click()
    expect(screen.locator(".inbox .row-name")).to_have_text(["Do you treat horses? Call me at •••"])
