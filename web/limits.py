"""Rate limits per network address and conversation: counted in this process, or in Redis for several."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from sanic import Request

from clinic.settings import Settings
from web.errors import Refusal
from web.shared_state import ANSWER_SECONDS, Pause


class Limits:
    """Counts what each network address did and refuses what goes over the settings' limits."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits ("20/minute"), where they are counted, and whether a proxy tells the address."""
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._everywhere = _shared_limiter(settings.redis_url)
        self._pause = Pause()
        self._trust_proxy = settings.trust_proxy_headers
        self._items: dict[str, list[RateLimitItem]] = {
            "message": [parse(settings.message_limit), parse(settings.message_hour_limit)],
            "conversation": [parse(settings.conversation_limit)],
            "session": [parse(settings.session_limit)],
            "contact": [parse(settings.contact_limit)],
            "sign_in": [parse(settings.sign_in_limit)],
        }

    def check(self, request: Request, action: str) -> None:
        """Count one `action` (message, session, contact, sign_in) of the request's address.

        Without Redis each process counts for itself. Raises Refusal too_many_requests with the seconds to
        wait; a refused action is not counted.
        """
        self._check(action, client_address(request, self._trust_proxy))

    def check_conversation(self, conversation_id: str) -> None:
        """Count one message of a conversation, whatever address it comes from. Raises Refusal as above."""
        self._check("conversation", conversation_id)

    def _check(self, action: str, whose: str) -> None:
        if self._everywhere is not None and not self._pause.is_on:
            try:
                return self._count(self._everywhere, action, whose)
            except RedisError as error:
                self._pause.start(error)
        self._count(self._here, action, whose)

    def _count(self, limiter: MovingWindowRateLimiter, action: str, whose: str) -> None:
        items = self._items[action]
        full = [item for item in items if not limiter.test(item, action, whose)]
        if full:
            resets = [limiter.get_window_stats(item, action, whose).reset_time for item in full]
            raise Refusal("too_many_requests", retry_after=max(1, math.ceil(max(resets) - time.time())))
        for item in items:
            limiter.hit(item, action, whose)


def _shared_limiter(redis_url: str) -> MovingWindowRateLimiter | None:
    if not redis_url:
        return None
    storage = RedisStorage(redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    return MovingWindowRateLimiter(storage)


def client_address(request: Request, trust_proxy: bool) -> str:
    """Return the address a limit counts: the proxy's word only when trusted, an IPv6 network as its /64.

    One IPv6 customer owns a whole /64, so counting single addresses would limit nobody.
    """
    address = (request.remote_addr if trust_proxy else "") or request.ip
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
