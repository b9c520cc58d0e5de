"""Renders the server-side pages from one shared set of Jinja templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic.response import HTTPResponse, html

from clinic.profile import Profile
from web.words import read_words

HERE = Path(__file__).parent
TEMPLATE_FOLDERS = (HERE / "templates", HERE / "console" / "templates", HERE / "demo" / "templates")


class Pages:
    """Templates with the clinic's name and the site's common words already in place."""

    def __init__(self, profile: Callable[[], Profile], folders: Sequence[Path] = TEMPLATE_FOLDERS) -> None:
        """Take what tells the live profile, and the folders to look for templates in, first match wins."""
        self._profile = profile
        self.environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["site"] = read_words(HERE / "site.yml")

    def show(self, template: str, status: int = 200, **values: Any) -> HTTPResponse:
        """Return the page `template` filled with `values` as an HTML response with `status`."""
        clinic = self._profile()
        values |= {"clinic_name": clinic.name, "clinic_phone": clinic.phone}
        return html(self.environment.get_template(template).render(**values), status=status)
