"""Assembles the public web application: one explicit list of what is in it."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.config import Config

from clinic.conversations import Conversations
from clinic.keys import resolve_engine_secret, resolve_signing_key
from clinic.leads import Leads
from clinic.settings import Settings
from clinic.storage.database import Database
from web.chat.engine_addresses import address_reader, address_reporter
from web.chat.engine_pool import EnginePool
from web.chat.setup import setup_chat
from web.console import setup_console
from web.contact.routes import setup_contact
from web.demo.answers import setup_answers
from web.demo.routes import setup_demo
from web.errors import setup_errors
from web.health import setup_health
from web.limits import Limits
from web.live_content import LiveContent
from web.metrics import Metrics, setup_metrics
from web.pages import Pages
from web.security import setup_security
from web.widget.routes import setup_widget

LOCK_WAIT = timedelta(seconds=2)  # a visitor sees something within five seconds, also of a locked database
STORAGE_THREADS = 32  # a locked database holds one for each waiting write; the others must not wait with them
LARGEST_PAGE_BODY = 256 * 1024  # bytes; the chat API has its own, smaller limit


def create_app(settings: Settings) -> Sanic[Any, Any]:
    """Return the web application for `settings`, ready to be served.

    Raises WordsInvalid, KeyUnreadable, or what `web.live_content` names, when a file it needs is not usable.
    """
    config = Config()
    config.update(
        ACCESS_LOG=False,  # addresses of visitors do not belong in a log
        MOTD=False,
        PROXIES_COUNT=1 if settings.trust_proxy_headers else 0,
        REQUEST_MAX_SIZE=LARGEST_PAGE_BODY,
        RESPONSE_TIMEOUT=10,
        REQUEST_TIMEOUT=10,
        GRACEFUL_SHUTDOWN_TIMEOUT=5,
    )
    app = Sanic(f"clinic-web-{secrets.token_hex(4)}", config=config, configure_logging=False)
    _place_parts(app, settings)
    setup_errors(app)
    setup_security(app)
    setup_health(app)
    setup_metrics(app)
    setup_chat(app)
    setup_contact(app)
    setup_widget(app)
    setup_demo(app)
    setup_answers(app)
    setup_console(app)
    app.static("/static", Path(__file__).parent / "static", name="static")
    return app


def _place_parts(app: Sanic[Any, Any], settings: Settings) -> None:
    """Put what the routes share into `app.ctx`, and open and close it with the server."""
    live = LiveContent(settings)
    database = Database(settings.resolved_database_url, lock_wait=LOCK_WAIT, keys=settings.keys_directory)
    read_addresses = address_reader(settings)
    engine = EnginePool(
        read_addresses(), resolve_engine_secret(settings), read_addresses, address_reporter(settings)
    )
    app.ctx.settings = settings
    app.ctx.live = live
    app.ctx.database = database
    app.ctx.conversations = Conversations(database)
    app.ctx.leads = Leads(database)
    app.ctx.engine = engine
    app.ctx.metrics = Metrics(engine.states)
    app.ctx.pages = Pages(lambda: live.now.profile)
    app.ctx.limits = Limits(settings)
    app.ctx.signing_key = resolve_signing_key(settings)

    async def open_parts(app: Sanic[Any, Any]) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(STORAGE_THREADS))
        await asyncio.to_thread(database.migrate)
        await asyncio.to_thread(database.check_durability)
        await asyncio.to_thread(database.check_keys)
        engine.watch()
        live.follow()

    async def close_parts(app: Sanic[Any, Any]) -> None:
        await live.stop()
        await engine.close()
        await asyncio.to_thread(database.close)

    app.register_listener(open_parts, "before_server_start")
    app.register_listener(close_parts, "after_server_stop")
