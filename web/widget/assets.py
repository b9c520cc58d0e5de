"""Small public files, read once when the app is built and served from memory with validators."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from sanic import HTTPResponse, Request

from web.widget.shrinking import shrink

CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
}

# Refused when a client says "gzip;q=0".
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Asset:
    """One file ready to send: its bytes, the same bytes compressed, its type and its two entity tags."""

    body: bytes
    compressed: bytes
    content_type: str
    tag: str

    @property
    def compressed_tag(self) -> str:
        """Return the entity tag of the compressed form: other bytes need another tag (RFC 9110, 8.8.3)."""
        return f'{self.tag[:-1]}-gzip"'


def read_asset(path: Path) -> Asset:
    """Read `path`, make it small, compress it. Raises OSError, or KeyError for an unknown kind."""
    return make_asset(shrink(path.read_text("utf-8"), path.suffix), path.suffix)


def make_asset(text: str, suffix: str) -> Asset:
    """Make an asset of `text`, a file of the kind `suffix` (".js"). Raises KeyError for an unknown kind."""
    body = text.encode()
    return Asset(
        body=body,
        # mtime=0 keeps the compressed bytes, and so their tag, the same on every machine.
        compressed=gzip.compress(body, compresslevel=9, mtime=0),
        content_type=CONTENT_TYPES[suffix],
        tag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def send_asset(request: Request, asset: Asset) -> HTTPResponse:
    """Answer with the asset, compressed when the client takes it, or with 304 when it has these very bytes.

    `no-cache` means "keep it, but ask before use": after an upgrade no page mixes old and new modules,
    and an unchanged file costs one short 304. Any site may load these files, they hold nothing private.
    """
    takes_gzip = _TAKES_GZIP.search(request.headers.get("accept-encoding", "")) is not None
    tag = asset.compressed_tag if takes_gzip else asset.tag
    headers = {
        "ETag": tag,
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if _is_known(request.headers.get("if-none-match", ""), tag):
        return HTTPResponse(status=304, headers=headers)
    if takes_gzip:
        headers["Content-Encoding"] = "gzip"
    body = asset.compressed if takes_gzip else asset.body
    return HTTPResponse(body, headers=headers, content_type=asset.content_type)


def _is_known(if_none_match: str, tag: str) -> bool:
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in known or "*" in known
