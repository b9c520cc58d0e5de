"""Whatever the engine does, a turn ends with something the visitor can read, once, and in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from clinic.clock import utc_now
from clinic.consent import current_consent
from clinic.leads import NewLead
from clinic.settings import Settings
from clinic.storage.database import StorageUnavailable
from clinic.storage.tables import Message
from tests.web.conftest import Site, bearer
from tests.web.scripted_engine import ScriptedEngine, reply
from web.chat.turnstile import Turnstile


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A short budget, so that a hanging engine does not make the tests slow."""
    return settings.model_copy(update={"engine_budget_seconds": 0.6})


def assert_is_notice(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200
    body = response.json()
    assert body["limited"] is True
    notice: dict[str, Any] = body["messages"][-1]
    assert notice["kind"] == "notice"
    for needed in ("(/contact)", "405-555-0100", "(tel:911)", "(sms:988)"):
        assert needed in notice["text"]
    return notice


def states(site: Site) -> list[str | None]:
    query = select(Message.state).where(Message.author == "visitor").order_by(Message.position)
    with site.app.ctx.database.transaction(read_only=True) as session:
        return list(session.scalars(query))


@pytest.mark.parametrize("behaviour", ["empty", "error_500", "not_json", "wrong_shape", "hang"])
async def test_a_failing_engine_gives_a_notice(
    site: Site, scripted_engine: ScriptedEngine, behaviour: str
) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = behaviour
    started = time.monotonic()
    assert_is_notice(await site.send(token, "My chest hurts"))
    assert time.monotonic() - started < 1.5
    assert states(site) == ["unanswered"]


async def test_an_engine_that_refuses_gives_a_notice(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    await scripted_engine.refuse()
    assert_is_notice(await site.send(token, "Hello"))


async def test_an_engine_that_comes_back_at_once_is_asked_a_second_time(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    await scripted_engine.refuse()
    sending = asyncio.create_task(site.send(token, "Hello"))
    async with asyncio.timeout(2):
        while not states(site):
            await asyncio.sleep(0.01)
    await scripted_engine.start()
    assert (await sending).json()["limited"] is False
    assert len(scripted_engine.turns) == 1


async def test_an_engine_that_fails_is_not_asked_a_second_time(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "error_500"
    await site.send(token, "Hello")
    assert len(scripted_engine.turns) == 1


async def test_a_wrong_secret_gives_a_notice(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.secret = "changed"
    assert_is_notice(await site.send(token, "Hello"))


async def test_a_message_is_kept_before_it_is_forwarded(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "slow"
    sending = asyncio.create_task(site.send(token, "Hello"))
    async with asyncio.timeout(2):
        while not scripted_engine.turns:
            await asyncio.sleep(0.005)
    assert states(site) == ["accepted"]
    await sending
    assert states(site) == ["answered"]


async def test_the_same_message_sent_again_gets_the_first_result(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    first = await site.send(token, "Hello", client_message_id="message-1")
    again = await site.send(token, "Something else", client_message_id="message-1")
    assert again.json() == first.json()
    assert len(scripted_engine.turns) == 1


async def test_two_requests_that_race_with_one_message_are_one_turn(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "slow"
    requests = [site.send(token, "Hello", client_message_id="message-1") for _ in range(5)]
    bodies = [response.json() for response in await asyncio.gather(*requests)]
    assert all(body == bodies[0] for body in bodies)
    assert len(scripted_engine.turns) == 1
    assert states(site) == ["answered"]


async def test_a_message_that_got_a_notice_keeps_it(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "empty"
    first = await site.send(token, "Hello", client_message_id="message-1")
    scripted_engine.behaviour = "answers"
    again = await site.send(token, "Hello", client_message_id="message-1")
    assert_is_notice(again)
    assert again.json() == first.json()
    assert len(scripted_engine.turns) == 1


async def test_a_message_whose_turn_was_cut_off_is_forwarded_again(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    """The process died between keeping the message and keeping the reply."""
    token = (await site.start_session())["token"]
    conversations = site.app.ctx.conversations
    conversation = conversations.find_by_token(token)
    accepted = conversations.accept_message(conversation.id, "message-1", "Hello")
    response = await site.send(token, "Hello", client_message_id="message-1")
    assert response.json()["limited"] is False
    assert scripted_engine.turns[0]["message_id"] == accepted.message.id
    assert states(site) == ["answered"]


async def test_a_turn_ends_in_good_order_when_the_visitor_leaves(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "slow"
    with pytest.raises(httpx.TimeoutException):
        await site.client.post(
            "/api/v1/messages",
            json={"client_message_id": "message-1", "text": "Hello"},
            headers=bearer(token),
            timeout=0.15,
        )
    async with asyncio.timeout(3):
        while states(site) != ["answered"]:
            await asyncio.sleep(0.01)


async def test_turns_of_one_conversation_come_one_after_the_other(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour, scripted_engine.slow_seconds = "slow", 0.05
    await asyncio.gather(*(site.send(token, f"Message {number}") for number in range(4)))
    assert len(scripted_engine.turns) == 4
    assert scripted_engine.most_under_way == 1


async def test_time_spent_waiting_counts(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    scripted_engine.behaviour = "hang"
    started = time.monotonic()
    responses = await asyncio.gather(*(site.send(token, f"Message {number}") for number in range(3)))
    assert time.monotonic() - started < 1.5
    for response in responses:
        assert_is_notice(response)


class TestWithTime:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """A budget that twenty turns at once do not use up, on a busy machine either."""
        return settings.model_copy(update={"engine_budget_seconds": 4.0})

    async def test_conversations_do_not_wait_for_each_other_but_only_four_go_on_at_once(
        self, site: Site, scripted_engine: ScriptedEngine
    ) -> None:
        tokens = [(await site.start_session())["token"] for _ in range(10)]
        scripted_engine.behaviour, scripted_engine.slow_seconds = "slow", 0.15
        await asyncio.gather(*(site.send(token, "Hello") for token in tokens))
        assert scripted_engine.most_under_way == 4
        assert len(scripted_engine.turns) == 10


class TestWithAShortQueue:
    @pytest.fixture
    def settings(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
        """One turn goes on, one waits."""
        monkeypatch.setattr("web.chat.setup.Turnstile", lambda _: Turnstile(at_once=1, waiting=1))
        return settings.model_copy(update={"engine_budget_seconds": 3.0})

    async def test_what_goes_over_the_queue_gets_a_notice_at_once(
        self, site: Site, scripted_engine: ScriptedEngine
    ) -> None:
        tokens = [(await site.start_session())["token"] for _ in range(5)]
        scripted_engine.behaviour, scripted_engine.slow_seconds = "slow", 0.5
        sending = [asyncio.create_task(site.send(token, "Hello")) for token in tokens]
        first = await next(iter(asyncio.as_completed(sending)))
        assert "Many people are writing" in assert_is_notice(first)["text"]
        responses = await asyncio.gather(*sending)
        assert sum(response.json()["limited"] for response in responses) == 3
        assert len(scripted_engine.turns) == 2


async def test_the_next_message_works_after_a_failure(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    for behaviour in ("hang", "not_json", "empty"):
        scripted_engine.behaviour = behaviour
        assert_is_notice(await site.send(token, "Hello"))
    scripted_engine.behaviour = "answers"
    assert (await site.send(token, "Hello")).json()["limited"] is False


async def test_a_message_is_not_lost_silently_when_nothing_can_be_stored(
    site: Site, scripted_engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await site.start_session())["token"]
    monkeypatch.setattr(site.app.ctx.conversations, "accept_message", raise_unavailable)
    response = await site.send(token, "Hello")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (503, "storage_unavailable")
    assert "911" in error["message"]
    assert response.headers["Retry-After"] == str(error["retry_after"])
    assert scripted_engine.turns == []


async def test_a_reply_that_could_not_be_stored_comes_with_the_retry(
    site: Site, scripted_engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await site.start_session())["token"]
    with monkeypatch.context() as broken:
        broken.setattr(site.app.ctx.conversations, "record_replies", raise_unavailable)
        assert (await site.send(token, "Hello", client_message_id="message-1")).status_code == 503
    assert (await site.send(token, "Hello", client_message_id="message-1")).json()["limited"] is False
    assert [turn["message_id"] for turn in scripted_engine.turns] == [
        scripted_engine.turns[0]["message_id"]
    ] * 2


def raise_unavailable(*_: object) -> None:
    raise StorageUnavailable("planted")


# ---- "saved" is only said when it is true


def save_lead(site: Site, engine_id: str) -> str:
    saved = site.app.ctx.leads.save(
        NewLead(
            request_key=f"chat-{engine_id}",
            source="chat",
            name="Maria Lopez",
            phone="+14055550134",
            email=None,
            preferred_time="mornings",
            topic="neck_pain",
            consent=current_consent("Belle Isle Pain Clinic"),
            consented_at=utc_now(),
            engine_id=engine_id,
        )
    )
    return str(saved.reference)


async def start_with_lead(site: Site) -> tuple[str, str]:
    token = (await site.start_session())["token"]
    return token, save_lead(site, site.app.ctx.conversations.find_by_token(token).engine_id)


async def test_a_saved_request_is_told_with_its_reference(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token, reference = await start_with_lead(site)
    scripted_engine.replies = [reply(kind="saved", text="We have it.", lead_reference=reference)]
    response = await site.send(token, "Yes, send it")
    assert response.json()["limited"] is False
    assert response.json()["messages"][0]["lead_reference"] == reference
    assert response.json()["messages"][0]["kind"] == "saved"


LIES: list[Callable[[str], dict[str, Any]]] = [
    lambda _: reply(kind="saved", text="We have it.", lead_reference="OPTC-AAAAAA"),
    lambda _: reply(kind="saved", text="We have it.", lead_reference=None),
    lambda _: reply(kind="saved", text="We have it.", lead_reference=""),
    lambda _: reply(kind="answer", text="We have it.", lead_reference="OPTC-AAAAAA"),
    lambda toms: reply(kind="saved", text="We have it.", lead_reference=toms),
]


@pytest.mark.parametrize("lie", LIES)
async def test_an_engine_that_lies_about_saving_is_not_believed(
    site: Site, scripted_engine: ScriptedEngine, lie: Callable[[str], dict[str, Any]]
) -> None:
    _, toms_reference = await start_with_lead(site)
    token = (await site.start_session())["token"]
    scripted_engine.replies = [reply(text="Thank you."), lie(toms_reference)]
    response = await site.send(token, "Yes, send it")
    notice = assert_is_notice(response)
    assert "**not** saved" in notice["text"]
    assert "We have it" not in response.text
    assert notice["lead_reference"] is None
    assert states(site)[-1] == "unanswered"
