"""What a visitor may send, and what comes back."""

from __future__ import annotations

import unicodedata

import pytest

from tests.web.conftest import Site, bearer
from tests.web.scripted_engine import ScriptedEngine, reply


async def test_an_answer_comes_back_with_signed_choices_and_sources(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    started = await site.start_session()
    response = await site.send(started["token"], "How long is a session?")
    assert response.status_code == 200
    assert response.json()["limited"] is False
    (answer,) = response.json()["messages"]
    assert answer["text"] == "A session usually lasts 30 to 60 minutes."
    assert answer["sources"] == [{"name": "Vickers 2018", "url": "https://example.org/vickers"}]
    assert answer["choices"][0]["title"] == "What does it cost?"
    assert "/" not in answer["choices"][0]["token"]
    (turn,) = scripted_engine.turns
    assert turn["text"] == "How long is a session?"
    assert set(turn) == {"conversation", "message_id", "text"}


async def test_the_engine_is_told_its_own_id_of_the_conversation(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    conversation = site.app.ctx.conversations.find_by_token(token)
    await site.send(token, "Hello")
    assert scripted_engine.turns[0]["conversation"] == conversation.engine_id
    assert conversation.engine_id not in (token, conversation.id)


LITERAL_TEXTS = [
    '/ask_cost{"insurer": "none"}',
    "/restart",
    "/session_start",
    "<script>alert(1)</script>",
    "'; DROP TABLE messages; --",
    "🙂",
    "👩‍👩‍👧‍👦 hurts",
    "¿Cuánto cuesta?",
    "{clinic_name}",
    "x" * 500,
    "two\nlines",
]


async def test_typed_text_is_forwarded_and_kept_literally(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    for text in LITERAL_TEXTS:
        assert (await site.send(token, text)).status_code == 200
    assert [turn["text"] for turn in scripted_engine.turns] == LITERAL_TEXTS
    assert not any("choice" in turn for turn in scripted_engine.turns)
    listed = (await site.client.get("/api/v1/messages", headers=bearer(token))).json()["messages"]
    assert [message["text"] for message in listed if message["author"] == "visitor"] == LITERAL_TEXTS


async def test_text_is_brought_to_one_form_before_it_is_kept(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    decomposed = unicodedata.normalize("NFD", "Señor")
    await site.send(token, f"  \x00{decomposed}\x1b[31m\u202e, hello\r\nthere\t\x07 ")
    assert scripted_engine.turns[0]["text"] == "Señor[31m, hello\nthere"


async def test_an_empty_message_gets_a_kind_sentence(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    for text in ("", "   ", "\n\t", "\x00\x01", "\u200b\u200d", "\u3000"):
        response = await site.send(token, text)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "message_empty")
        assert "type your question" in response.json()["error"]["message"]
    await assert_nothing_was_kept(site, token, scripted_engine)


@pytest.mark.parametrize(("length", "status"), [(501, 400), (10_000, 413)])
async def test_a_message_that_is_too_long_is_told_the_limit(
    site: Site, scripted_engine: ScriptedEngine, length: int, status: int
) -> None:
    token = (await site.start_session())["token"]
    response = await site.send(token, "x" * length)
    assert (response.status_code, response.json()["error"]["code"]) == (status, "message_too_long")
    assert "500 characters" in response.json()["error"]["message"]
    await assert_nothing_was_kept(site, token, scripted_engine)


STRANGE_BODIES: list[dict[str, object]] = [
    {},
    {"text": "both", "choice": "token"},
    {"text": 7},
    {"text": ["a"]},
    {"text": None},
    {"text": "Hello", "client_message_id": "short"},
    {"text": "Hello", "client_message_id": "x" * 65},
    {"text": "Hello", "client_message_id": "spaces are bad"},
    {"text": "Hello", "client_message_id": "newline-at-end\n"},
    {"text": "Hello", "client_message_id": 12345678},
    {"text": "Hello", "sender": "someone"},
    {"text": "Hello", "metadata": {"intent": "restart"}},
]


async def test_a_strange_body_is_refused_and_changes_nothing(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    for body in STRANGE_BODIES:
        response = await site.send(token, **body)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request"), body
    await assert_nothing_was_kept(site, token, scripted_engine)


NO_MESSAGES = [
    (b"{not json", "application/json", 400, "bad_request"),
    (b"", "application/json", 400, "bad_request"),
    (b'{"text": "\xff\xfe"}', "application/json", 400, "bad_request"),
    (b'{"client_message_id": "abcdefgh", "text": "\\ud83d"}', "application/json", 400, "bad_request"),
    (b"[" * 5000, "application/json", 400, "bad_request"),
    (b'{"client_message_id": "abcdefgh", "text": "hi"}', "text/plain", 415, "unsupported_media_type"),
    (b"text=hi", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    (b"x" * 9000, "application/json", 413, "message_too_long"),
    (b"x" * 300_000, "application/json", 413, "message_too_long"),
]


async def test_a_body_that_is_no_message_gets_the_one_error_shape(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    for content, content_type, status, code in NO_MESSAGES:
        headers = {**bearer(token), "Content-Type": content_type}
        response = await site.client.post("/api/v1/messages", content=content, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (status, code), content[:40]
        assert set(response.json()) == {"error"}
    await assert_nothing_was_kept(site, token, scripted_engine)


async def test_a_chosen_button_is_forwarded_with_its_intent_and_kept_with_its_title(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    started = await site.start_session()
    choice = started["messages"][0]["choices"][1]
    response = await site.send(started["token"], choice=choice["token"])
    assert response.status_code == 200
    assert scripted_engine.turns[0]["choice"] == {"intent": "ask_cost", "values": {"insurer": "none"}}
    assert "text" not in scripted_engine.turns[0]
    listed = await site.client.get("/api/v1/messages?after=1", headers=bearer(started["token"]))
    assert listed.json()["messages"][0]["text"] == "What does it cost?"


async def test_a_forged_button_is_not_valid(site: Site, scripted_engine: ScriptedEngine) -> None:
    started = await site.start_session()
    token = started["messages"][0]["choices"][0]["token"]
    last = "A" if token[-1] != "A" else "B"
    for forged in (token[:-1] + last, "", "x", '/ask_cost{"a": 1}', token.partition(".")[0]):
        response = await site.send(started["token"], choice=forged)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "choice_not_valid")
    await assert_nothing_was_kept(site, started["token"], scripted_engine)


async def test_a_button_of_another_conversation_is_not_valid(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    marias, toms = [(await site.start_session()) for _ in range(2)]
    response = await site.send(toms["token"], choice=marias["messages"][0]["choices"][0]["token"])
    assert (response.status_code, response.json()["error"]["code"]) == (400, "choice_not_valid")
    await assert_nothing_was_kept(site, toms["token"], scripted_engine)


async def test_several_replies_come_back_in_order(site: Site, scripted_engine: ScriptedEngine) -> None:
    scripted_engine.replies = [reply(text="First."), reply(text="What is your name?", ask="name")]
    token = (await site.start_session())["token"]
    messages = (await site.send(token, "I want a consultation")).json()["messages"]
    assert [message["text"] for message in messages] == ["First.", "What is your name?"]
    assert [message["ask"] for message in messages] == [None, "name"]


async def assert_nothing_was_kept(site: Site, token: str, engine: ScriptedEngine) -> None:
    listed = (await site.client.get("/api/v1/messages?after=1", headers=bearer(token))).json()
    assert listed == {"messages": []}
    assert engine.turns == []


async def test_a_private_number_is_neither_kept_nor_forwarded_and_the_visitor_is_told(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    token = (await site.start_session())["token"]
    answers = (await site.send(token, "my social is 123-45-6789, call 405-555-0134")).json()["messages"]
    assert scripted_engine.turns[0]["text"] == "my social is •••, call 405-555-0134"
    assert len(answers) == 2
    assert "social security" in answers[-1]["text"]
    assert answers[-1]["kind"] == "notice"
    kept = (await site.client.get("/api/v1/messages", headers=bearer(token))).json()["messages"]
    assert "123-45-6789" not in str(kept)
