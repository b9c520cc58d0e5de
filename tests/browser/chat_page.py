"""What a visitor can do with the widget, in the words of the tests."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

WELCOME = "I can answer questions about acupuncture."
SESSION_ANSWER = "A session usually lasts 30 to 60 minutes."

# Collects every text that a screen reader would be told, by region, from the first node on.
LISTEN = """
() => {
  window.spoken = [];
  const root = document.querySelector('acupuncture-chat').shadowRoot;
  for (const region of root.querySelectorAll('[aria-live=polite], [aria-live=assertive]')) {
    new MutationObserver((records) => {
      for (const node of records.flatMap((record) => [...record.addedNodes])) {
        window.spoken.push([region.getAttribute('aria-live'), node.textContent]);
      }
    }).observe(region, { childList: true, subtree: true, characterData: true });
  }
}
"""


MESSAGES = re.compile(r"/api/v1/messages$")
FOCUSED_NAME = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const name = node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent;
  return name.trim().replace(/\\s+/g, ' ');
}"""


class Chat:
    """The widget on `page`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._replies: list[tuple[int, dict[str, Any]]] = []
        self._is_replying = False
        self.launcher = page.locator("acupuncture-chat .launcher")
        self.panel = page.get_by_role("dialog", name="Acupuncture questions")
        self.log = self.panel.get_by_role("log", name="Conversation")
        self.field = self.panel.locator(".composer .field:visible")
        self.send_button = self.panel.get_by_role("button", name="Send", exact=True)
        self.retry_button = self.panel.get_by_role("button", name="Not sent. Try again")
        self.status = self.panel.locator(".status")

    def visit(self, path: str = "/") -> None:
        """Load a page that has the widget and wait for the launcher."""
        self.page.goto(path)
        expect(self.launcher).to_be_visible()

    def open(self) -> None:
        """Open the chat and wait for the welcome."""
        self.launcher.click()
        expect(self.message(WELCOME)).to_be_visible()

    def open_and_listen(self) -> None:
        """Open the chat and write down all that screen readers are told, from the first word on."""
        held: list[Route] = []
        self.page.route("**/api/v1/**", lambda route: held.append(route), times=1)
        with self.page.expect_request("**/api/v1/**"):
            self.launcher.click()
        self.listen()
        held[0].continue_()
        expect(self.message(WELCOME)).to_be_visible()

    def say(self, text: str) -> None:
        """Write `text` and press Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str, answer: str = SESSION_ANSWER) -> None:
        """Say `text` and wait until the newest message holds `answer`."""
        self.say(text)
        expect(self.log.locator(".message").last).to_contain_text(answer)

    def message(self, text: str) -> Locator:
        """The messages of either side that hold `text`."""
        return self.log.locator(".message").filter(has_text=text)

    def choose(self, title: str) -> None:
        """Press the newest button with this title."""
        self.log.get_by_role("button", name=title).last.click()

    def choose_from_menu(self, item: str) -> None:
        """Open the menu in the header and press an item."""
        self.panel.get_by_role("button", name="Chat options").click()
        self.panel.get_by_role("button", name=item).click()

    def focused_name(self) -> str:
        """What has the focus, inside the widget when it is there."""
        name: str = self.page.evaluate(FOCUSED_NAME)
        return name

    def listen(self) -> None:
        """Write down from now on what screen readers are told."""
        self.page.evaluate(LISTEN)

    def spoken(self, text: str) -> list[str]:
        """How urgently each announcement that holds `text` was made."""
        heard: list[tuple[str, str]] = self.page.evaluate("window.spoken")
        return [urgency for urgency, words in heard if text in words]

    def wait_until_spoken(self, text: str) -> None:
        """Wait until `text` was announced."""
        self.page.wait_for_function("text => spoken.some(([, words]) => words.includes(text))", arg=text)

    def answer_with(self, *replies: dict[str, Any], limited: bool = False) -> None:
        """Let the server's next reply to a message be these messages."""
        first = 900 + 10 * len(self._replies)
        messages = [make_message(position, **reply) for position, reply in enumerate(replies, first)]
        self.reply_once(200, {"messages": messages, "limited": limited})

    def answer_in_turn(self, *turns: list[dict[str, Any]]) -> None:
        """Let the server's next replies be these, one list of messages for each thing that is sent."""
        for turn in turns:
            self.answer_with(*turn)

    def refuse_with(self, status: int, code: str, **details: Any) -> None:
        """Let the server's next reply to a message be this error."""
        self.reply_once(status, {"error": {"code": code, "message": code, **details}})

    def reply_once(self, status: int, body: dict[str, Any]) -> None:
        """Let the next message that is sent get this reply; several wait for their turn."""
        self._replies.append((status, body))
        if not self._is_replying:
            # One route for the whole test: routes that come and go can miss a request in between.
            self.page.route(MESSAGES, self._reply)
            self._is_replying = True

    def _reply(self, route: Route) -> None:
        if route.request.method != "POST" or not self._replies:
            route.fallback()
            return
        status, body = self._replies.pop(0)
        route.fulfill(status=status, json=body)


def make_message(position: int, **fields: Any) -> dict[str, Any]:
    """One message of the assistant in the chat API's shape."""
    return {
        "id": f"message-{position}",
        "position": position,
        "author": "assistant",
        "kind": "answer",
        "text": "",
        "choices": [],
        "sources": [],
        "ask": None,
        "lead_reference": None,
        "created_at": "2026-11-24T12:00:00Z",
        **fields,
    }
