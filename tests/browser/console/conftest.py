"""The console in a real Chromium: its own site, whose database the tests fill, and people to sign in as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from clinic.account import Account
from clinic.clock import Clock, utc_now
from clinic.consent import ConsentText
from clinic.conversations import Conversations, NewReply
from clinic.leads import Lead, Leads, NewLead
from clinic.staff import Staff
from clinic.storage import tables
from clinic.storage.database import Database
from tests.browser.running_site import EngineThread, RunningSite

PASSWORD = "four plain words here"
CONSENT = ConsentText(version="test-1", text="The clinic may contact me about this request.")


@dataclass
class Clinic:
    """The running site and what is stored in it."""

    site: RunningSite
    database: Database
    people: dict[str, Account] = field(default_factory=dict)

    def make_people(self) -> None:
        """Adam the administrator, Nora of the staff, Vera who looks, Carl of the content team."""
        staff = Staff(self.database, idle=timedelta(minutes=15), absolute=timedelta(hours=12))
        link = staff.ensure_first_admin()
        assert link is not None
        self.people["admin"] = staff.accept_link(link, "Adam", "adam@example.org", PASSWORD)
        for role, name in (("staff", "Nora"), ("viewer", "Vera"), ("content", "Carl")):
            link = staff.invite(role, self.people["admin"].id)
            self.people[role] = staff.accept_link(link, name, f"{name.lower()}@example.org", PASSWORD)

    def add_lead(self, name: str, hours_ago: float = 1, **changes: Any) -> Lead:
        """A request that came in some hours ago."""
        at = datetime.now(UTC) - timedelta(hours=hours_ago)
        clock: Clock = lambda: at  # noqa: E731 - a clock that stands still
        details: dict[str, Any] = {
            "request_key": name,
            "source": "contact_form",
            "name": name,
            "phone": "+14055550134",
            "email": None,
            "preferred_time": "mornings",
            "topic": "neck_pain",
            "consent": CONSENT,
            "consented_at": at,
        }
        leads = Leads(self.database, now=clock)
        return leads.find(leads.save(NewLead(**(details | changes))).id)

    def add_conversation(self, *lines: tuple[str, dict[str, Any], NewReply]) -> str:
        """A conversation; returns the engine's id of it."""
        conversations = Conversations(self.database, now=utc_now)
        started = conversations.start("https://clinic.example.org/", timedelta(days=7))
        for number, (text, understood, reply) in enumerate(lines):
            message = conversations.accept_message(started.id, str(number), text).message
            conversations.record_replies(started.id, message.id, [reply], understood, True)
        return started.engine_id

    def lead(self, name: str) -> Lead:
        """The lead as it is stored now."""
        [found] = [lead for lead in Leads(self.database).list(limit=200).leads if lead.name == name]
        return found

    def let_sessions_end(self) -> None:
        """Let a quarter of an hour pass for everybody who is signed in."""
        with self.database.transaction() as session:
            for row in session.query(tables.StaffSession):
                row.last_seen_at -= timedelta(minutes=15)

    def let_a_night_pass(self) -> None:
        """Let eight hours pass since the last codes of the second step: each 30 seconds have a new one."""
        with self.database.transaction() as session:
            for row in session.query(tables.StaffMember):
                if row.second_step_used is not None:
                    row.second_step_used -= 8 * 60 * 2

    def empty(self) -> None:
        """Take everything out of the database."""
        with self.database.transaction() as session:
            for table in reversed(tables.Base.metadata.sorted_tables):
                session.execute(table.delete())
        self.people.clear()


@pytest.fixture(scope="session")
def console_site(
    engine_thread: EngineThread, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningSite, Database]]:
    folder: Path = tmp_path_factory.mktemp("console")
    site = RunningSite(folder, engine_thread)
    site.start()
    database = Database(f"sqlite:///{folder / 'var' / 'clinic.db'}")
    yield site, database
    database.close()
    site.stop()


@pytest.fixture
def clinic(console_site: tuple[RunningSite, Database]) -> Iterator[Clinic]:
    """The site with its people, and no requests."""
    clinic = Clinic(*console_site)
    clinic.empty()
    clinic.make_people()
    yield clinic


@pytest.fixture
def desk_browser(chromium: Browser, clinic: Clinic) -> Iterator[BrowserContext]:
    """A browser at the front desk."""
    context = chromium.new_context(base_url=clinic.site.url, reduced_motion="reduce", accept_downloads=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def screen(desk_browser: BrowserContext) -> Iterator[Page]:
    """Its page. A test fails when a script failed or the page's policy was broken."""
    page = desk_browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
    yield page
    assert errors == []


def sign_in(page: Page, name: str, go_to: str = "/console") -> None:
    """Sign in with the password; the second step is not done here."""
    page.goto("/console/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/console/(leads|conversations|second-step)"))
    if go_to != "/console":
        page.goto(go_to)
