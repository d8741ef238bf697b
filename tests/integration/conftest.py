"""A cluster for each file of tests that asks for one."""

from collections.abc import Iterator

import pytest
from tests.integration.nodes import Nodes, started_nodes

from glyphlab.places.opening import open_place
from glyphlab.places.place import Place


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A head and two more nodes, of one core each."""
    with started_nodes() as nodes:
        yield nodes


@pytest.fixture(scope="module")
def place(nodes: Nodes) -> Iterator[Place]:
    """The cluster, as `--on ray` opens it."""
    with open_place("ray") as opened:
        yield opened
