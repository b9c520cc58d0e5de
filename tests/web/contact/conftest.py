"""Fills the contact form as a visitor does: opens the page, types, sends."""

from __future__ import annotations

import re

import httpx

from tests.web.conftest import Site

MARIA = {
    "name": "Maria Lopez",
    "phone": "405-555-0134",
    "email": "",
    "preferred_time": "weekday mornings",
    "topic": "neck_pain",
    "consent": "yes",
    "website": "",
}


def find_form_id(page: str) -> str:
    """The hidden form id of a page."""
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def open_form(site: Site) -> str:
    """Open the page and return its form id."""
    return find_form_id((await site.client.get("/contact")).text)


async def fill_form(site: Site, **changes: str) -> httpx.Response:
    """Open the page and send Maria's details with `changes`; a `form_id` among them is used instead."""
    form_id = changes.get("form_id") or await open_form(site)
    return await site.client.post("/contact", data={**MARIA, **changes, "form_id": form_id})
