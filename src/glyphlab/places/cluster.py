"""To a cluster of Ray and away from it, without a word of Ray's own."""

import logging
import os
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from typing import Any

from glyphlab.errors import InputError
from glyphlab.extras import extra
from glyphlab.places.versions import check_versions, own_versions

_log = logging.getLogger(__name__)

CLIENT = "ray://"
ADDRESS = "RAY_ADDRESS"
LOCAL_ADDRESS = "local"
SECONDS_TO_REACH = 4.0
SECONDS_TO_ANSWER = 60.0
TURNS = 2
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "3",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "3",
}
"""Ray's own, where the user has made none: it reports nothing to its makers, and a server that does
not answer is waited for by seconds."""
_QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}


def import_ray() -> Any:
    """Give the module, which reads its settings as it is imported.

    Raises
    ------
    InputError
        If it is not installed.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    with extra("cluster", "Computing on a cluster"):
        return import_module("ray")


@contextmanager
def cluster(where: str) -> Iterator[Any]:
    """Connect to a cluster, or start one on this machine, for the statements of a `with` block.

    A process that is connected already stays so.

    Parameters
    ----------
    where : str
        "ray" for the cluster that `RAY_ADDRESS` names or this machine belongs to, else one that is
        started here; "ray://HOST:PORT" for that of another machine.

    Yields
    ------
    module
        Ray.

    Raises
    ------
    InputError
        If Ray is not installed, or there is no cluster at the address.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with _without_its_words():
        try:
            _connect(ray, where)
            _put_back(handlers)
            yield ray
        finally:
            ray.shutdown()
            _put_back(handlers)


def check_address(where: str) -> None:
    """Refuse an address where nobody listens, for which Ray would wait for minutes.

    Parameters
    ----------
    where : str
        As for `cluster`, or an address without "ray://".

    Raises
    ------
    InputError
        If it is no address, or nobody is there.
    """
    address = _address(where)
    if address in ("", LOCAL_ADDRESS):
        return
    host, colon, port = address.removeprefix(CLIENT).rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        raise InputError(f"{address!r} is no address of a cluster; write {CLIENT}HOST:PORT.")
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_REACH)):
            pass
    except OSError as error:
        raise _no_cluster(address, error) from error


def check_nodes(ray: Any) -> None:
    """Refuse a cluster with a node whose versions are not those of this machine.

    Raises
    ------
    InputError
        Naming the node, and what differs there or that it doesn't answer.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def versions() -> dict[str, str]:
        """Sent as code, since a node may have no glyphlab."""
        try:
            from glyphlab.places.versions import own_versions

            return own_versions()
        except ImportError:
            return {}

    asked = {}
    for node in ray.nodes():
        if node["Alive"]:
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            remote = ray.remote(versions).options(num_cpus=0, scheduling_strategy=there)
            asked[f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"] = remote.remote()
    for name, answer in asked.items():
        try:
            found = ray.get(answer, timeout=SECONDS_TO_ANSWER)
        except (ray.exceptions.RayError, TimeoutError) as error:
            raise InputError(
                f"Node {name} of the cluster can't start Python ({_reason(error)}); look at "
                "it by ray status, or take it out by ray stop there."
            ) from error
        check_versions(name, found, own_versions())


def head_node(ray: Any) -> str:
    """The id of the node that the cluster can't be without."""
    for node in ray.nodes():
        if "node:__internal_head__" in node["Resources"]:
            head: str = node["NodeID"]
            return head
    raise InputError("The cluster has no head; start it again by ray stop and ray start --head.")


def _connect(ray: Any, where: str) -> None:
    address = _address(where)
    if address and address != LOCAL_ADDRESS:
        _reach(ray, address)
        return
    noted = _noted() if not address else None
    if noted is not None:
        ray.init(address=noted, **_QUIET)
    else:
        ray.init(address=LOCAL_ADDRESS, include_dashboard=False, **_QUIET)


def _address(where: str) -> str:
    return os.environ.get(ADDRESS, "") if where == "ray" else where


def _noted() -> str | None:
    """The cluster that `ray start` has noted on this machine, if it still runs.

    Ray's own "auto" joins any cluster here, one that another command has for itself, too; and it
    waits for minutes for one that was killed.
    """
    noted: str | None = import_module("ray._private.utils").read_ray_address()
    if not noted:
        return None
    try:
        check_address(noted)
    except InputError:
        return None
    return noted


def _reach(ray: Any, address: str) -> None:
    check_address(address)
    for turn in range(TURNS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it says beside the error what the error says
                ray.init(address, **_QUIET)
        except (OSError, RuntimeError, ValueError, AssertionError, _error_of(ray)) as error:
            with suppress(Exception):
                ray.shutdown()
            # A busy head needs longer than it allows itself to start a server for this client.
            if turn + 1 < TURNS and isinstance(error, ConnectionAbortedError):
                continue
            raise _no_cluster(address, error) from error
        else:
            return


def _error_of(ray: Any) -> type[Exception]:
    error: type[Exception] = ray.exceptions.RayError
    return error


def _no_cluster(address: str, error: Exception) -> InputError:
    return InputError(
        f"There is no cluster at {address} that can be used ({_reason(error)}); start one "
        "there by ray start --head, and look whether its address and port can be reached."
    )


@contextmanager
def _without_its_words() -> Iterator[None]:
    """Let what Ray prints of each process that died go to the log; it has no setting for it."""
    worker: Any = import_module("ray._private.worker")

    def note(data: dict[str, Any], *_: object, **__: object) -> None:
        _log.info("Ray: %s", " ".join(map(str, data.get("lines", ()))))

    printing = worker.print_to_stdstream
    worker.print_to_stdstream = note
    try:
        yield
    finally:
        worker.print_to_stdstream = printing


def _reason(error: BaseException) -> str:
    """What an error says, without the traceback that it may hold."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first, *others = lines or [type(error).__name__]
    whole = f"{first} {others[-1]}" if first.endswith(":") and others else first
    return whole.rstrip(".:")


def _put_back(handlers: dict[signal.Signals, Any]) -> None:
    """Ray handles signals itself; ours are to stay. Only the main thread may say so."""
    with suppress(ValueError):
        for number, handler in handlers.items():
            signal.signal(number, handler)
