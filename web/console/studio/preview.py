"""An answer as the widget gets it, for the preview that the widget's own modules draw."""

from __future__ import annotations

import re
from typing import Any

from sanic import Request

from content.draft import VariantDraft

_BLANK = re.compile(r"\{([a-z_]+)\}")


def preview_message(request: Request, variant: VariantDraft) -> dict[str, Any]:
    """Return the chat API's message for a variant; blanks that the profile cannot fill stay in braces."""
    known = request.app.ctx.live.now.profile.placeholders()
    return {
        "id": variant.response,
        "kind": "text",  # as an answer, but without the buttons for feedback: nothing is sent from a preview
        "text": _BLANK.sub(lambda found: str(known.get(found[1]) or found[0]), variant.text),
        "choices": [{"title": title, "intent": "preview", "values": {}} for title, _ in variant.buttons],
        "sources": [{"name": name, "url": url} for name, url in variant.sources],
        "ask": None,
        "lead_reference": None,
    }
