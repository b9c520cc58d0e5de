"""Two of every process behind nginx, with PostgreSQL and Redis: the promises hold there too.

With the scripted engine, so that it is quick; `make scale-test` does the same with the real one, under load.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.run import report, run_faults
from tests.postgresql import can_run_postgresql
from tests.scale.cluster import running_cluster
from tests.scale.run import ClusterNemesis
from tests.scale.services import make_local, missing_programs

FAULTS = int(os.environ.get("FAULTS_AT_THE_CLUSTER", "12"))


@pytest.mark.system
@pytest.mark.timeout(1200)
def test_promises_hold_on_two_of_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if missing_programs() or not can_run_postgresql():
        pytest.skip("PostgreSQL, Redis or nginx is not installed")
    seed, history = random.randrange(10**6), History()
    with running_cluster(tmp_path, start="tests.faults.scripted_start") as cluster:
        nemesis = ClusterNemesis(cluster, history, seed)
        run_faults(cluster.url, history, nemesis, FAULTS, seed, cluster.wait_until_ready)
        database = cluster.open_database()
        violations = find_violations(history, database)
        database.close()
    with capsys.disabled():
        print(f"\nseed {seed}: {report(history)}")
    assert violations == [], f"seed {seed}"
    assert history.acknowledged and history.references, report(history)


def test_the_proxys_file_is_used_as_it_is_but_for_addresses_and_tls() -> None:
    local = make_local([1001, 1002], [2001, 2002], 80, 81)
    assert "10.0.0." not in local and "ssl" not in local
    for expected in ("127.0.0.1:1001", "127.0.0.1:2002", "location = /metrics { return 404; }"):
        assert expected in local
