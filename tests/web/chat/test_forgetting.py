"""The engine forgets too, also when it is down at first."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.web.scripted_engine import ScriptedEngine
from web.chat.engine import EngineClient
from web.chat.forgetting import Forgetting


async def test_an_engine_that_is_down_is_asked_again(scripted_engine: ScriptedEngine) -> None:
    await scripted_engine.refuse()
    engine = EngineClient(f"http://127.0.0.1:{scripted_engine.port}", scripted_engine.secret)
    forgetting = Forgetting(engine, retry_seconds=0.05)
    forgetting.start("conversation-1")
    await asyncio.sleep(0)
    await scripted_engine.start()
    async with asyncio.timeout(5):
        while scripted_engine.forgotten != ["conversation-1"]:
            await asyncio.sleep(0.01)
    await forgetting.stop()
    await engine.close()


async def test_what_is_open_at_the_end_is_logged(
    scripted_engine: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await scripted_engine.refuse()
    engine = EngineClient(f"http://127.0.0.1:{scripted_engine.port}", scripted_engine.secret)
    forgetting = Forgetting(engine)
    forgetting.start("conversation-1")
    with caplog.at_level(logging.ERROR):
        await forgetting.stop()
    assert "1 conversations are deleted here but not yet in the engine" in caplog.text
    await engine.close()
