"""Notices leave by a real SMTP server and a real HTTP receiver, which fail on purpose."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from clinic.heartbeat import Heartbeats
from clinic.lead_desk import LeadDesk
from clinic.leads import Leads
from clinic.notifier import NAME, Notifier, build_channels
from clinic.outbox import Notification, Outbox
from clinic.settings import Settings
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, new_lead

ROOT = Path(__file__).parents[2]
PERSONAL = ("Maria", "Lopez", "5550134", "555-0134", "maria@example.org", "neck", "mornings")


class Mailbox:
    """An SMTP server's handler: keeps what it takes, and answers with `refusal` when that is set."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refusal: str | None = None

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        if self.refusal:
            return self.refusal
        self.mails.append(envelope)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


class Receiver(HTTPServer):
    """A web address: keeps what is posted to it, and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[tuple[bytes, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/notices"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((body, self.headers["X-Clinic-Signature"]))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database is enough here: the servers are what differs."""
    return sqlite_database


@pytest.fixture
def leads(database: Database, clock: SettableClock) -> Leads:
    return Leads(database, now=clock)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox) -> Iterator[Controller]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(mail_server: Controller, receiver: Receiver) -> Settings:
    return Settings(
        public_url="https://clinic.example.org",
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        smtp_security="none",
        notice_from="console@example.org",
        notice_to="desk@example.org, nora@example.org",
        escalation_to="boss@example.org",
        webhook_url=receiver.url,
        webhook_secret="a secret",
    )


@pytest.fixture
def notifier(database: Database, settings: Settings, clock: SettableClock) -> Notifier:
    return make_notifier(database, settings, clock)


def make_notifier(database: Database, settings: Settings, clock: SettableClock) -> Notifier:
    return Notifier(database, settings, "Belle Isle Pain Clinic", build_channels(settings), now=clock)


@pytest.fixture
def outbox(database: Database, clock: SettableClock) -> Outbox:
    return Outbox(database, now=clock)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(mail: Envelope) -> str:
    assert isinstance(mail.content, bytes)
    return mail.content.decode()


def only_notice(outbox: Outbox, lead_id: str) -> Notification:
    [notice] = outbox.list_for(lead_id)
    return notice


def test_a_new_request_is_told_by_mail_and_web(
    leads: Leads, notifier: Notifier, outbox: Outbox, mailbox: Mailbox, receiver: Receiver
) -> None:
    saved = leads.save(new_lead())
    assert notifier.work_once() == 1
    [mail], [(body, _)] = mailbox.mails, receiver.posts
    assert mail.rcpt_tos == ["desk@example.org", "nora@example.org"]
    link = f"https://clinic.example.org/console/leads/{saved.reference}"
    assert link in text_of(mail)
    notice = only_notice(outbox, saved.id)
    assert json.loads(body) == {
        "id": notice.id,
        "kind": "lead_new",
        "reference": saved.reference,
        "link": link,
    }
    assert notice.delivered_at is not None
    assert notifier.work_once() == 0
    assert (len(mailbox.mails), len(receiver.posts)) == (1, 1)


def test_no_notice_says_anything_about_the_visitor(
    leads: Leads,
    database: Database,
    notifier: Notifier,
    mailbox: Mailbox,
    receiver: Receiver,
    clock: SettableClock,
) -> None:
    leads.save(new_lead())
    leads.save(new_lead(name="Maria Lopez-Garcia"))
    clock.advance(hours=24)
    saved = leads.save(new_lead(request_key="2"))
    LeadDesk(database, clock).plan_call(saved.id, clock() + timedelta(minutes=5), 1, "nora")
    clock.advance(minutes=5)
    notifier.work_once()
    kinds = sorted(json.loads(body)["kind"] for body, _ in receiver.posts)
    assert kinds == ["call_due", "lead_changed", "lead_new", "lead_new", "lead_overdue"]
    said = "".join(text_of(mail) for mail in mailbox.mails) + repr(receiver.posts)
    assert not any(word in said for word in PERSONAL)


