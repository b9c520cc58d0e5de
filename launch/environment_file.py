"""The `.env` file may hold secrets, so then it is for its owner only."""

from __future__ import annotations

import re
import stat
from pathlib import Path

# Settings that are a secret or hold one, such as the password in a database's address.
SECRETS = (
    "engine_secret", "signing_key", "metrics_token", "smtp_password", "webhook_secret",
    "database_url", "engine_database_url", "redis_url",
)  # fmt: skip
_SECRET_LINE = re.compile(rf"^\s*(?:export\s+)?OPTC_({'|'.join(SECRETS)})\s*=\s*[^\s#]", re.I | re.M)


class EnvironmentFileIsOpen(Exception):
    """Other users of the machine can read the secrets in a file; the message says what to do."""


def check_environment_file(path: Path) -> None:
    """Raise EnvironmentFileIsOpen when `path` sets a secret and somebody but its owner may read it."""
    if not path.is_file() or not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return
    named = _SECRET_LINE.search(path.read_text("utf-8", "replace"))
    if named:
        raise EnvironmentFileIsOpen(
            f"{path} sets OPTC_{named[1].upper()}, and other users can read it. Run: chmod 600 {path}"
        )
