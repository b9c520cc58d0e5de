"""Starts the web application: `python -m web`. Stops cleanly on SIGTERM."""

from __future__ import annotations

from clinic.logs import set_up_logging
from clinic.settings import Settings
from web.app import create_app


def main() -> None:
    """Serve the application as one process until it is told to stop."""
    set_up_logging()
    settings = Settings()
    app = create_app(settings)
    app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