def test_the_receiver_can_check_the_sender(leads: Leads, notifier: Notifier, receiver: Receiver) -> None:
    leads.save(new_lead())
    notifier.work_once()
    [(body, signature)] = receiver.posts
    at, digest = (part.split("=")[1] for part in signature.split(","))
    expected = hmac.new(b"a secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(digest, expected)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [("451 try later", "The mail server answered with the error 451."), ("554 no", "with the error 554.")],
)
def test_a_refused_mail_is_tried_again_and_the_web_is_not(
    leads: Leads,
    notifier: Notifier,
    outbox: Outbox,
    mailbox: Mailbox,
    receiver: Receiver,
    clock: SettableClock,
    refusal: str,
    said: str,
) -> None:
    mailbox.refusal = refusal
    saved = leads.save(new_lead())
    assert notifier.work_once() == 0
    notice = only_notice(outbox, saved.id)
    assert (notice.attempts, notice.delivered_at) == (1, None)
    assert notice.last_error is not None and said in notice.last_error
    assert notifier.work_once() == 0  # it is not time yet
    assert only_notice(outbox, saved.id).attempts == 1
    mailbox.refusal = None
    clock.moment = notice.next_attempt_at
    assert notifier.work_once() == 1
    assert (len(mailbox.mails), len(receiver.posts)) == (1, 1)
    assert only_notice(outbox, saved.id).last_error is None


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_an_unhappy_receiver_is_tried_again(
    leads: Leads,
    notifier: Notifier,
    outbox: Outbox,
    mailbox: Mailbox,
    receiver: Receiver,
    clock: SettableClock,
    status: int,
) -> None:
    receiver.status = status
    saved = leads.save(new_lead())
    notifier.work_once()
    notice = only_notice(outbox, saved.id)
    assert notice.last_error == f"The web address answered with the error {status}."
    receiver.status = 204
    clock.moment = notice.next_attempt_at
    notifier.work_once()
    first, second = (json.loads(body)["id"] for body, _ in receiver.posts)
    assert first == second == notice.id  # the receiver can drop a double
    assert len(mailbox.mails) == 1


def test_servers_that_are_away_lose_nothing(
    database: Database, leads: Leads, settings: Settings, outbox: Outbox, clock: SettableClock
) -> None:
    away = settings.model_copy(
        update={"smtp_port": free_port(), "webhook_url": f"http://127.0.0.1:{free_port()}/"}
    )
    saved = leads.save(new_lead())
    notifier = make_notifier(database, away, clock)
    for _ in range(5):
        notifier.work_once()
        clock.moment = only_notice(outbox, saved.id).next_attempt_at
    notice = only_notice(outbox, saved.id)
    assert notice.attempts == 5
    assert notice.last_error is not None
    assert "mail server cannot be reached" in notice.last_error
    assert "web address cannot be reached" in notice.last_error
    assert make_notifier(database, settings, clock).work_once() == 1


def test_one_refused_recipient_is_a_failure(
    database: Database, leads: Leads, settings: Settings, outbox: Outbox, clock: SettableClock
) -> None:
    saved = leads.save(new_lead())
    some = settings.model_copy(update={"notice_to": "desk@example.org,gone@example.org"})
    make_notifier(database, some, clock).work_once()
    assert "refused 1 of the recipients" in str(only_notice(outbox, saved.id).last_error)
    none = settings.model_copy(update={"notice_to": "gone@example.org"})
    clock.moment = only_notice(outbox, saved.id).next_attempt_at
    make_notifier(database, none, clock).work_once()
    assert "refused every recipient" in str(only_notice(outbox, saved.id).last_error)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_a_wrong_mail_password_is_said(
    database: Database,
    leads: Leads,
    settings: Settings,
    mailbox: Mailbox,
    outbox: Outbox,
    clock: SettableClock,
) -> None:
    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=refuse,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    saved = leads.save(new_lead())
    wrong = settings.model_copy(
        update={"smtp_port": controller.port, "smtp_user": "desk", "smtp_password": "wrong"}
    )
    make_notifier(database, wrong, clock).work_once()
    controller.stop()
    error = str(only_notice(outbox, saved.id).last_error)
    assert error == "The mail server refused the user or password."


