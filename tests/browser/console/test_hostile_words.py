"""More than 200 hostile texts in everything that is shown: none runs, none is even blocked by the policy."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, BrowserContext, Route, expect

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.conversations import NewReply
from clinic.lead_notes import LeadNotes
from clinic.storage import tables
from tests.browser.chat_page import Chat
from tests.browser.console.conftest import Clinic, sign_in
from tests.browser.hostile_page import HOSTILE_WORDS, HostilePage
from tests.browser.running_site import EngineThread
from tests.content.small_project import write_small_project
from tests.web.scripted_engine import reply
from web.security import CONTENT_SECURITY_POLICY

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TOGETHER = 20  # texts in one field
PARKING = "/console/studio/topics/faq/parking"
UNDERSTOOD = {"decision": "answer", "confidence": 0.9, "urgent": "none"}


@pytest.fixture
def context(chromium: Browser, clinic: Clinic) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=clinic.site.url, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext, clinic: Clinic) -> HostilePage:
    return HostilePage(context, clinic.site.url)


def hostile_parts() -> list[str]:
    """All texts, some together in one."""
    starts = range(0, len(HOSTILE_WORDS), TOGETHER)
    return [" ".join(HOSTILE_WORDS[start : start + TOGETHER]) for start in starts]


def fill_conversation(clinic: Clinic) -> str:
    """A talk in which both sides, the buttons, the sources and what was understood are hostile."""
    lines = []
    for text in HOSTILE_WORDS:
        source, choice = (
            {"name": text, "url": text},
            {"title": text, "intent": text, "values": {"name": text}},
        )
        answer = NewReply("answer", text, [choice], [source])
        lines.append((text, UNDERSTOOD | {"intent": text}, answer))
    engine_id = clinic.add_conversation(*lines)
    with clinic.database.transaction() as session:
        session.query(tables.Conversation).one().page = f"javascript:hurt() {HOSTILE_WORDS[0]}"
        answers = session.query(tables.Message).filter_by(author="assistant")
        for answer, text in zip(answers, HOSTILE_WORDS, strict=True):
            verdict = {"verdict": "down", "reason": text, "created_at": utc_now()}
            session.add(tables.Feedback(message_id=answer.id, **verdict))
    return engine_id


def fill_requests(clinic: Clinic, engine_id: str) -> list[str]:
    """Requests with hostile names, times, addresses, tags, notes and history; their references.

    Written past the rules for what may be typed: also what those would refuse must be harmless when shown.
    """
    references = []
    for number, text in enumerate(hostile_parts()):
        lead = clinic.add_lead(f"request {number}", number + 1, engine_id=None if number else engine_id)
        LeadNotes(clinic.database).add(lead.id, text, clinic.people["staff"].id)
        with clinic.database.transaction() as session:
            row = session.get_one(tables.Lead, lead.id)
            row.name = row.phone = row.email = row.preferred_time = row.consent_text = text
            row.owner_id = clinic.people["viewer"].id
            session.add(tables.LeadTag(lead_id=lead.id, tag=text))
            add_audit(session, utc_now(), text, "tagged", ("lead", lead.id), {"tags": text})
        references.append(lead.reference)
    return references


def fill_inbox(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        for number, text in enumerate(hostile_parts()):
            asked = {"reason": "not_understood", "visitor_key": "v", "asked_at": utc_now()}
            understood = {"intent": text, "nearest": [text], "decision": text, "confidence": 0.1}
            session.add(tables.UnansweredQuestion(id=f"q{number}", key=f"k{number}", text=text))
            session.flush()
            ids = {"id": f"e{number}", "question_id": f"q{number}"}
            session.add(tables.UnansweredEntry(**ids, **asked, understood=understood))


def name_people(clinic: Clinic) -> None:
    """Hostile names of staff and of saved views."""
    with clinic.database.transaction() as session:
        for number, role in enumerate(("viewer", "content")):
            session.get_one(tables.StaffMember, clinic.people[role].id).name = hostile_parts()[number]
        for number, text in enumerate(hostile_parts()):
            view = tables.SavedView(name=text, filters={"state": "new"}, created_at=utc_now())
            view.staff_id, view.id = clinic.people["admin"].id, f"view-{number}"
            session.add(view)


def test_nothing_runs_on_the_pages_of_the_console(watched: HostilePage, clinic: Clinic) -> None:
    engine_id = fill_conversation(clinic)
    references = fill_requests(clinic, engine_id)
    fill_inbox(clinic)
    name_people(clinic)
    with clinic.database.transaction(read_only=True) as session:
        talk = session.query(tables.Conversation.id).scalar()
    sign_in(watched.page, "adam", "/console/leads")
    assert HOSTILE_WORDS[0] in watched.page.locator("main").inner_text()
    paths = [f"/console/leads/{reference}" for reference in references]
    paths += ["/console/conversations", f"/console/conversations/{talk}", "/console/studio/inbox"]
    paths += [f"/console/{page}" for page in ("people", "numbers", "notices", "account")]
    for path in paths:
        watched.page.goto(path)
        assert watched.look() == [], path
    watched.page.goto(f"/console/conversations/{talk}")
    shown = watched.page.locator("main").text_content() or ""
    missing = [text for text in HOSTILE_WORDS if text.strip("*- ") not in shown]
    assert missing == []  # every text is there, as text


def test_nothing_runs_in_the_preview_of_an_answer(watched: HostilePage, clinic: Clinic) -> None:
    write_small_project(clinic.site.data.parent)
    sign_in(watched.page, "carl", PARKING)
    answer = watched.page.get_by_label("What the assistant says").nth(1)
    preview = watched.page.locator("answer-preview").nth(1)
    for number, text in enumerate(hostile_parts()):
        answer.fill(f"Part {number}.\n\n{text}")
        expect(preview.get_by_text(f"Part {number}.")).to_be_visible()
        assert watched.look() == [], text


def test_nothing_runs_in_the_chat_and_after_a_reload(
    watched: HostilePage, clinic: Clinic, engine: EngineThread
) -> None:
    chat = Chat(watched.page)
    chat.visit()
    chat.open()
    token = watched.page.evaluate("localStorage.getItem('acupuncture-chat.session')")
    with httpx.Client(base_url=clinic.site.url, headers={"Authorization": f"Bearer {token}"}) as client:
        for number, text in enumerate(HOSTILE_WORDS):
            source, choice = {"name": text, "url": text}, {"title": text, "intent": "ask_cost", "values": {}}
            engine.script.replies = [reply(text=text, sources=[source], choices=[choice])]
            sent = client.post(
                "/api/v1/messages", json={"client_message_id": f"hostile-{number:04}", "text": text[:500]}
            )
            assert sent.status_code == 200, text
    engine.script.replies = [reply(text="That was all.")]
    watched.page.reload()
    chat.launcher.click()
    expect(chat.log.locator(".visitor .bubble")).to_have_count(len(HOSTILE_WORDS))
    said = chat.log.locator(".visitor .bubble").all_inner_texts()
    assert [text for text in said if "hurt" in text or "evil" in text]
    assert watched.look() == []


def planted_page(with_policy: bool) -> tuple[str, dict[str, str]]:
    """The fault: a template that does not escape, with our policy or without one."""
    template = Environment(autoescape=False).from_string(  # noqa: S701 - this is the planted fault
        "<!doctype html><title>x</title><main>{% for text in texts %}<p>{{ text }}</p>{% endfor %}</main>"
    )
    texts = ["<img src=x onerror=hurt()>", "<script>hurt()</script>", "<script>alert(1)</script>"]
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY} if with_policy else {}
    return template.render(texts=texts), {"content-type": "text/html", **headers}


@pytest.mark.parametrize(
    ("with_policy", "expected"),
    [(True, {"policy: script-src-elem", "policy: script-src-attr"}), (False, {"it ran", "dialog: 1"})],
)
def test_a_template_that_does_not_escape_is_seen(
    watched: HostilePage, with_policy: bool, expected: set[str]
) -> None:
    body, headers = planted_page(with_policy)

    def answer(route: Route) -> None:
        route.fulfill(body=body, headers=headers)

    watched.page.route("**/planted", answer)
    watched.page.goto("/planted")
    assert "img onerror" in watched.look()
    for what in expected:
        assert any(line.startswith(what) for line in watched.seen), (what, watched.seen)


def test_the_texts_are_many_and_different() -> None:
    assert len(HOSTILE_WORDS) == len(set(HOSTILE_WORDS)) >= 200
    assert max(map(len, HOSTILE_WORDS)) <= 500
