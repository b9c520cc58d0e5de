"""Reads the list's filters from an address or a form, and writes them back into an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from sanic import Request

from clinic.lead_filter import LeadFilter
from web.console.cookies import SEARCH, read_cookie
from web.console.problems import ConsoleProblem

LONGEST_SEARCH = 100  # characters
_NAMES = tuple(field.name for field in fields(LeadFilter) if field.name != "search")


def read_filter(values: Mapping[str, Any], search: str = "") -> LeadFilter:
    """Return the filters in `values`; raises ConsoleProblem choice_not_valid on one that cannot be."""
    wanted = LeadFilter(
        search=search[:LONGEST_SEARCH], **{name: str(values.get(name) or "") for name in _NAMES}
    )
    try:
        wanted.check()
    except ValueError:
        raise ConsoleProblem("choice_not_valid") from None
    return wanted


def read_search(request: Request) -> str:
    """Return what was searched for last: it is kept in a cookie, because it may be somebody's name."""
    return (read_cookie(request, SEARCH) or "")[:LONGEST_SEARCH]


def write_query(wanted: LeadFilter, **changes: str) -> str:
    """Return the filters with some changes as the query of an address, with its "?", or nothing."""
    values = {**wanted.without_search(), **changes}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else ""
