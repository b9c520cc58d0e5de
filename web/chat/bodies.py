"""Reads and checks what a client sent to the chat API."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sanic import Request

from web.errors import Refusal

LARGEST_BODY = 8 * 1024  # bytes
Model = TypeVar("Model", bound=BaseModel)
POSITION = re.compile(r"[0-9]{1,9}")

# Cc control, Cs lone surrogates, Zl/Zp line and paragraph separators. Cf stays: emoji are joined with it.
REMOVED = ("Cc", "Cs", "Zl", "Zp")
# These reorder the text around them, so a transcript could show something other than what was written.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read_body(request: Request, model: type[Model]) -> Model:
    """Return the JSON body as `model`.

    Raises Refusal: unsupported_media_type, message_too_long (413, body over 8 KB), bad_request.
    """
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal("unsupported_media_type")
    if len(request.body) > LARGEST_BODY:
        raise Refusal("message_too_long", status=413)
    try:
        return model.model_validate_json(request.body)
    except ValidationError:
        # Without its cause: a validation error quotes what the visitor typed.
        raise Refusal("bad_request") from None


def clean_text(text: str, limit: int) -> str:
    """Return `text` in NFC without control characters and outer space.

    Raises Refusal message_empty, or message_too_long above `limit` characters.
    """
    spaced = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    kept = "".join(character for character in spaced if _is_kept(character)).strip()
    if not any(unicodedata.category(character) not in ("Cf", "Zs") for character in kept.replace("\n", "")):
        raise Refusal("message_empty")
    if len(kept) > limit:
        raise Refusal("message_too_long")
    return kept


def _is_kept(character: str) -> bool:
    if character == "\n":
        return True
    return character not in REORDERING and unicodedata.category(character) not in REMOVED


def read_position(request: Request) -> int:
    """Return the `after` of the query, 0 (all messages) when not given; raises Refusal bad_request."""
    given = request.args.get("after", "0")
    if not POSITION.fullmatch(given):
        raise Refusal("bad_request")
    return int(given)


def strip_page(page: str | None) -> str | None:
    """Return the page's address without query and fragment: those can hold personal data."""
    return page.partition("#")[0].partition("?")[0] if page else None
