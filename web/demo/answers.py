"""The page `/answers`: every question and answer with its sources, for the clinic's doctor to sign off."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse, Request, Sanic

from web.console.message_text import read_blocks


def setup_answers(app: Sanic[Any, Any]) -> None:
    """Add the page to `app`. It shows the live release, as visitors get it."""

    async def show_answers(request: Request) -> HTTPResponse:
        page: HTTPResponse = request.app.ctx.pages.show(
            "answers.html", questions=request.app.ctx.live.now.questions, read_blocks=read_blocks
        )
        return page

    app.add_route(show_answers, "/answers", name="answers")