def test_a_server_without_encryption_gets_no_password(
    database: Database,
    leads: Leads,
    settings: Settings,
    outbox: Outbox,
    mailbox: Mailbox,
    clock: SettableClock,
) -> None:
    saved = leads.save(new_lead())
    strict = settings.model_copy(update={"smtp_security": "starttls", "smtp_user": "desk"})
    make_notifier(database, strict, clock).work_once()
    assert mailbox.mails == []
    assert only_notice(outbox, saved.id).delivered_at is None


def test_without_channels_notices_wait(
    database: Database, leads: Leads, outbox: Outbox, clock: SettableClock
) -> None:
    saved = leads.save(new_lead())
    assert make_notifier(database, Settings(), clock).work_once() == 0
    assert (only_notice(outbox, saved.id).attempts, outbox.count_waiting()) == (0, 1)


def test_two_notifiers_do_not_send_twice(
    database: Database, leads: Leads, outbox: Outbox, clock: SettableClock
) -> None:
    leads.save(new_lead())
    assert len(outbox.claim_due()) == 1
    assert Outbox(database, now=clock).claim_due() == []
    clock.advance(minutes=5)  # the first one died with it
    assert len(Outbox(database, now=clock).claim_due()) == 1


def test_reminders_come_once_each_and_again_for_a_new_plan(
    database: Database, leads: Leads, notifier: Notifier, receiver: Receiver, clock: SettableClock
) -> None:
    add_person(database, "nora")
    desk = LeadDesk(database, clock)
    saved = leads.save(new_lead())
    for _ in range(3):
        notifier.work_once()
        clock.advance(hours=12)
    desk.record_call(saved.id, "voicemail", clock() + timedelta(hours=1), 1, "nora")
    for _ in range(3):
        notifier.work_once()
        clock.advance(hours=1)
    desk.plan_call(saved.id, clock() + timedelta(hours=1), 2, "nora")
    clock.advance(hours=1)
    notifier.work_once()
    kinds = [json.loads(body)["kind"] for body, _ in receiver.posts]
    assert kinds == ["lead_new", "lead_overdue", "call_due", "call_due"]


def test_a_reminder_goes_to_the_owner_and_an_escalation_up(
    database: Database, leads: Leads, notifier: Notifier, mailbox: Mailbox, clock: SettableClock
) -> None:
    add_person(database, "nora", email="own@example.org")
    forgotten = leads.save(new_lead(request_key="2"))
    saved = leads.save(new_lead())
    LeadDesk(database, clock).record_call(saved.id, "no_answer", clock() + timedelta(hours=1), 1, "nora")
    clock.advance(hours=24)
    notifier.work_once()
    recipients = {
        text_of(mail).split("Subject: ")[1].split("\r\n")[0]: mail.rcpt_tos for mail in mailbox.mails
    }
    assert recipients[f"A call is due: {saved.reference}"] == ["own@example.org"]
    assert recipients[f"Nobody has called yet: {forgotten.reference}"] == ["boss@example.org"]


def test_it_shows_that_it_is_at_work(database: Database, notifier: Notifier, clock: SettableClock) -> None:
    heartbeats = Heartbeats(database, clock)
    assert heartbeats.last(NAME) is None
    notifier.work_once()
    clock.advance(minutes=1)
    notifier.work_once()
    assert heartbeats.last(NAME) == clock()


def test_it_is_a_process_that_works_and_ends_when_told(tmp_path: Path, sqlite_path: Path) -> None:
    (tmp_path / "profile.yml").write_text("name: Belle Isle Pain Clinic\n", "utf-8")
    variables = {
        "PYTHONPATH": str(ROOT),
        "OPTC_DATABASE_URL": f"sqlite:///{sqlite_path}",
        "OPTC_PROFILE_PATH": str(tmp_path / "profile.yml"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "clinic.notifier"], cwd=tmp_path, env=os.environ | variables
    )
    database = Database(f"sqlite:///{sqlite_path}")
    deadline = time.monotonic() + 30
    while Heartbeats(database).last(NAME) is None:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)  # between two looks at a condition that has a deadline
    process.terminate()
    assert process.wait(20) == 0
    database.close()
