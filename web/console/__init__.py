"""The lead console: where the clinic's staff see requests and write down what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import BaseHTTPResponse, HTTPResponse

from web.console.desk import build_desk
from web.console.entrance import setup_entrance
from web.console.lead_pages import setup_lead_pages
from web.console.list_pages import setup_list_pages
from web.console.problems import setup_problems

ASSETS = Path(__file__).parent / "assets"


def setup_console(app: Sanic[Any, Any]) -> None:
    """Add the console below /console to `app`, whose `app.ctx` already holds its parts."""
    app.ctx.console_desk = build_desk(app)
    blueprint = Blueprint("console", url_prefix="/console")
    setup_entrance(blueprint)
    setup_list_pages(blueprint)
    setup_lead_pages(blueprint)
    setup_problems(blueprint)
    blueprint.static("/assets", ASSETS, name="assets")
    # Any other address below /console is answered here, so that it also gets a page of the console.
    blueprint.add_route(refuse_address, "/<address:path>", name="unknown")
    app.blueprint(blueprint)
    app.register_middleware(keep_assets, "response")


async def refuse_address(request: Request, address: str) -> HTTPResponse:
    """Answer an address that does not exist; raises NotFound."""
    raise NotFound("There is no such page.")


async def keep_assets(request: Request, response: BaseHTTPResponse) -> None:
    """Let browsers keep the style sheets and ask whether they are still right; pages are never kept."""
    if request.path.startswith("/console/assets/"):
        response.headers["Cache-Control"] = "no-cache"
