"""Rate limits per visitor's network address, kept in this process's memory."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sanic import Request

from clinic.settings import Settings
from web.errors import Refusal


class Limits:
    """Counts what each network address did and refuses what goes over the settings' limits."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits ("20/minute") and whether a proxy tells the real address."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._trust_proxy = settings.trust_proxy_headers
        self._items: dict[str, list[RateLimitItem]] = {
            "message": [parse(settings.message_limit), parse(settings.message_hour_limit)],
            "session": [parse(settings.session_limit)],
            "contact": [parse(settings.contact_limit)],
            "sign_in": [parse(settings.sign_in_limit)],
        }

    def check(self, request: Request, action: str) -> None:
        """Count one `action` (message, session, contact, sign_in) of the request's address.

        Raises Refusal too_many_requests with the seconds to wait; a refused action is not counted.
        """
        address = client_address(request, self._trust_proxy)
        items = self._items[action]
        full = [item for item in items if not self._limiter.test(item, action, address)]
        if full:
            raise Refusal("too_many_requests", retry_after=self._wait(full, action, address))
        for item in items:
            self._limiter.hit(item, action, address)

    def _wait(self, items: list[RateLimitItem], action: str, address: str) -> int:
        resets = [self._limiter.get_window_stats(item, action, address).reset_time for item in items]
        return max(1, math.ceil(max(resets) - time.time()))


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
