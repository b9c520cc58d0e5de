"""The turnstile keeps the order and the numbers it promises, also when somebody gives up waiting."""

from __future__ import annotations

import asyncio
import gc

import pytest

from web.chat.turnstile import TooManyTurns, Turnstile


class Turn:
    """One turn in a lane that goes on until it is told to end."""

    def __init__(self, turnstile: Turnstile, conversation: str) -> None:
        self.is_on = False
        self.end = asyncio.Event()
        self.task = asyncio.create_task(self._run(turnstile, conversation))

    async def _run(self, turnstile: Turnstile, conversation: str) -> None:
        async with turnstile.pass_through(turnstile.lane(conversation)):
            self.is_on = True
            await self.end.wait()
        self.is_on = False


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def start_turns(turnstile: Turnstile, conversations: list[str]) -> list[Turn]:
    turns = [Turn(turnstile, conversation) for conversation in conversations]
    await settle()
    return turns


async def end_turns(turns: list[Turn]) -> None:
    for turn in turns:
        turn.end.set()
    await asyncio.gather(*(turn.task for turn in turns), return_exceptions=True)


async def test_sixteen_go_on_sixty_four_wait_and_the_next_is_refused() -> None:
    turnstile = Turnstile()
    turns = await start_turns(turnstile, [f"conversation-{number}" for number in range(80)])
    assert sum(turn.is_on for turn in turns) == 16
    with pytest.raises(TooManyTurns):
        async with turnstile.pass_through(turnstile.lane("one more")):
            pass
    turns[0].end.set()
    await settle()
    assert sum(turn.is_on for turn in turns) == 16
    (one_more,) = await start_turns(turnstile, ["one more"])
    assert not one_more.task.done()
    await end_turns([*turns, one_more])


async def test_one_conversation_has_one_turn_at_a_time_and_does_not_use_up_the_slots() -> None:
    turnstile = Turnstile(at_once=2, waiting=10)
    marias = await start_turns(turnstile, ["maria"] * 5)
    (toms,) = await start_turns(turnstile, ["tom"])
    assert [turn.is_on for turn in marias] == [True, False, False, False, False]
    assert toms.is_on
    await end_turns([*marias, toms])


async def test_giving_up_makes_room() -> None:
    turnstile = Turnstile(at_once=1, waiting=1)
    first, second = await start_turns(turnstile, ["maria", "tom"])
    second.task.cancel()
    await settle()
    (third,) = await start_turns(turnstile, ["nora"])
    first.end.set()
    await settle()
    assert third.is_on
    await end_turns([first, second, third])


async def test_lanes_that_nobody_uses_are_let_go() -> None:
    turnstile = Turnstile()
    await end_turns(await start_turns(turnstile, [f"conversation-{number}" for number in range(50)]))
    gc.collect()
    assert len(turnstile._lanes) == 0


async def test_a_turn_that_has_waited_long_closes_the_door() -> None:
    turnstile = Turnstile(at_once=1, waiting=100, longest_wait=0.05)
    turns = await start_turns(turnstile, ["first", "second"])
    (third,) = await start_turns(turnstile, ["third"])
    assert not third.task.done()  # the second has only just begun to wait
    await asyncio.sleep(0.06)
    with pytest.raises(TooManyTurns):
        async with turnstile.pass_through(turnstile.lane("fourth")):
            pass
    turns[0].end.set()
    turns[1].end.set()
    third.end.set()
    await asyncio.gather(*(turn.task for turn in (*turns, third)))
    async with turnstile.pass_through(turnstile.lane("fifth")):
        assert turnstile.under_way == 1
    assert (turnstile.waiting, turnstile.under_way) == (0, 0)


async def test_waiting_for_ones_own_conversation_does_not_close_the_door_for_others() -> None:
    turnstile = Turnstile(at_once=4, waiting=100, longest_wait=0.05)
    turns = await start_turns(turnstile, ["maria", "maria"])
    await asyncio.sleep(0.06)
    async with turnstile.pass_through(turnstile.lane("tom")):
        assert turnstile.under_way == 2
    await end_turns(turns)
