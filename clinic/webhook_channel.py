"""Posts notices to a web address of the clinic's choice, signed so that the receiver can check the sender."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

from clinic.notice import Notice, NoticeNotDelivered
from clinic.settings import Settings

SIGNATURE_HEADER = "X-Clinic-Signature"
_TIMEOUT_SECONDS = 10


class WebhookChannel:
    """One receiver. Redirects are not followed: a notice goes where the settings say and nowhere else."""

    name = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.webhook_url
        self._secret = settings.webhook_secret
        self._opener = urllib.request.build_opener(_NoRedirects())

    def send(self, notice: Notice) -> None:
        """Post the notice as JSON. Raises `NoticeNotDelivered` unless the answer is 2xx."""
        fields = {"id": notice.id, "kind": notice.kind, "reference": notice.reference, "link": notice.link}
        body = json.dumps(fields).encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: sign(body, self._secret, int(time.time())),
        }
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS):
                return
        except urllib.error.HTTPError as error:
            error.close()
            raise NoticeNotDelivered(f"The web address answered with the error {error.code}.") from error
        except (OSError, ValueError) as error:
            raise NoticeNotDelivered(
                f"The web address cannot be reached ({type(error).__name__})."
            ) from error


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the signature header: "t=<unix seconds>,v1=<hex HMAC-SHA256 of seconds, a dot and the body>".

    A receiver makes the same and compares; seconds that are far from now mean a replay.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the redirect is then an HTTPError."""
