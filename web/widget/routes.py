"""Where the widget's browser files are found: `/widget.js` and `/widget/<file>`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import NotFound

from web.widget.assets import Asset, make_asset, read_asset, send_asset
from web.widget.joined_modules import join_modules

DIRECTORY = Path(__file__).parent


def read_loader(directory: Path = DIRECTORY) -> Asset:
    """Return the one script a page includes."""
    return make_asset(join_modules(directory / "widget.js"), ".js")


def read_widget_files(directory: Path = DIRECTORY) -> dict[str, Asset]:
    """Return what `/widget/` serves, by name: the opened chat and the launcher's words in every language."""
    files: dict[str, Asset] = {}
    for path in directory.glob("strings/*.launcher.json"):
        language = path.name.partition(".")[0]
        files[f"strings/{path.name}"] = read_asset(path)
        files[f"panel.{language}.js"] = make_asset(join_modules(directory / "panel.js", language), ".js")
    return files


def setup_widget(app: Sanic[Any, Any]) -> None:
    """Add the widget's routes to `app`. Files are read once, here; a restart picks up changes."""
    files = read_widget_files()
    loader = read_loader()

    async def send_loader(request: Request) -> HTTPResponse:
        return send_asset(request, loader)

    # Only names found at start are served, so no request can reach another file.
    async def send_file(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound("There is no such widget file.")
        return send_asset(request, files[name])

    app.add_route(send_loader, "/widget.js", methods=["GET", "HEAD"], name="widget_loader")
    app.add_route(send_file, "/widget/<name:path>", methods=["GET", "HEAD"], name="widget_file")
