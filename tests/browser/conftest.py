"""A real Chromium, the real web application and a scripted engine. Tests marked `browser` use them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chat_page import Chat
from tests.browser.running_site import EngineThread, RunningSite

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each test gets its own visitor in it."""
    expect.set_options(timeout=15_000)  # a busy machine is slow, which is not what these tests are about
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def engine_thread() -> Iterator[EngineThread]:
    """The scripted engine all tests share."""
    engine = EngineThread()
    yield engine
    engine.stop()


@pytest.fixture
def engine(engine_thread: EngineThread) -> EngineThread:
    """The scripted engine, answering as it does at first."""
    engine_thread.reset()
    return engine_thread


@pytest.fixture(scope="session")
def shared_site(
    engine_thread: EngineThread, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSite]:
    """The site's process; a test that killed it does not hurt the next one."""
    running = RunningSite(tmp_path_factory.mktemp("site"), engine_thread)
    yield running
    running.stop()


@pytest.fixture
def site(shared_site: RunningSite, engine: EngineThread) -> RunningSite:
    """The site, running."""
    shared_site.start()
    return shared_site


@pytest.fixture
def visitor(chromium: Browser, site: RunningSite) -> Iterator[BrowserContext]:
    """A visitor's browser with empty storage. Motion is off, so that what is on the screen stays put."""
    context = chromium.new_context(base_url=site.url, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """The visitor's page. A test fails when a script on it failed."""
    page = visitor.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def chat(page: Page) -> Chat:
    """The widget on the demonstration page, not yet opened."""
    widget = Chat(page)
    widget.visit()
    return widget
