"""Two machines on one: PostgreSQL, Redis, nginx, and two of every process of ours."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinic.storage.database import Database
from tests.postgresql import PostgresqlServer, running_postgresql
from tests.scale.services import Service, nginx, redis
from tests.system.running_system import RunningSystem, wait_until

NODES = 2
PARTS = {"web", "engine", "actions", "notifier", "publisher", "inbox", "watch"}


@dataclass
class Cluster:
    """Everything that runs, and the one address visitors use."""

    nodes: list[RunningSystem]
    postgresql: PostgresqlServer
    redis: Service
    nginx: Service
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.nginx.port}"

    def open_database(self) -> Database:
        """The clinic's database; close it."""
        return Database(self.postgresql.url_of("clinic"), keys=self.folder / "keys")

    def process_ids(self) -> list[tuple[str, int]]:
        """The processes of both nodes."""
        return [found for node in self.nodes for found in node.process_ids()]

    def is_whole(self) -> bool:
        """Whether every part of both nodes has a process."""
        running = [{name.split(":")[0] for name, _ in node.process_ids()} for node in self.nodes]
        return all(parts >= PARTS for parts in running)

    def wait_until_ready(self) -> None:
        """Wait until every part of both nodes answers."""
        for node in self.nodes:
            node.wait_until_ready()


@contextmanager
def running_cluster(folder: Path, start: str = "launch.start", **more: str) -> Iterator[Cluster]:
    """Start everything, and stop it at the end of the block."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(running_postgresql())
        for database in ("clinic", "engine"):
            postgresql.run("createdb", "-h", postgresql.folder, "-U", "clinic", database)
        cache = redis(folder)
        nodes = [RunningSystem(_make(folder / f"node-{number}"), start) for number in range(NODES)]
        ports = [node.ports for node in nodes]
        proxy, actions_port = nginx(
            folder, [port["PORT"] for port in ports], [port["ACTIONS_PORT"] for port in ports]
        )
        for service in (cache, proxy):
            service.start()
            stack.callback(service.stop)
        shared = {
            "OPTC_DATABASE_URL": postgresql.url_of("clinic"),
            "OPTC_ENGINE_DATABASE_URL": postgresql.url_of("engine"),
            "OPTC_REDIS_URL": f"redis://127.0.0.1:{cache.port}/0",
            "OPTC_ENGINE_URLS": ",".join(f"http://127.0.0.1:{port['ENGINE_PORT']}" for port in ports),
            "OPTC_ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
            "OPTC_ENGINE_SECRET": secrets.token_urlsafe(32),
            "OPTC_KEYS_FOLDER": str(folder / "keys"),
            "OPTC_SIGNING_KEY": secrets.token_urlsafe(32),
            "OPTC_TRUST_PROXY_HEADERS": "true",
            "OPTC_PUBLIC_URL": f"http://127.0.0.1:{proxy.port}",
            **more,
        }
        for node in nodes:
            node.set(**shared)
            node.begin_start()
            stack.callback(node.stop)
        for node in nodes:
            node.wait_until_started()
        cluster = Cluster(nodes, postgresql, cache, proxy, folder)
        wait_until(cluster.is_whole, 60, lambda: str(cluster.process_ids()))
        yield cluster


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
