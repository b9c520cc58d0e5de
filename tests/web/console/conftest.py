"""The console with its people signed in, and Maria's request in it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinic.account import Account
from clinic.clock import utc_now
from clinic.consent import ConsentText
from clinic.conversations import Conversations, NewReply
from clinic.inbox_clusters import InboxClusters
from clinic.inbox_collector import InboxCollector
from clinic.leads import NewLead, SavedLead
from clinic.passwords import Passwords
from clinic.staff_sessions import start_session
from clinic.storage import tables
from tests.clinic.meaning import ScriptedEncoder
from tests.content.small_project import write_small_project
from tests.web.conftest import Site
from web.console.desk import Desk
from web.console.studio.drafts import Checker

PASSWORD = "four plain words here"
CONSENT = ConsentText(version="test-1", text="The clinic may contact me about this request.")
NAMES = {"admin": "Adam", "staff": "Nora", "viewer": "Vera", "content": "Carl"}


@dataclass
class Person:
    """Somebody of the clinic at a browser. `account` is None for a visitor without an account."""

    client: httpx.AsyncClient
    account: Account | None

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(f"/console{path}", **options)

    async def post(self, path: str, form_from: str = "/account", **fields: Any) -> httpx.Response:
        """Send a form with the token that the page `form_from` carries."""
        fields.setdefault("form_token", await self.form_token(form_from))
        return await self.client.post(f"/console{path}", data=fields)

    async def form_token(self, page: str = "/account") -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', (await self.get(page)).text)
        return found[1] if found else ""


async def sign_in(site: Site, email: str, password: str = PASSWORD) -> Person:
    """A new browser in which the password was typed; it may still need the second step."""
    client = httpx.AsyncClient(base_url=site.url, trust_env=False)
    person = Person(client, None)
    token = await person.form_token("/sign-in")
    await client.post("/console/sign-in", data={"form_token": token, "email": email, "password": password})
    return person


def shown(response: httpx.Response) -> str:
    """The text of a page as a person reads it, in one line."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def desk(site: Site) -> Desk:
    desk: Desk = site.app.ctx.console_desk
    return desk


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD: made once, because making it is slow on purpose."""
    return Passwords().hash(PASSWORD)


@pytest.fixture
def accounts(site: Site, desk: Desk, password_hash: str) -> dict[str, Account]:
    """One account of each role, with a password."""
    with site.app.ctx.database.transaction() as session:
        for role, name in NAMES.items():
            session.add(
                tables.StaffMember(
                    id=role,
                    name=name,
                    email=f"{name.lower()}@example.org",
                    role=role,
                    password_hash=password_hash,
                    created_at=utc_now(),
                )
            )
    return {account.role: account for account in desk.staff.list()}


@pytest.fixture
async def people(site: Site, accounts: dict[str, Account]) -> AsyncIterator[dict[str, Person]]:
    """Everybody with an open session, by role, and "nobody": a browser without one."""
    found = {"nobody": Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)}
    with site.app.ctx.database.transaction() as session:
        for role, account in accounts.items():
            row = session.get_one(tables.StaffMember, account.id)
            client = httpx.AsyncClient(base_url=site.url, trust_env=False)
            token = start_session(session, row, utc_now()).token
            client.cookies.set("console_session", token, domain="127.0.0.1", path="/")
            found[role] = Person(client, account)
    yield found
    for person in found.values():
        await person.client.aclose()


@pytest.fixture
def nora(people: dict[str, Person]) -> Person:
    """A member of staff."""
    return people["staff"]


@pytest.fixture
def adam(people: dict[str, Person]) -> Person:
    """The administrator."""
    return people["admin"]


def save_lead(site: Site, **changes: Any) -> SavedLead:
    """Maria's request, with changes."""
    details: dict[str, Any] = {
        "request_key": "maria-1",
        "source": "contact_form",
        "name": "Maria Lopez",
        "phone": "+14055550134",
        "email": "maria@example.org",
        "preferred_time": "mornings",
        "topic": "neck_pain",
        "consent": CONSENT,
        "consented_at": utc_now(),
    }
    saved: SavedLead = site.app.ctx.leads.save(NewLead(**(details | changes)))
    return saved


def hold_conversation(site: Site, *lines: tuple[str, dict[str, Any] | None, NewReply]) -> str:
    """Store a conversation: what the visitor wrote, what was understood, and the reply. Returns its id."""
    conversations = site.app.ctx.conversations
    started = conversations.start("https://clinic.example.org/neck", timedelta(days=7))
    for number, (text, understood, reply) in enumerate(lines):
        accepted = conversations.accept_message(started.id, f"message-{number}", text)
        answered = (understood or {}).get("decision") != "fallback"
        conversations.record_replies(started.id, accepted.message.id, [reply], understood, answered)
    return str(started.id)


@pytest.fixture
def maria(site: Site) -> SavedLead:
    """Maria's request."""
    return save_lead(site)


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    """One process that checks for all tests: it takes seconds to begin."""
    checker = Checker()
    yield checker
    checker.close()


@pytest.fixture
def project(site: Site, tmp_path: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project where the site's content files are."""
    monkeypatch.setattr(site.app.ctx, "studio_checker", checker)
    for path in (tmp_path / "data").glob("*.yml"):
        path.unlink()
    write_small_project(tmp_path)
    return tmp_path


def ask_unanswered(site: Site, *texts: str) -> None:
    """Each is asked by a visitor of its own, not understood, collected, and put where it belongs."""
    an_hour_ago = utc_now() - timedelta(hours=1)
    conversations = Conversations(site.app.ctx.database, now=lambda: an_hour_ago)
    ranking = [{"intent": "ask_cost", "confidence": 0.2}, {"intent": "ask_children", "confidence": 0.1}]
    understood = {"decision": "fallback", "intent": "ask_cost", "ranking": ranking}
    for text in texts:
        talk = conversations.start(None, timedelta(days=7)).id
        message = conversations.accept_message(talk, "1", text).message
        conversations.record_replies(talk, message.id, [NewReply("text", "Not sure.")], understood, True)
    InboxCollector(site.app.ctx.database, "a-key-for-tests-only").collect_all()
    InboxClusters(site.app.ctx.database, ScriptedEncoder(), breath_seconds=0).place_all()


@pytest.fixture
def carl(people: dict[str, Person]) -> Person:
    """Of the content team."""
    return people["content"]
