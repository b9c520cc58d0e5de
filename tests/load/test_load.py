"""The load generator measures what it says: planted slowness and failures show up in its figures."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.load.bench import limit
from tests.load.visitors import Sample, closed_loop, open_loop, percentile, read_wordings


async def test_an_open_loop_counts_the_waiting_that_a_closed_one_hides() -> None:
    """A server that takes 20 ms at a time, asked 100 times a second: the queue must be seen."""
    lock = asyncio.Lock()

    async def ask(due: float) -> Sample:
        async with lock:
            await asyncio.sleep(0.02)
        return Sample(due, time.monotonic() - due, "answered")

    opened = await open_loop(ask, rate=100, seconds=1)
    closed = await closed_loop(ask, clients=1, seconds=1)
    longest = percentile([sample.seconds for sample in opened], 0.95)
    assert longest > 5 * percentile([sample.seconds for sample in closed], 0.95)


async def test_arrivals_keep_to_the_rate() -> None:
    async def ask(due: float) -> Sample:
        return Sample(due, 0.0, "answered")

    assert 60 < len(await open_loop(ask, rate=100, seconds=1)) < 140


def test_wordings_come_from_the_content() -> None:
    wordings = read_wordings()
    assert len(wordings) > 500
    assert not any(mark in wording for wording in wordings for mark in "[]{}")


def test_percentiles() -> None:
    assert percentile([float(value) for value in range(1, 101)], 0.95) == 96
    assert percentile([3.0], 0.99) == 3


@pytest.mark.parametrize(("value", "is_met"), [(299, True), (300, True), (301, False), (float("nan"), None)])
def test_a_bar_is_met_or_not(value: float, is_met: bool | None) -> None:
    assert limit("p95", value, 300, "ms").is_met is is_met
