"""The machine's clock jumps, as after a wrong time server: visitors notice nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from clinic.clock import utc_now
from tests.web.conftest import Site, bearer


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)], ids=["forward", "back"])
async def test_a_message_after_a_jump_of_the_clock_is_answered_and_in_order(
    site: Site, jump: timedelta
) -> None:
    token = (await site.start_session())["token"]
    await site.send(token, "first")
    with time_machine.travel(utc_now() + jump, tick=True):
        response = await site.send(token, "second")
        assert response.json()["limited"] is False
        history = await site.client.get("/api/v1/messages?after=0", headers=bearer(token))
    said = [message["text"] for message in history.json()["messages"] if message["author"] == "visitor"]
    assert said == ["first", "second"]
