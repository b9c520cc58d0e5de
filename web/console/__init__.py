"""The lead console: where the clinic's staff see requests and write down what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import BaseHTTPResponse, HTTPResponse, redirect

from web.console.account_pages import setup_account_pages
from web.console.conversation_pages import setup_conversation_pages
from web.console.desk import build_desk
from web.console.entrance import setup_entrance
from web.console.export_pages import setup_export_pages
from web.console.lead_actions import setup_lead_actions
from web.console.lead_pages import setup_lead_pages
from web.console.learning_pages import setup_learning_pages
from web.console.list_actions import setup_list_actions
from web.console.list_pages import setup_list_pages
from web.console.notice_pages import setup_notice_pages
from web.console.numbers_pages import setup_numbers_pages
from web.console.people_pages import setup_people_pages
from web.console.person_pages import setup_person_pages
from web.console.problems import setup_problems
from web.console.removal_pages import setup_removal_pages
from web.console.studio import setup_studio
from web.console.studio.assets import setup_studio_assets
from web.console.studio.drafts import Checker
from web.console.studio.inbox_pages import setup_inbox_pages
from web.console.studio.publish_pages import setup_publish_pages
from web.console.studio.release_pages import setup_release_pages
from web.console.studio.wording_pages import setup_wording_pages

ASSETS = Path(__file__).parent / "assets"
PARTS = (
    setup_entrance,
    setup_account_pages,
    setup_people_pages,
    setup_list_pages,
    setup_list_actions,
    setup_export_pages,
    setup_lead_pages,
    setup_lead_actions,
    setup_person_pages,
    setup_removal_pages,
    setup_conversation_pages,
    setup_numbers_pages,
    setup_learning_pages,
    setup_notice_pages,
    setup_studio,
    setup_publish_pages,
    setup_release_pages,
    setup_inbox_pages,
    setup_wording_pages,
    setup_problems,
)


def setup_console(app: Sanic[Any, Any]) -> None:
    """Add the console below /console to `app`, whose `app.ctx` already holds its parts."""
    desk = build_desk(app)
    app.ctx.console_desk = desk
    app.ctx.studio_checker = Checker()
    blueprint = Blueprint("console", url_prefix="/console")
    for setup in PARTS:
        setup(blueprint)
    setup_studio_assets(blueprint)
    blueprint.static("/assets", ASSETS, name="assets")
    # Any other address below /console is answered here, so that it also gets a page of the console.
    blueprint.add_route(refuse_address, "/<address:path>", name="unknown")
    app.blueprint(blueprint)
    app.register_middleware(keep_assets, "response")

    async def stop_forgetting(app: Sanic[Any, Any]) -> None:
        app.ctx.studio_checker.close()
        await desk.forgetting.stop()

    app.register_listener(stop_forgetting, "before_server_stop")


async def refuse_address(request: Request, address: str) -> HTTPResponse:
    """Answer an address that does not exist; raises NotFound. `/console/` is a way to write `/console`."""
    if not address.strip("/"):
        return redirect("/console", status=303)
    raise NotFound("There is no such page.")


async def keep_assets(request: Request, response: BaseHTTPResponse) -> None:
    """Let browsers keep the style sheets and ask whether they are still right; pages are never kept."""
    if request.path.startswith("/console/assets/") and response.status < 400:
        response.headers["Cache-Control"] = "no-cache"
