"""Starts the web application: `python -m web`. Stops cleanly on SIGTERM."""

from __future__ import annotations

import logging

from clinic.settings import Settings
from web.app import create_app


def main() -> None:
    """Serve the application as one process until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx logs one line for every call at INFO: noise, and it would hold conversation ids.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = Settings()
    app = create_app(settings)
    app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
