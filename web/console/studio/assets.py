"""The preview's script: the widget's own modules, joined into one file for the studio."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from web.widget.assets import make_asset, send_asset
from web.widget.joined_modules import join_modules

PREVIEW = Path(__file__).parents[2] / "widget" / "preview.js"


def setup_studio_assets(blueprint: Blueprint) -> None:
    """Add the script; it is read once, here."""
    asset = make_asset(join_modules(PREVIEW), ".js")

    async def send_preview(request: Request) -> HTTPResponse:
        return send_asset(request, asset)

    blueprint.add_route(send_preview, "/assets/studio-preview.js", name="studio_preview")
