"""The whole system on one machine, looked at from another: only the website answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.system.running_system import RunningSystem
from tests.system.two_machines import OURS, OURS_6, SCAN, TwoMachines, can_have_two_machines

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not can_have_two_machines(), reason="network namespaces are not permitted here"),
]
LISTEN_EVERYWHERE = """
import socket, sys
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])))
print("listening", flush=True)
while True:
    listener.accept()
"""
GET = """
import json, sys, urllib.error, urllib.request
found = {}
for address in sys.argv[1:]:
    try:
        found[address] = urllib.request.urlopen(address, timeout=10).status
    except urllib.error.HTTPError as error:
        found[address] = error.code
print(json.dumps(found))
"""
# What Rasa's own HTTP interface would answer.
RASAS = ("/model", "/conversations/x/tracker", "/status", "/domain", "/webhooks/rest/webhook", "/webhook")


@pytest.fixture(scope="module")
def machines() -> Iterator[TwoMachines]:
    with TwoMachines() as machines:
        yield machines


@pytest.fixture(scope="module")
def system(machines: TwoMachines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Everything `make run` starts, with the website for everybody and the rest as it is by default."""
    system = RunningSystem(tmp_path_factory.mktemp("ours"))
    system.within = machines.on_ours
    system.set(OPTC_HOST="0.0.0.0")
    system.start()
    yield system
    assert system.stop() == 0, system.read_output()


def open_ports(machines: TwoMachines, address: str) -> set[int]:
    """Every port from 1 to 65535 that the other machine can connect to."""
    return set(json.loads(machines.run_on_others(SCAN, address)))


def test_only_the_website_can_be_reached_and_a_planted_door_is_seen(
    machines: TwoMachines, system: RunningSystem
) -> None:
    running = {name.split(":")[0] for name, _ in system.process_ids()}
    assert {"web", "engine", "actions", "notifier"} <= running
    assert open_ports(machines, OURS) == {system.ports["PORT"]}
    assert open_ports(machines, OURS_6) == set()
    planted = 5999
    machines.run_on_ours(LISTEN_EVERYWHERE, str(planted))
    assert open_ports(machines, OURS) == {system.ports["PORT"], planted}


def test_the_website_answers_and_knows_nothing_of_the_engines_addresses(
    machines: TwoMachines, system: RunningSystem
) -> None:
    site = f"http://{OURS}:{system.ports['PORT']}"
    found = json.loads(machines.run_on_others(GET, *(site + path for path in ("/health/live", *RASAS))))
    assert found == {f"{site}/health/live": 200} | {f"{site}{path}": 404 for path in RASAS}
