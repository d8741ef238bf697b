"""A cluster for each file of tests that asks for one; all that reads what is sent to a user."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.integration.nodes import Nodes, started_nodes
from tests.torturing import torture_module

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


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Every reader of a file, with a good one, by name."""
    found: Mapping[str, Any] = torture_module("readers").readers(tmp_path_factory.mktemp("goods"))
    return found
