"""The canary questions: asked of new engines before any visitor is sent to them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML

from clinic.keys import resolve_engine_secret
from clinic.settings import Settings

CANARIES = Path(__file__).with_name("canaries.yml")
COMPARED = ("decision", "intent", "urgent")
TURN_SECONDS = 10.0


class CanaryWrong(Exception):
    """A new engine understood a canary question wrongly or did not answer; the message says which."""


def ask_canaries(settings: Settings, addresses: list[str], canaries: Path = CANARIES) -> int:
    """Ask every engine every canary question; returns how many were asked. Raises CanaryWrong."""
    asked: list[dict[str, str]] = YAML(typ="safe").load(canaries.read_text("utf-8"))
    secret = {"Authorization": f"Bearer {resolve_engine_secret(settings)}"}
    for address in addresses:
        with httpx.Client(
            base_url=f"{address}/webhooks/gateway", headers=secret, timeout=TURN_SECONDS, trust_env=False
        ) as engine:
            for canary in asked:
                _ask(engine, canary)
    return len(asked) * len(addresses)


def _ask(engine: httpx.Client, canary: dict[str, str]) -> None:
    conversation = f"canary-{uuid.uuid4().hex}"
    body = {"conversation": conversation, "message_id": "1", "text": canary["say"]}
    try:
        response = engine.post("/turns", json=body)
        engine.delete(f"/conversations/{conversation}")
    except httpx.HTTPError as error:
        raise CanaryWrong(f'"{canary["say"]}" got no answer ({type(error).__name__})') from error
    if response.status_code != 200:
        raise CanaryWrong(f'"{canary["say"]}" got status {response.status_code}')
    _compare(response.json().get("understood") or {}, canary)


def _compare(understood: dict[str, Any], canary: dict[str, str]) -> None:
    wrong = {
        name: understood.get(name)
        for name in COMPARED
        if name in canary and understood.get(name) != canary[name]
    }
    if wrong:
        expected = ", ".join(f"{name} {canary[name]}" for name in wrong)
        found = ", ".join(f"{name} {value}" for name, value in wrong.items())
        raise CanaryWrong(f'"{canary["say"]}" should be {expected} and is {found}')
