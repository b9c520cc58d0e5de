"""Tells a supervisor or load balancer whether this process lives and can serve visitors fully."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse, json
from sqlalchemy import delete

from clinic.storage.database import Database, StorageUnavailable
from clinic.storage.tables import Conversation


async def show_live(request: Request) -> HTTPResponse:
    """Answer 200 as long as the process can answer at all."""
    return json({"live": True})


async def show_ready(request: Request) -> HTTPResponse:
    """Answer 200 when the database takes writes and the engine is ready, else 503 naming what is not."""
    context = request.app.ctx
    database, engine = await asyncio.gather(
        asyncio.to_thread(_is_writable, context.database), context.engine.is_ready()
    )
    ready = database and engine
    return json({"ready": ready, "database": database, "engine": engine}, status=200 if ready else 503)


def _is_writable(database: Database) -> bool:
    """Try a write that changes nothing: it fails on a locked, read-only or missing database."""
    try:
        with database.transaction() as session:
            session.execute(delete(Conversation).where(Conversation.id == ""))
    except StorageUnavailable:
        return False
    return True


def setup_health(app: Sanic[Any, Any]) -> None:
    """Add /health/live and /health/ready."""
    app.add_route(show_live, "/health/live", name="health_live")
    app.add_route(show_ready, "/health/ready", name="health_ready")
