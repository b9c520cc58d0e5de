"""The page of one request."""

from __future__ import annotations

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from web.console.access import Visit, needs
from web.console.lead_file import show_file


def setup_lead_pages(blueprint: Blueprint) -> None:
    """Add the page of one request."""
    blueprint.add_route(show_lead, "/leads/<reference:str>", name="lead")


@needs("read_leads")
async def show_lead(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Show the request with `reference`. Looking is recorded: who saw whose details must be traceable."""
    return await show_file(request, visit, reference)
