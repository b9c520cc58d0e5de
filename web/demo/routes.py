"""The demonstration site of a clinic: three pages with the chat, and a playground for its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from web.widget.assets import read_asset, send_asset

HERE = Path(__file__).parent
PAGES = {
    "/": "home",
    "/demo": "home",
    "/demo/visit": "visit",
    "/demo/studies": "studies",
    "/demo/playground": "playground",
}
FILES = ("demo.css", "demo.svg", "playground.js")


def setup_demo(app: Sanic[Any, Any]) -> None:
    """Add the pages to `app`. Needs `app.ctx.pages`, which knows the clinic's name and telephone number."""
    files = {name: read_asset(HERE / name) for name in FILES}

    async def show_page(request: Request) -> HTTPResponse:
        name = PAGES[request.path]
        here = "/demo" if name == "home" else request.path
        page: HTTPResponse = request.app.ctx.pages.show(f"demo/{name}.html", here=here)
        return page

    async def send_file(request: Request) -> HTTPResponse:
        return send_asset(request, files[request.path.removeprefix("/")])

    for address in PAGES:
        app.add_route(show_page, address, name=f"demo{address.replace('/', '_')}")
    for name in files:
        app.add_route(send_file, f"/{name}", methods=["GET", "HEAD"], name=name.replace(".", "_"))
