"""Several web processes count and lock together through Redis, and each alone when Redis is gone."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.settings import Settings
from tests.scale.services import Service
from tests.scale.services import redis as redis_service
from tests.web.test_limits import FakeRequest
from web.errors import Refusal
from web.limits import Limits
from web.shared_state import ConversationLocks

TURN_SECONDS = 2.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Service]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    service = redis_service(tmp_path)
    service.start()
    yield service
    service.signal(signal.SIGCONT)
    service.stop()


@pytest.fixture
def settings(redis: Service) -> Settings:
    return Settings(redis_url=f"redis://127.0.0.1:{redis.port}/0", session_limit="3/hour")


def count_until_refused(*limits: Limits) -> int:
    for number in range(20):
        try:
            limits[number % len(limits)].check(FakeRequest("192.0.2.1"), "session")
        except Refusal:
            return number
    return 20


def test_a_limit_holds_over_two_processes(settings: Settings) -> None:
    assert count_until_refused(Limits(settings), Limits(settings)) == 3


def test_without_redis_everything_goes_on(settings: Settings, redis: Service) -> None:
    limits = Limits(settings)
    redis.crash()
    assert count_until_refused(limits) == 3


def test_a_redis_that_hangs_costs_half_a_second_once(settings: Settings, redis: Service) -> None:
    limits = Limits(settings)
    redis.signal(signal.SIGSTOP)
    started = time.monotonic()
    assert count_until_refused(limits) == 3
    assert time.monotonic() - started < 2


async def hold(locks: ConversationLocks, order: list[str], name: str, seconds: float) -> None:
    async with locks.hold("maria"):
        order.append(f"{name} begins")
        await asyncio.sleep(seconds)
        order.append(f"{name} ends")


async def test_two_processes_take_one_turn_at_a_time(settings: Settings) -> None:
    first, second = (ConversationLocks(settings.redis_url, TURN_SECONDS) for _ in range(2))
    order: list[str] = []
    holding = asyncio.create_task(hold(first, order, "first", 0.2))
    while not order:
        await asyncio.sleep(0.01)
    await hold(second, order, "second", 0)
    await holding
    assert order == ["first begins", "first ends", "second begins", "second ends"]
    await asyncio.gather(first.close(), second.close())


async def test_a_lock_of_a_dead_process_ends_by_itself(settings: Settings) -> None:
    dead, living = (ConversationLocks(settings.redis_url, turn_seconds=0.2) for _ in range(2))
    assert await dead._acquire("maria") is not None
    async with asyncio.timeout(5):
        await hold(living, [], "living", 0)
    await asyncio.gather(dead.close(), living.close())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_without_redis_turns_go_on(settings: Settings, redis: Service, number: signal.Signals) -> None:
    locks = ConversationLocks(settings.redis_url, TURN_SECONDS)
    assert redis.process is not None
    os.killpg(redis.process.pid, number)
    async with asyncio.timeout(3):
        for _ in range(5):  # only the first one waits for Redis
            await hold(locks, [], "maria", 0)
    await locks.close()
