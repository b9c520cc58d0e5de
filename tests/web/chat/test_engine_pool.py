"""Several engines: a conversation keeps to one, another steps in, and a broken one is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clinic.engine_ids import LINES_PER_ID, engine_id_at, first_engine_id
from clinic.settings import Settings
from tests.web.scripted_engine import ScriptedEngine
from web.chat.breaker import Breaker
from web.chat.engine import EngineUnavailable
from web.chat.engine_addresses import address_reader
from web.chat.engine_pool import EnginePool

SECRET = "engine-secret"


@pytest.fixture
async def engines() -> AsyncIterator[list[ScriptedEngine]]:
    engines = [ScriptedEngine(secret=SECRET) for _ in range(3)]
    for engine in engines:
        await engine.start()
    yield engines
    for engine in engines:
        await engine.stop()


@pytest.fixture
async def pool(engines: list[ScriptedEngine]) -> AsyncIterator[EnginePool]:
    pool = EnginePool([address(engine) for engine in engines], SECRET)
    yield pool
    await pool.close()


def address(engine: ScriptedEngine) -> str:
    return f"http://127.0.0.1:{engine.port}"


async def ask(pool: EnginePool, conversation: str) -> None:
    await pool.take_turn(conversation, "message", "does it hurt")


def engine_of(engines: list[ScriptedEngine], conversation: str) -> ScriptedEngine:
    """The one engine that has heard of the conversation."""
    (found,) = [
        engine for engine in engines if any(turn["conversation"] == conversation for turn in engine.turns)
    ]
    return found


async def test_a_conversation_keeps_to_its_engine_also_under_a_later_id(
    pool: EnginePool, engines: list[ScriptedEngine]
) -> None:
    for conversation in ("maria", "maria", "maria.1"):
        await ask(pool, conversation)
    assert engine_of(engines, "maria") is engine_of(engines, "maria.1")


async def test_conversations_are_spread_over_the_engines(
    pool: EnginePool, engines: list[ScriptedEngine]
) -> None:
    for number in range(60):
        await ask(pool, f"visitor-{number}")
    assert all(len(engine.turns) >= 10 for engine in engines)


async def test_another_engine_steps_in_and_the_others_conversations_stay_where_they_are(
    pool: EnginePool, engines: list[ScriptedEngine]
) -> None:
    names = [f"visitor-{number}" for number in range(12)]
    for name in names:
        await ask(pool, name)
    before = {name: engine_of(engines, name) for name in names}
    dead = before[names[0]]
    await dead.refuse()
    for engine in engines:
        engine.turns.clear()
    for name in names:
        await ask(pool, name)
    for name in names:
        assert before[name] is dead or engine_of(engines, name) is before[name]


async def test_a_hung_engine_costs_a_part_of_the_time_and_the_turn_succeeds(
    pool: EnginePool, engines: list[ScriptedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.chat.engine_pool.FIRST_ENGINE_SECONDS", 0.1)
    await ask(pool, "maria")
    engine_of(engines, "maria").behaviour = "hang"
    async with asyncio.timeout(2):
        await ask(pool, "maria")


async def test_a_failed_turn_is_not_tried_elsewhere(pool: EnginePool, engines: list[ScriptedEngine]) -> None:
    """The engine works and could not handle this message: another one could not either."""
    for engine in engines:
        engine.behaviour = "error_500"
    with pytest.raises(EngineUnavailable):
        await ask(pool, "maria")
    assert sum(len(engine.turns) for engine in engines) == 1


async def test_after_five_failures_an_engine_is_left_alone_until_it_is_well(
    engines: list[ScriptedEngine],
) -> None:
    engine = engines[0]
    pool = EnginePool([address(engine)], SECRET)
    engine.behaviour = "not_json"
    for _ in range(7):
        with pytest.raises(EngineUnavailable):
            await ask(pool, "maria")
    assert len(engine.turns) == 5
    engine.behaviour = "answers"
    with pytest.raises(EngineUnavailable, match="no engine takes turns"):
        await ask(pool, "maria")
    pool.watch()
    async with asyncio.timeout(5):
        while not pool.states()[0].takes_turns:
            await asyncio.sleep(0.01)
    await ask(pool, "maria")
    await pool.close()


async def test_failures_that_are_about_one_message_do_not_open_the_circuit(
    engines: list[ScriptedEngine],
) -> None:
    pool = EnginePool([address(engines[0])], SECRET)
    engines[0].behaviour = "error_500"
    for _ in range(8):
        with pytest.raises(EngineUnavailable):
            await ask(pool, "maria")
    assert pool.states()[0].takes_turns
    await pool.close()


async def test_a_new_release_takes_over_without_a_failed_turn(engines: list[ScriptedEngine]) -> None:
    old, new, _ = engines
    pool = EnginePool([address(old)], SECRET)
    old.behaviour, old.slow_seconds = "slow", 0.2
    under_way = [asyncio.create_task(ask(pool, f"visitor-{number}")) for number in range(5)]
    async with asyncio.timeout(2):
        while old.under_way < 5:
            await asyncio.sleep(0.005)
    await pool.use([address(new)])
    await ask(pool, "maria")
    await asyncio.gather(*under_way)  # raises when one of them failed
    assert (len(old.turns), len(new.turns)) == (5, 1)
    await pool.close()


async def test_a_release_is_named_in_a_file(engines: list[ScriptedEngine], tmp_path: Path) -> None:
    old, new, _ = engines
    settings = Settings(var_directory=tmp_path, engine_port=old.port)
    read = address_reader(settings)
    pool = EnginePool(read(), SECRET, read)
    pool.watch()
    await ask(pool, "maria")
    settings.engines_file.write_text(f"{address(new)}\n")
    async with asyncio.timeout(5):
        while pool.states()[0].address != address(new):
            await asyncio.sleep(0.01)
    await ask(pool, "maria")
    assert (len(old.turns), len(new.turns)) == (1, 1)
    await pool.close()


async def test_forgetting_reaches_an_engine_also_when_one_is_dead(
    pool: EnginePool, engines: list[ScriptedEngine]
) -> None:
    await engines[0].refuse()
    await engines[1].refuse()
    await pool.forget("maria")
    assert engines[2].forgotten == ["maria"]


def test_a_success_in_between_keeps_the_circuit_closed() -> None:
    breaker = Breaker(failures=2)
    breaker.record_failure()
    breaker.record_success()
    breaker.record_failure()
    assert not breaker.is_open
    breaker.record_failure()
    assert breaker.is_open


@pytest.mark.parametrize(
    ("position", "engine_id"),
    [(1, "abc"), (LINES_PER_ID - 1, "abc"), (LINES_PER_ID, "abc.1"), (3 * LINES_PER_ID + 5, "abc.3")],
)
def test_the_engines_id_of_a_line(position: int, engine_id: str) -> None:
    assert engine_id_at("abc", position) == engine_id
    assert first_engine_id(engine_id) == "abc"
