"""A conversation starts with the welcome, can be read again, and can be forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from clinic.conversations import ConversationNotFound
from tests.web.conftest import Site, bearer
from tests.web.scripted_engine import ScriptedEngine


async def test_a_session_starts_with_the_welcome_of_the_content_files(site: Site) -> None:
    started = await site.start_session()
    (welcome,) = started["messages"]
    assert welcome["text"] == "Welcome to Belle Isle Pain Clinic. Ask me about acupuncture."
    assert welcome["author"] == "assistant"
    assert welcome["kind"] == "question"
    assert [choice["title"] for choice in welcome["choices"]] == [
        "How long is a session?",
        "What does it cost?",
    ]
    assert started["expires_at"] > welcome["created_at"]


async def test_a_session_starts_with_the_engine_down(site: Site, scripted_engine: ScriptedEngine) -> None:
    await scripted_engine.refuse()
    assert (await site.start_session())["messages"]


async def test_the_page_is_kept_without_what_its_query_may_hold(site: Site) -> None:
    page = "https://clinic.example/back-pain?name=Maria#phone"
    response = await site.client.post("/api/v1/sessions", json={"page": page})
    conversation = site.app.ctx.conversations.find_by_token(response.json()["token"])
    assert conversation.page == "https://clinic.example/back-pain"


async def test_a_session_with_a_strange_body_is_refused(site: Site) -> None:
    for body in ({"page": "x" * 201}, {"page": 7}, {"unknown": 1}, [], "text"):
        response = await site.client.post("/api/v1/sessions", json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request"), body


async def test_both_sides_messages_are_listed_after_a_position(site: Site) -> None:
    token = (await site.start_session())["token"]
    await site.send(token, "How long is a session?")
    listed = (await site.client.get("/api/v1/messages", headers=bearer(token))).json()["messages"]
    assert [message["author"] for message in listed] == ["assistant", "visitor", "assistant"]
    assert [message["position"] for message in listed] == [1, 2, 3]
    after = await site.client.get("/api/v1/messages?after=2", headers=bearer(token))
    assert after.json()["messages"] == listed[2:]


async def test_a_strange_position_is_refused(site: Site) -> None:
    token = (await site.start_session())["token"]
    for after in ("-1", "one", "1.5", "9" * 12, "٣"):
        response = await site.client.get("/api/v1/messages", params={"after": after}, headers=bearer(token))
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request"), after


async def test_requests_without_a_known_token_are_refused(site: Site) -> None:
    for headers in ({}, bearer("unknown"), {"Authorization": "Basic abc"}):
        response = await site.client.get("/api/v1/messages", headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "session_missing")


async def test_an_old_session_is_expired(site: Site) -> None:
    started = await asyncio.to_thread(site.app.ctx.conversations.start, None, timedelta(seconds=-1))
    response = await site.client.get("/api/v1/messages", headers=bearer(started.token))
    assert (response.status_code, response.json()["error"]["code"]) == (401, "session_expired")


async def test_a_forgotten_conversation_is_gone_here_and_in_the_engine(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    await site.send(token, "My back hurts")
    engine_id = scripted_engine.turns[0]["conversation"]
    assert (await site.client.delete("/api/v1/sessions", headers=bearer(token))).status_code == 204
    with pytest.raises(ConversationNotFound):
        site.app.ctx.conversations.find_by_token(token)
    async with asyncio.timeout(5):
        while scripted_engine.forgotten != [engine_id]:
            await asyncio.sleep(0.01)


async def test_one_visitor_cannot_use_another_ones_messages(site: Site) -> None:
    marias, toms = [(await site.start_session()) for _ in range(2)]
    body = {"message_id": marias["messages"][0]["id"], "verdict": "up"}
    response = await site.client.post("/api/v1/feedback", json=body, headers=bearer(toms["token"]))
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


async def test_feedback_on_an_answer_is_kept(site: Site) -> None:
    started = await site.start_session()
    body = {"message_id": started["messages"][0]["id"], "verdict": "down", "reason": "Too short"}
    response = await site.client.post("/api/v1/feedback", json=body, headers=bearer(started["token"]))
    assert (response.status_code, response.content) == (204, b"")


async def test_strange_feedback_is_refused(site: Site) -> None:
    started = await site.start_session()
    for change in ({"verdict": "maybe"}, {"reason": "x" * 301}, {"message_id": ""}, {"message_id": None}):
        body = {"message_id": started["messages"][0]["id"], "verdict": "up", **change}
        response = await site.client.post("/api/v1/feedback", json=body, headers=bearer(started["token"]))
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request"), change
