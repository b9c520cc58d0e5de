"""A database that hangs, neither answering nor failing, does not make visitors wait."""

from __future__ import annotations

import threading
import time

import pytest

from clinic.storage.database import StorageUnavailable
from tests.web.conftest import Site
from tests.web.scripted_engine import ScriptedEngine
from web.storage_calls import call_storage

LIMIT_SECONDS = 0.2
HANG_SECONDS = 1.5  # long against the limit; its thread has to end before the event loop can


def hang(*_: object) -> None:
    threading.Event().wait(HANG_SECONDS)


async def test_a_call_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.storage_calls.STORAGE_SECONDS", LIMIT_SECONDS)
    started = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await call_storage(hang)
    assert time.monotonic() - started < HANG_SECONDS


async def test_a_call_that_works_gives_its_result() -> None:
    assert await call_storage(lambda first, second: first + second, 1, second=2) == 3


@pytest.mark.parametrize("method", ["find_by_token", "accept_message", "record_replies"])
async def test_a_database_that_hangs_is_told_in_time(
    site: Site,
    scripted_engine: ScriptedEngine,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    token = (await site.start_session())["token"]
    monkeypatch.setattr("web.storage_calls.STORAGE_SECONDS", LIMIT_SECONDS)
    monkeypatch.setattr(site.app.ctx.conversations, method, hang)
    started = time.monotonic()
    response = await site.send(token, "Hello")
    assert time.monotonic() - started < HANG_SECONDS
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (503, "storage_unavailable")
    assert "911" in error["message"]


async def test_a_turn_that_does_not_end_is_told_in_time(
    site: Site, scripted_engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.chat.routes.TURN_SECONDS", 0.2)
    token = (await site.start_session())["token"]
    scripted_engine.behaviour, scripted_engine.slow_seconds = "slow", 1.0
    response = await site.send(token, "Hello", client_message_id="message-1")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "storage_unavailable")
    monkeypatch.undo()
    again = await site.send(token, "Hello", client_message_id="message-1")
    assert again.json()["limited"] is False
    assert len(scripted_engine.turns) == 1
