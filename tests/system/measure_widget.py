"""`make measure-widget`: bytes, requests and times, in a real Chromium against the whole running system.

Times are medians of several fresh visitors in milliseconds. They depend on the machine: nothing asserts it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chat_page import Chat
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.system.running_system import RunningSystem

VISITORS = 7
# From the start of the navigation until the launcher is there and can be pressed.
INTERACTIVE = "() => document.querySelector('acupuncture-chat')?.shadowRoot.querySelector('.launcher')"
NOW = "performance.now()"
# The sizes as the browser itself saw them travel, without the headers.
TRANSFERRED = """() => performance.getEntriesByType('resource').map(
  (entry) => [new URL(entry.name).pathname, entry.encodedBodySize])"""


def visit(browser: Browser, url: str) -> tuple[dict[str, float], list[tuple[str, int]]]:
    """One visitor with an empty cache: times by name, and what was fetched with its size in bytes."""
    context = browser.new_context(base_url=url, reduced_motion="reduce")
    chat = Chat(context.new_page())
    page = chat.page
    page.goto("/demo", wait_until="commit")
    page.wait_for_function(INTERACTIVE)
    times = {"launcher can be pressed": page.evaluate(NOW)}
    started = page.evaluate(NOW)
    chat.launcher.click()
    expect(chat.message("automated assistant")).to_be_visible()
    times["from the press to the welcome"] = page.evaluate(NOW) - started
    chat.field.fill("how long does one session take")
    started = page.evaluate(NOW)
    chat.field.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('acupuncture-chat').shadowRoot"
        ".querySelector('.messages')?.textContent.includes('30 to 60')"
    )
    times["from Enter to the first answer"] = page.evaluate(NOW) - started
    fetched = page.evaluate(TRANSFERRED)
    context.close()
    return times, fetched


def main() -> int:
    """Start the system, send visitors, print what they saw."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        system = RunningSystem(Path(folder))
        system.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            system.wait_until_ready()
            visit(browser, system.url)  # the first answer after a start warms the engine up
            visits = [visit(browser, system.url) for _ in range(VISITORS)]
        finally:
            browser.close()
            system.stop()
    for name in visits[0][0]:
        print(f"{statistics.median(times[name] for times, _ in visits):8.0f} ms  {name}")
    for path, size in visits[-1][1]:
        print(f"{size:8d} bytes  {path}")
    widget = [size for path, size in visits[-1][1] if path.startswith("/widget")]
    print(f"{sum(widget):8d} bytes in {len(widget)} files are the widget")
    return 0


if __name__ == "__main__":
    sys.exit(main())
