"""A stand-in for Rasa that starts in a second: it speaks the engine's contract and calls the real actions.

What it does next is read from the file `engine-behaviour` in the var folder, so that a test can make every
engine process slow, silent or garbled at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from clinic.settings import Settings
from content.releases import Releases
from launch.groups import group_of
from tests.web.scripted_engine import UNDERSTOOD, ScriptedEngine, reply

REQUEST = re.compile(r"please call (?P<name>.+) at (?P<phone>[\d-]+)")


class ScriptedEngineProcess(ScriptedEngine):
    """Answers questions, and submits a request through the action server as Rasa does."""

    release = ""

    async def _decide(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        self.behaviour = read_behaviour()
        if path == "/webhooks/gateway/health/deep":
            return 200, "{}"
        if path == "/webhooks/gateway/release":
            self.release = json.loads(body)["release"] if method == "PUT" else self.release
            return 200, json.dumps({"release": self.release})
        self.turns.clear()
        self.forgotten.clear()
        asked = json.loads(body) if body else {}
        request = REQUEST.fullmatch(str(asked.get("text", "")))
        if request and self.behaviour == "answers":
            return await self._submit(asked["conversation"], request["name"], request["phone"])
        return await super()._decide(method, path, body)

    async def _submit(self, conversation: str, name: str, phone: str) -> tuple[int, str]:
        call = {
            "next_action": "action_submit_consultation",
            "sender_id": conversation,
            "tracker": make_tracker(conversation, name, phone),
            "domain": {},
        }
        headers = {"Authorization": f"Bearer {self.secret}"}
        try:
            async with httpx.AsyncClient(headers=headers, timeout=3.0, trust_env=False) as client:
                response = await client.post(os.environ["OPTC_ACTIONS_WEBHOOK"], json=call)
            response.raise_for_status()
        except httpx.HTTPError:
            return 502, json.dumps({"error": {"code": "empty_reply", "message": ""}})
        replies = [_reply(said) for said in response.json()["responses"]]
        return 200, json.dumps({"replies": replies, "understood": {**UNDERSTOOD, "decision": "dialogue"}})


def make_tracker(conversation: str, name: str, phone: str) -> dict[str, Any]:
    """The tracker that Rasa would send: one request key for a conversation, whenever it is asked again."""
    slots = {
        "lead_name": name,
        "lead_phone": f"+1{phone.replace('-', '')}",
        "lead_email": None,
        "lead_time": "mornings",
        "lead_topic": "back_pain",
        "lead_consented_at": datetime.now(UTC).isoformat(),
        "lead_request_key": f"request-{conversation}",
        "lead_reference": None,
    }
    return {"sender_id": conversation, "slots": slots, "latest_message": {}, "events": [], "active_loop": {}}


def _reply(said: dict[str, Any]) -> dict[str, Any]:
    reference = (said.get("custom") or {}).get("lead_reference")
    kind = "saved" if reference else "notice"
    return reply(kind=kind, text=said["response"], lead_reference=reference, choices=[], sources=[])


def read_behaviour() -> str:
    """What a test wants the engines to do."""
    path = Path(os.environ["OPTC_VAR_DIRECTORY"]) / "engine-behaviour"
    return path.read_text() if path.exists() else "answers"


async def main() -> None:
    engine = ScriptedEngineProcess(secret=os.environ["OPTC_ENGINE_SECRET"], slow_seconds=2.5)
    engine.port = int(sys.argv[sys.argv.index("--port") + 1])
    settings = Settings()
    state = Releases(settings.releases_directory).state()
    engine.release = state.groups.get(group_of(settings, engine.port), "")
    await engine.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
