"""Visitors who chat, ask to be called back and use the contact form, and try again as the widget does."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tests.faults.checker import PATIENCE_SECONDS
from tests.faults.history import Acknowledged, History

QUESTIONS = ("how long does one session take", "does it hurt", "is it safe", "how many sessions do I need")
INSIST_SECONDS = 120  # a killed web process takes four seconds of processor time to come back
FORM_SECONDS = 2.1  # a form sent back faster is marked as suspected spam; people are slower


class SystemGone(Exception):
    """The system did not answer for so long that something is wrong with the test itself."""


def names() -> Iterator[str]:
    """Names nobody else has: "Maria Aaab", "Maria Aaac" …"""
    for letters in itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=5):
        yield "Maria B" + "".join(letters)


class FaultVisitor(threading.Thread):
    """One visitor after the other, until told to stop. What went wrong in it is kept in `failure`."""

    def __init__(
        self, url: str, history: History, name: Callable[[], str], stop: threading.Event, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self.url, self.history, self.next_name = url, history, name
        self.stop_asked, self.random = stop, random.Random(seed)
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop_asked.is_set():
                with httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
                    self._visit(client)
        except SystemGone as gone:
            self.failure = gone if not self.stop_asked.is_set() else None
        except BaseException as error:
            self.failure = error

    def _visit(self, client: httpx.Client) -> None:
        token = self._start(client)
        for question in self.random.sample(QUESTIONS, 2):
            self._say(client, token, text=question)
        name = self.next_name()
        self.history.begin_request(name)
        self._leave_request(client, token, name)
        if self.random.random() < 0.5:
            form_name = self.next_name()
            self.history.begin_request(form_name)
            self._fill_in_form(client, form_name)

    def _start(self, client: httpx.Client) -> str:
        def start() -> httpx.Response:
            return client.post("/api/v1/sessions", json={})

        token: str = self._insist("session", start, 201).json()["token"]
        return token

    def _leave_request(self, client: httpx.Client, token: str, name: str) -> None:
        """The scripted engine understands the whole request in one message."""
        self._note_saved(name, self._say(client, token, text=f"please call {name} at 405-555-0134"))

    def _note_saved(self, name: str, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message["lead_reference"]:
                self.history.add_reference(name, message["lead_reference"])

    def _say(self, client: httpx.Client, token: str, **said: str) -> list[dict[str, Any]]:
        """Send one message until it is acknowledged, always with the same id."""
        message_id = uuid.uuid4().hex
        body = {"client_message_id": message_id, **said}
        headers = {"Authorization": f"Bearer {token}"}

        def send() -> httpx.Response:
            return client.post("/api/v1/messages", json=body, headers=headers)

        reply = self._insist(message_id, send, 200).json()
        messages: list[dict[str, Any]] = reply["messages"]
        if reply["limited"]:
            self.history.notices.append(messages[-1]["text"])
        assert messages and all(message["text"] for message in messages), "the assistant was silent"
        if "text" in said:
            shown = tuple(message["id"] for message in messages)
            self.history.add_acknowledged(Acknowledged(token, message_id, said["text"], shown))
        return messages

    def _fill_in_form(self, client: httpx.Client, name: str) -> None:
        page = self._insist("form", lambda: client.get("/contact"), 200).text
        form_id = re.search(r'name="form_id" value="([^"]+)"', page)
        assert form_id, page
        fields = {
            "name": name,
            "phone": "405-555-0134",
            "consent": "yes",
            "topic": "back_pain",
            "form_id": form_id.group(1),
        }
        time.sleep(FORM_SECONDS)

        def submit() -> httpx.Response:
            return client.post("/contact", data=fields, headers={"Origin": self.url})

        saved = self._insist("contact-form", submit, 200).text
        reference = re.search(r"OPTC-[0-9A-Z]{6}", saved)
        assert reference, saved
        self.history.add_reference(name, reference.group())

    def _insist(self, message_id: str, send: Callable[[], httpx.Response], wanted: int) -> httpx.Response:
        """Try until the wanted status comes; every try is written down."""
        give_up = time.monotonic() + INSIST_SECONDS
        for number in itertools.count():
            began = time.monotonic()
            if began > give_up:
                raise SystemGone(message_id)
            try:
                response = send()
            except httpx.TimeoutException:
                self.history.add_attempt(message_id, began, "silent")
            except httpx.HTTPError:
                self.history.add_attempt(message_id, began, "unreachable")
            else:
                is_done = response.status_code == wanted
                self.history.add_attempt(message_id, began, "answered" if is_done else "refused")
                if is_done:
                    return response
                assert response.status_code in (503, 502, 504, 429), response.text
                assert response.text.strip(), "an error without a sentence"
            # the pause of a client that tries again: longer each time, and never two in step
            self.stop_asked.wait(min(4.0, 0.3 * 1.6 ** min(number, 10)) * self.random.uniform(0.7, 1.3))
        raise AssertionError("unreachable")
