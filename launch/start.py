"""`make run`: check, prepare, start the four processes under supervisord, and say where to go."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx

from clinic.keys import resolve_engine_secret
from clinic.settings import Settings
from clinic.staff import Staff
from clinic.storage.database import Database, KeysLost, StorageNotDurable, StorageUnavailable
from content.releases import ReleaseDamaged, ReleaseNotFound, ReleaseNotMade
from launch.environment_file import EnvironmentFileIsOpen, check_environment_file
from launch.environment_variables import engine_variables
from launch.first_release import prepare_release
from launch.groups import GROUPS, engine_ports
from launch.inner_addresses import AddressIsPublic, check_inner_address
from launch.model import ROOT, ModelNotOurs, check_archive
from launch.supervisor_calls import LONGEST_SOCKET_PATH, socket_path

READY_WITHIN_SECONDS = 180


class CannotStart(Exception):
    """The assistant cannot start; the message says what to do."""


def main() -> int:
    """Run until Ctrl-C; returns 0, or 1 after one clear sentence."""
    settings = Settings()
    try:
        check_environment_file(ROOT / ".env")
        check_archive()
        check_inner_address("OPTC_ENGINE_HOST", settings.engine_host)
        check_inner_address("OPTC_ACTIONS_HOST", settings.actions_host)
        for name, port in _ports(settings):
            check_port(name, port)
        link = prepare_storage(settings)
        use_release(settings)
        return _run(settings, link)
    except (CannotStart, EnvironmentFileIsOpen, AddressIsPublic, ModelNotOurs) as error:
        print(f"Not started: {error}", file=sys.stderr)
        return 1


def _ports(settings: Settings) -> list[tuple[str, int]]:
    engines = [port for group in GROUPS for port in engine_ports(settings, group)]
    return [
        ("OPTC_PORT", settings.port),
        ("OPTC_ACTIONS_PORT", settings.actions_port),
        *(("OPTC_ENGINE_PORT", port) for port in engines),
    ]


def check_port(setting: str, port: int) -> None:
    """Raise CannotStart when somebody else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(
                f"port {port} is in use. Stop the program that uses it, or choose another: "
                f"`{setting}={port + 1000} make run`."
            ) from None


def prepare_storage(settings: Settings) -> str | None:
    """Bring the database up to date; returns the one-time sign-in token while no admin has a password."""
    Path(settings.var_directory).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(settings.engines_read_directory, ignore_errors=True)
    settings.engines_file.unlink(missing_ok=True)  # of a release before: this start begins with the first set
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    try:
        database.migrate()
        database.check_durability()
        database.check_keys()
        staff = Staff(
            database,
            idle=timedelta(minutes=settings.console_idle_minutes),
            absolute=timedelta(hours=settings.console_absolute_hours),
        )
        return staff.ensure_first_admin()
    except StorageNotDurable as error:
        raise CannotStart(f"{error}. Change it in the database's own settings.") from error
    except KeysLost as error:
        raise CannotStart(f"{error}.") from error
    except StorageUnavailable as error:
        raise CannotStart(f"the database cannot be used ({error}). Check OPTC_DATABASE_URL.") from error
    finally:
        database.close()


def use_release(settings: Settings) -> None:
    """Settle which release the engines load; raises CannotStart when none can be made."""
    try:
        release, told = prepare_release(settings)
    except (ReleaseDamaged, ReleaseNotFound, ReleaseNotMade) as error:
        raise CannotStart(f"{error}. Look at {settings.releases_directory}.") from error
    if told:
        print(told, flush=True)
    print(f"Release {release.id} of {release.made_at:%Y-%m-%d}.", flush=True)


def _run(settings: Settings, link: str | None) -> int:
    print("Starting …", flush=True)
    configuration = Path(__file__).with_name("supervisord.conf")
    # a session of its own: Ctrl-C reaches this process alone, which then stops the others in order
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        env=supervisor_variables(settings, engine_command()),
        cwd=ROOT,
        start_new_session=True,
    )
    # set, not taken for granted: a shell starts what goes into the background with Ctrl-C ignored
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    try:
        _wait_until_ready(settings, supervisor)
        _print_links(settings, link)
        return supervisor.wait()
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
        return 0
    finally:
        _stop(supervisor)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is None:
        supervisor.terminate()
        supervisor.wait(timeout=30)


def engine_command() -> str:
    """Return the command of one engine, without its port: it loads the release of its set."""
    return shlex.join([sys.executable, "-m", "launch.engine_process"])


def supervisor_variables(settings: Settings, engine: str) -> dict[str, str]:
    """Return the environment that supervisord.conf reads; `engine` is the command of one engine."""
    logs = Path(settings.var_directory).resolve() / "log"
    logs.mkdir(parents=True, exist_ok=True)
    path = socket_path(settings)
    if len(str(path)) > LONGEST_SOCKET_PATH:
        raise CannotStart(f"the path {path} is too long for a socket. Choose a shorter OPTC_VAR_DIRECTORY.")
    return {
        **engine_variables(settings),
        "OPTC_ROOT": str(ROOT),
        "OPTC_ENGINE_COMMAND": engine,
        "OPTC_ENGINES": str(settings.engines),
        "OPTC_ENGINE_PORT": str(settings.engine_port),
        "OPTC_NEXT_ENGINE_PORT": str(engine_ports(settings, "engine-next")[0]),
        "OPTC_APPLICATION_PYTHON": sys.executable,
        "OPTC_LOG_DIRECTORY": str(logs),
        "OPTC_SUPERVISOR_SOCKET": str(path),
    }


def _wait_until_ready(settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    waiting = {
        "web": f"{settings.own_url}/health/live",
        "actions": f"{settings.own_actions_url}/health",
    }
    for port in engine_ports(settings, GROUPS[0]):
        waiting[f"engine-{port}"] = f"{settings.own_engine_url(port)}/webhooks/gateway/health"
    headers = {"authorization": f"Bearer {resolve_engine_secret(settings)}"}
    while waiting:
        name, address = next(iter(waiting.items()))
        if _answers(address, headers):
            print(f"  {name} is ready", flush=True)
            del waiting[name]
        elif supervisor.poll() is not None or time.monotonic() > deadline:
            log = Path(settings.var_directory) / "log" / f"{name}.log"
            raise CannotStart(f"the {name} process did not come up. Its log is {log}.")
        else:
            time.sleep(0.2)  # between two looks at a condition that has a deadline


def _answers(address: str, headers: dict[str, str]) -> bool:
    try:
        return httpx.get(address, headers=headers, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _print_links(settings: Settings, link: str | None) -> None:
    site = settings.public_url
    print(f"\n  Demo page   {site}/\n  Console     {site}/console")
    if link:
        print(f"  First sign-in, once, within 24 hours:\n              {site}/console/welcome/{link}")
    print("\nCtrl-C stops everything.", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
