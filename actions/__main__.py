"""`python -m actions`: start the action server."""

from __future__ import annotations

from datetime import timedelta

from actions.server import create_app
from actions.services import Services
from clinic.keys import resolve_engine_secret
from clinic.leads import Leads
from clinic.live_release import LiveProfile
from clinic.logs import set_up_logging
from clinic.settings import Settings
from clinic.storage.database import Database

LOCK_WAIT = timedelta(seconds=2)  # shorter than the engine waits for an action, so that it hears the outcome


def main() -> None:
    """Build the server from the settings and serve until told to stop."""
    set_up_logging()
    settings = Settings()
    database = Database(settings.resolved_database_url, lock_wait=LOCK_WAIT, keys=settings.keys_directory)
    database.check_durability()
    database.check_keys()
    app = create_app(Services(LiveProfile(settings).get, Leads(database)), resolve_engine_secret(settings))
    app.run(
        host=settings.actions_host,
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
