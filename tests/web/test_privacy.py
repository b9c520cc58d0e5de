"""No personal data in logs and addresses: not in a conversation, not from the contact page, not in errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest

from tests.web.conftest import Site
from tests.web.contact.conftest import fill_form
from tests.web.scripted_engine import ScriptedEngine

PERSONAL = ("Maria", "Lopez", "405-555-0134", "4055550134", "maria@example.org", "sciatica")


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All loggers at their most talkative, those of the libraries included."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def test_a_conversation_and_a_request_leave_nothing_personal_in_logs_and_addresses(
    site: Site, scripted_engine: ScriptedEngine, everything_logged: pytest.LogCaptureFixture
) -> None:
    addresses: list[str] = []

    async def note_address(request: httpx.Request) -> None:
        addresses.append(str(request.url))

    site.client.event_hooks = {"request": [note_address]}
    token = (await site.start_session())["token"]
    for behaviour in ("answers", "empty", "not_json", "wrong_shape", "error_500"):
        scripted_engine.behaviour = behaviour
        await site.send(token, "I am Maria Lopez, 405-555-0134, maria@example.org. I have sciatica.")
    await site.send(token, "Maria Lopez " * 60)
    await site.send(token, "Maria Lopez", client_message_id="Maria Lopez")
    headers = {"Authorization": "Bearer Maria"}
    await site.client.post("/api/v1/messages", content='{"text": "Maria', headers=headers)
    response = await fill_form(site, name="Maria Lopez", phone="405-555-0134", email="maria@example.org")
    assert response.status_code == 200
    await fill_form(site, name="Maria Lopez", phone="405-555-0134", consent="")
    logged = everything_logged.text + repr([record.__dict__ for record in everything_logged.records])
    for word in PERSONAL:
        assert word not in logged, word
        assert not any(word in address for address in addresses)
    assert token not in logged
    assert "engine gave no answer" in logged


async def test_a_planted_leak_is_seen(everything_logged: pytest.LogCaptureFixture) -> None:
    logging.getLogger("clinic.web").info("answering %s", "Maria")
    assert "Maria" in everything_logged.text
