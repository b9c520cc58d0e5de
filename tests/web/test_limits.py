"""Each limit lets N through and refuses N + 1, says how long to wait, and counts one visitor only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
import time_machine
from sanic.request import Request

from clinic.settings import Settings
from tests.web.conftest import Site, bearer
from web.errors import Refusal
from web.limits import Limits, client_address


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Small limits, or those of the test's parameter alone."""
    changes = {"message_limit": "3/minute", "session_limit": "3/hour", "contact_limit": "3/hour"}
    own = getattr(request, "param", None)
    return settings.model_copy(update=own | {"trust_proxy_headers": True} if own else changes)


def assert_is_refused(response: httpx.Response, longest: int) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (429, "too_many_requests")
    assert 1 <= error["retry_after"] <= longest
    assert response.headers["Retry-After"] == str(error["retry_after"])


async def count_until_refused(send: Callable[[], Awaitable[httpx.Response]]) -> tuple[int, httpx.Response]:
    for number in range(10):
        response = await send()
        if response.status_code == 429:
            return number, response
    raise AssertionError("never refused")


async def test_the_fourth_session_within_the_hour_is_refused(site: Site) -> None:
    sent, refused = await count_until_refused(lambda: site.client.post("/api/v1/sessions", json={}))
    assert sent == 3
    assert_is_refused(refused, 3600)


async def test_the_fourth_message_within_the_minute_is_refused_and_not_kept(site: Site) -> None:
    token = (await site.start_session())["token"]
    sent, refused = await count_until_refused(lambda: site.send(token, "Hello"))
    assert sent == 3
    assert_is_refused(refused, 60)
    listed = await site.client.get("/api/v1/messages?after=1", headers=bearer(token))
    assert len(listed.json()["messages"]) == 6


@pytest.mark.parametrize("settings", [{"conversation_limit": "4/hour"}], indirect=True)
async def test_the_fifth_message_of_one_conversation_is_refused_from_any_address(site: Site) -> None:
    """Another conversation from the same address goes on."""
    mine, others = [(await site.start_session())["token"] for _ in range(2)]
    sent, refused = await count_until_refused(lambda: site.send(mine, "Hello"))
    assert sent == 4
    assert_is_refused(refused, 3600)
    site.client.headers["X-Forwarded-For"] = "192.0.2.77"
    assert_is_refused(await site.send(mine, "Hello"), 3600)
    assert (await site.send(others, "Hello")).status_code == 200


async def test_one_kind_of_request_does_not_use_up_another(site: Site) -> None:
    token = (await site.start_session())["token"]
    await count_until_refused(lambda: site.send(token, "Hello"))
    assert (await site.client.post("/api/v1/sessions", json={})).status_code == 201


class FakeRequest(Request):
    """A request from an address, optionally through a proxy."""

    def __init__(self, ip: str, forwarded: str = "") -> None:
        self._ip = ip
        self._remote_addr = forwarded

    @property
    def ip(self) -> str:
        return self._ip

    @property
    def remote_addr(self) -> str:
        return self._remote_addr


def test_a_limit_is_free_again_after_its_window(settings: Settings) -> None:
    limits, maria = Limits(settings), FakeRequest("192.0.2.1")
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(3):
            limits.check(maria, "message")
            clock.shift(10)
        with pytest.raises(Refusal) as refused:
            limits.check(maria, "message")
        assert refused.value.retry_after == 30
        clock.shift(30)
        limits.check(maria, "message")


def test_the_hour_limit_counts_beside_the_minute_limit(settings: Settings) -> None:
    settings = settings.model_copy(update={"message_hour_limit": "4/hour"})
    limits, maria = Limits(settings), FakeRequest("192.0.2.1")
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(4):
            limits.check(maria, "message")
            clock.shift(60)
        with pytest.raises(Refusal) as refused:
            limits.check(maria, "message")
    assert refused.value.retry_after == 3600 - 240


def test_another_visitor_is_not_refused(settings: Settings) -> None:
    limits = Limits(settings)
    for _ in range(3):
        limits.check(FakeRequest("192.0.2.1"), "session")
    limits.check(FakeRequest("192.0.2.2"), "session")


def test_a_proxy_is_believed_only_when_it_is_trusted() -> None:
    request = FakeRequest("192.0.2.1", forwarded="198.51.100.7")
    assert client_address(request, trust_proxy=False) == "192.0.2.1"
    assert client_address(request, trust_proxy=True) == "198.51.100.7"


def test_one_ipv6_network_is_one_visitor() -> None:
    first, second, other = ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")
    addresses = [client_address(FakeRequest(ip), trust_proxy=False) for ip in (first, second, other)]
    assert addresses[0] == addresses[1] != addresses[2]


async def test_a_spoofed_forwarding_header_does_not_help(site: Site) -> None:
    numbers = iter(range(100))

    async def send() -> httpx.Response:
        headers = {"X-Forwarded-For": f"198.51.100.{next(numbers)}"}
        return await site.client.post("/api/v1/sessions", json={}, headers=headers)

    sent, _ = await count_until_refused(send)
    assert sent == 3


class TestBehindAProxy:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"trust_proxy_headers": True})

    async def test_visitors_are_told_apart_by_the_proxys_last_word_only(self, site: Site) -> None:
        numbers = iter(range(100))

        async def send() -> httpx.Response:
            spoofed = f"10.0.0.{next(numbers)}, 198.51.100.7"
            return await site.client.post("/api/v1/sessions", json={}, headers={"X-Forwarded-For": spoofed})

        sent, _ = await count_until_refused(send)
        assert sent == 3
        other = {"X-Forwarded-For": "198.51.100.8"}
        assert (await site.client.post("/api/v1/sessions", json={}, headers=other)).status_code == 201


DEFAULTS = {"message": 20, "conversation": 60, "session": 30, "contact": 10, "sign_in": 10}


def test_every_kind_of_request_has_its_limit() -> None:
    assert set(Limits(Settings())._items) == set(DEFAULTS)


@pytest.mark.parametrize("action", DEFAULTS)
def test_as_delivered_each_kind_is_let_through_n_times_and_refused_once_more(action: str) -> None:
    limits, maria = Limits(Settings(_env_file=None)), FakeRequest("192.0.2.1")  # type: ignore[call-arg]
    with time_machine.travel(1_800_000_000, tick=False):
        for _ in range(DEFAULTS[action]):
            limits.check(maria, action)
        with pytest.raises(Refusal):
            limits.check(maria, action)
