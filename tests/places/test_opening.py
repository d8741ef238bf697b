"""From the word behind --on to a place, without a cluster."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.command import status

from glyphlab.errors import InputError
from glyphlab.places import cluster
from glyphlab.places.local import Local
from glyphlab.places.opening import open_place

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where somebody listens, who is no cluster."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def refused(where: str) -> str:
    with pytest.raises(InputError) as error, open_place(where):
        pass
    return str(error.value)


def test_here() -> None:
    with open_place("local") as place:
        assert isinstance(place, Local)


@pytest.mark.parametrize("word", ["slurm", "", "Ray", "ray:", "http://localhost:10001"])
def test_another_word_is_no_place(word: str) -> None:
    assert refused(word).endswith("is no place to compute; give local, ray or ray://HOST:PORT.")


@pytest.mark.parametrize(
    "address", ["ray://", "ray://host", "ray://:10001", "ray://host:x", "ray://host:99999"]
)
def test_an_address_needs_host_and_port(address: str) -> None:
    pytest.importorskip("ray")
    assert refused(address) == f"'{address}' is no address of a cluster; write ray://HOST:PORT."


def test_no_cluster_at_the_address_is_said_before_images_are_read(
    free_port: int, capsys: Capture
) -> None:
    pytest.importorskip("ray")
    words = ("--data", "no-such-images", "--on", f"ray://127.0.0.1:{free_port}")
    for command in ("lab", "evidence"):
        assert status(command, *words) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"There is no cluster at ray://127.0.0.1:{free_port}")
        assert "ray start --head" in error
        assert error.count("\n") == 1


def test_no_cluster_where_ray_s_own_variable_points(free_port: int, monkeypatch: Patch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{free_port}")
    assert f"no cluster at 127.0.0.1:{free_port} that" in refused("ray")


def test_a_server_that_is_no_cluster_is_given_up(silent_port: int, monkeypatch: Patch) -> None:
    worker = pytest.importorskip("ray.util.client.worker")
    for name in ("INITIAL_TIMEOUT_SEC", "MAX_TIMEOUT_SEC"):
        monkeypatch.setattr(worker, name, 0.1)
    assert f"no cluster at ray://127.0.0.1:{silent_port} that" in refused(
        f"ray://127.0.0.1:{silent_port}"
    )


def test_without_ray_the_extra_is_named(monkeypatch: Patch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for where in ("ray", "ray://127.0.0.1:10001"):
        assert refused(where) == (
            "Computing on a cluster needs the package ray, which is not installed; install it by "
            "pip install 'glyphlab[cluster]'."
        )


def test_nothing_is_reported_to_the_makers_of_ray(monkeypatch: Patch) -> None:
    pytest.importorskip("ray")
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    cluster.import_ray()
    from ray._common.usage.usage_lib import usage_stats_enabled

    assert not usage_stats_enabled()


def test_ray_is_imported_only_where_it_is_asked_for() -> None:
    code = (
        "import sys, glyphlab.cli.main, glyphlab.lab.tasks, glyphlab.places.opening as o\n"
        "with o.open_place('local'): pass\n"
        "assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
