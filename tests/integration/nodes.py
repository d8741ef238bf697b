"""A cluster of Ray on this machine, with nodes that can be killed."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

STORE = 80_000_000


class Nodes:
    """A cluster of a head and two more nodes, each of one core, on this machine."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(shutdown_at_exit=True)
        self.port = free_port()
        self.cluster.add_node(
            num_cpus=1,
            object_store_memory=STORE,
            include_dashboard=False,
            ray_client_server_port=self.port,
        )
        self.others = [self.add() for _ in range(2)]

    def add(self) -> Any:
        return self.cluster.add_node(num_cpus=1, object_store_memory=STORE)

    def kill_one(self) -> None:
        """A node dies as when its plug is pulled; another one takes its place."""
        self.cluster.remove_node(self.others.pop(), allow_graceful=False)


@contextmanager
def started_nodes() -> Iterator[Nodes]:
    """The cluster, which `--on ray` finds by RAY_ADDRESS."""
    pytest.importorskip("ray")
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # Ray's sockets need a short path
    environment = dict(os.environ)
    os.environ |= {
        "RAY_TMPDIR": folder,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
    }
    made = Nodes()
    os.environ["RAY_ADDRESS"] = made.cluster.address
    yield made
    made.cluster.shutdown()
    os.environ.clear()
    os.environ.update(environment)
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
