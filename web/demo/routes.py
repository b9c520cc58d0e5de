"""The demonstration page at `/` and `/demo`, its style sheet and its icon."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request, Sanic

from web.widget.assets import read_asset, send_asset

HERE = Path(__file__).parent


def setup_demo(app: Sanic) -> None:
    """Add the page to `app`. Needs `app.ctx.pages`, which knows the clinic's name and telephone number."""
    style_sheet = read_asset(HERE / "demo.css")
    icon = read_asset(HERE / "demo.svg")
    blueprint = Blueprint("demo")

    @blueprint.get("/", name="home")
    @blueprint.get("/demo", name="demo")
    async def show_demo(request: Request) -> HTTPResponse:
        page: HTTPResponse = request.app.ctx.pages.show("demo.html")
        return page

    @blueprint.route("/demo.css", methods=["GET", "HEAD"], name="style_sheet")
    async def send_style_sheet(request: Request) -> HTTPResponse:
        return send_asset(request, style_sheet)

    @blueprint.route("/demo.svg", methods=["GET", "HEAD"], name="icon")
    async def send_icon(request: Request) -> HTTPResponse:
        return send_asset(request, icon)

    app.blueprint(blueprint)
