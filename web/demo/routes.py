"""The demonstration page at `/` and `/demo`, its style sheet and its icon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from web.widget.assets import read_asset, send_asset

HERE = Path(__file__).parent


def setup_demo(app: Sanic[Any, Any]) -> None:
    """Add the page to `app`. Needs `app.ctx.pages`, which knows the clinic's name and telephone number."""
    files = {name: read_asset(HERE / name) for name in ("demo.css", "demo.svg")}

    async def show_demo(request: Request) -> HTTPResponse:
        page: HTTPResponse = request.app.ctx.pages.show("demo.html")
        return page

    async def send_file(request: Request) -> HTTPResponse:
        return send_asset(request, files[request.path.removeprefix("/")])

    app.add_route(show_demo, "/", name="home")
    app.add_route(show_demo, "/demo", name="demo")
    for name in files:
        app.add_route(send_file, f"/{name}", methods=["GET", "HEAD"], name=name.replace(".", "_"))
