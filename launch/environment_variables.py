"""What the engine's process is told: Rasa's YAML files read these variables."""

from __future__ import annotations

import os
from pathlib import Path

from clinic.keys import resolve_engine_secret
from clinic.settings import Settings
from clinic.storage.keyring import FILE_NAME

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "SANIC_HOST": "127.0.0.1",
    "LOG_LEVEL": "WARNING",  # at INFO and below Rasa writes what visitors say
    "SQL_POOL_SIZE": "5",
    "SQL_MAX_OVERFLOW": "5",
    "TICKET_LOCK_LIFETIME": "6",  # seconds; a turn is over before, and a dead engine blocks nobody for long
    # one message is too little work to share among threads, and waiting threads burn the other cores
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


def engine_variables(settings: Settings | None = None) -> dict[str, str]:
    """The environment of the engine's process: this process's, with what our settings add."""
    settings = settings or Settings()
    variables = Path(settings.var_directory).resolve()
    variables.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        **QUIET,
        "OPTC_ENGINE_SECRET": resolve_engine_secret(settings),
        "OPTC_ACTIONS_WEBHOOK": f"{settings.actions_url}/webhook",
        "OPTC_PROFILE_PATH": str(Path(settings.profile_path).resolve()),
        "OPTC_TRACKER_DATABASE": settings.resolved_engine_database_url,
        "OPTC_KEYS_FILE": str((settings.keys_directory / FILE_NAME).resolve()),
        "OPTC_QUESTIONS_PATH": str((Path(settings.data_directory) / "faq").resolve()),
        "OPTC_LOCK_STORE": "engine.lock_store.SharedLockStore" if settings.redis_url else "in_memory",
        "OPTC_REDIS_URL": settings.redis_url,
    }
