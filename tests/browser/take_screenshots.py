"""`make screenshots`: a picture of every state of the widget in every look, to be looked at by people."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chat_page import Chat
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.browser.running_site import EngineThread, RunningSite
from tests.browser.widget_states import LOOKS, STATES

FOLDER = Path(__file__).parents[2] / "results" / "screenshots"


def take_all(browser: Browser, site: RunningSite, engine: EngineThread, wanted: list[str]) -> int:
    """Take every state in every look whose name is wanted; returns how many pictures there are."""
    count = 0
    for look, settings in LOOKS.items():
        for state, reach in STATES.items():
            name = f"{look}-{state}"
            if wanted and not any(part in name for part in wanted):
                continue
            engine.reset()
            context = browser.new_context(base_url=site.url, reduced_motion="reduce", **settings)
            context.set_default_timeout(15_000)
            chat = Chat(context.new_page())
            chat.visit()
            reach(chat)
            chat.page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
            count += 1
    return count


def main() -> int:
    """Take the pictures; words on the command line choose among them, "dark" or "phone-urgent"."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    engine = EngineThread()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = RunningSite(Path(folder), engine)
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            count = take_all(browser, site, engine, sys.argv[1:])
        finally:
            browser.close()
            site.stop()
            engine.stop()
    print(f"{count} pictures in {FOLDER.relative_to(Path.cwd())}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
