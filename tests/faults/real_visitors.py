"""Visitors who make their request step by step, as people do with the real engine."""

from __future__ import annotations

from typing import Any

import httpx

from tests.faults.history import History
from tests.faults.visitors import FaultVisitor

STEPS = 25
BUTTON = {"topic": "Back pain", "consent": "I agree", "confirm": "Send my request"}


class RealVisitor(FaultVisitor):
    """Answers what the assistant asks for; after a notice, says again what it wants."""

    history: History

    def _leave_request(self, client: httpx.Client, token: str, name: str) -> None:
        typed = {"name": name, "contact": "405-555-0134", "time": "mornings"}
        messages = self._say(client, token, text="I would like to book an appointment")
        for _ in range(STEPS):
            self._note_saved(name, messages)
            if any(message["lead_reference"] for message in messages) or self.stop_asked.is_set():
                return
            asked = messages[-1]["ask"]
            button = _find_button(messages, BUTTON.get(asked or "", ""))
            if button:
                messages = self._say(client, token, choice=button)
            else:
                text = typed.get(asked or "", "I would like to book an appointment")
                messages = self._say(client, token, text=text)


def _find_button(messages: list[dict[str, Any]], title: str) -> str | None:
    choices = [choice for message in messages for choice in message["choices"]]
    return next((choice["token"] for choice in choices if choice["title"] == title), None)
