"""Where the widget's browser files are found: `/widget.js` and `/widget/<file>`."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.exceptions import NotFound

from web.widget.assets import Asset, read_asset, send_asset

DIRECTORY = Path(__file__).parent
LOADER = "widget.js"
PATTERNS = ("*.js", "*.css", "strings/*.json")


def read_widget_files(directory: Path = DIRECTORY) -> dict[str, Asset]:
    """Return every browser file of the widget by its path inside `directory`, for example `strings/en.json`."""
    paths = [path for pattern in PATTERNS for path in sorted(directory.glob(pattern))]
    return {path.relative_to(directory).as_posix(): read_asset(path) for path in paths}


def setup_widget(app: Sanic) -> None:
    """Add the widget's routes to `app`. Files are read once, here; a restart picks up changes."""
    files = read_widget_files()
    loader = files.pop(LOADER)
    blueprint = Blueprint("widget")

    @blueprint.route("/widget.js", methods=["GET", "HEAD"], name="loader")
    async def send_loader(request: Request) -> HTTPResponse:
        return send_asset(request, loader)

    # Only names found at start are served, so no request can reach another file.
    @blueprint.route("/widget/<name:path>", methods=["GET", "HEAD"], name="file")
    async def send_file(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound("There is no such widget file.")
        return send_asset(request, files[name])

    app.blueprint(blueprint)
