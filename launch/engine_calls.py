"""What this machine's engines are asked about releases: which one is loaded, and to load another."""

from __future__ import annotations

import httpx

from clinic.keys import resolve_engine_secret
from clinic.settings import Settings

ASK_SECONDS = 3.0
LOAD_SECONDS = 90.0


def loaded_release(settings: Settings, address: str) -> str:
    """Return the release that the engine at `address` has loaded; empty when it does not say."""
    try:
        with _client(settings, address, ASK_SECONDS) as engine:
            return str(engine.get("/release").raise_for_status().json()["release"])
    except (httpx.HTTPError, ValueError, KeyError):
        return ""


def load_release(settings: Settings, address: str, release: str) -> bool:
    """Have the running engine at `address` load `release` in place; returns whether it has."""
    try:
        with _client(settings, address, LOAD_SECONDS) as engine:
            return engine.put("/release", json={"release": release}).status_code == 200
    except httpx.HTTPError:
        return False


def _client(settings: Settings, address: str, seconds: float) -> httpx.Client:
    secret = {"Authorization": f"Bearer {resolve_engine_secret(settings)}"}
    base = f"{address}/webhooks/gateway"
    return httpx.Client(base_url=base, headers=secret, timeout=seconds, trust_env=False)
