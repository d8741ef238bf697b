"""A server on a port, from its start to its graceful end."""

import asyncio
import signal
import socket
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import torch
import uvicorn

from glyphlab.data.collect import cores
from glyphlab.errors import InputError
from glyphlab.memory import hand_back_freed_memory
from glyphlab.serving.app import Application
from glyphlab.serving.connection import Connection
from glyphlab.serving.guard import Guard
from glyphlab.serving.limits import Limits
from glyphlab.serving.metrics import Metrics
from glyphlab.serving.served import Computing, Opener, ServedModels
from glyphlab.serving.service import Service
from glyphlab.training.run import Run

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
CONNECTIONS = 1024
GRACE_SECONDS = 30
_BACKLOG = 1024


@contextmanager
def application(
    runs: Sequence[Path],
    limits: Limits,
    hosts: Sequence[str] = (),
    token: str | None = None,
    open_run: Opener = Run,
) -> Iterator[Application]:
    """The application of these runs, with the threads that it computes on.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished runs.
    limits : Limits
    hosts, token
        See `Guard`.
    open_run : callable

    Raises
    ------
    InputError
        If a run can't predict.
    """
    hand_back_freed_memory()
    metrics, side_by_side = Metrics(), max(1, cores() - 1)
    with (
        _threads(side_by_side, "compute") as computing,
        _threads(cores(), "read") as readers,
    ):
        models = ServedModels(runs, Computing(computing, side_by_side), metrics, open_run)
        yield Application(Service(models, limits, readers), metrics, Guard(hosts, token))


def serve(
    runs: Sequence[Path],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    allowed_hosts: Sequence[str] = (),
    token: str | None = None,
    limits: Limits | None = None,
    open_run: Opener = Run,
    announce: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; requests that are under way are answered before it ends.

    Parameters
    ----------
    runs : sequence of Path
        Folders of finished runs.
    host : str
        Address to listen at.
    port : int
        0 for any that is free.
    allowed_hosts : sequence of str
        More names that requests may call the server, beside those of this machine's loopback. They
        are checked where it listens on loopback, or where some are given.
    token : str, optional
        What requests must carry.
    limits : Limits, optional
    open_run : callable
        From the folder of a run to the run, whenever it is read.
    announce : callable
        Told the address when the server listens.

    Raises
    ------
    InputError
        If a run can't predict, or the address can't be listened at.
    """
    hosts = (*LOOPBACK_NAMES, *allowed_hosts) if is_loopback(host) or allowed_hosts else ()
    with (
        application(runs, limits or Limits(), hosts, token, open_run) as app,
        _listening(host, port) as listener,
    ):
        config = configuration(app)
        server = Server(config, lambda: announce(_address(listener)))
        with _signals_end_quietly(), warnings.catch_warnings():
            # Of damaged images; what strangers send shall not fill the log.
            warnings.filterwarnings("ignore", module="PIL")
            server.run(sockets=[listener])


def configuration(app: Application) -> uvicorn.Config:
    """How uvicorn serves an application."""
    return uvicorn.Config(
        app,
        http=Connection,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=_BACKLOG,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Server(uvicorn.Server):
    """A server of uvicorn's that says when it listens, and at its end answers all who came before.

    Parameters
    ----------
    config : uvicorn.Config
        With `Connection` for HTTP.
    announce : callable
    """

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no longer, take those who are connected already, and answer what they ask."""
        came = [connection for listener in sockets or () for connection in _came(listener)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in came:
            await loop.connect_accepted_socket(self._connection, connection)
        await asyncio.sleep(0)  # those who were taken a moment ago are told of the end, too
        await super().shutdown(sockets)

    def _connection(self) -> Connection:
        return Connection(self.config, self.server_state, self.lifespan.state)


def _came(listener: socket.socket) -> Iterator[socket.socket]:
    """Connections that the system made and nobody has taken yet; closing would break them."""
    with suppress(OSError):
        for _ in range(_BACKLOG):
            yield listener.accept()[0]


def _threads(number: int, name: str) -> ThreadPoolExecutor:
    """Threads on each of which PyTorch computes alone."""
    return ThreadPoolExecutor(number, name, initializer=torch.set_num_threads, initargs=(1,))


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "it must lie between 0 and 65535"
            raise InputError(
                f"Can't listen at {host}, port {port}: {reason}; choose another --host or --port."
            ) from error
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """Uvicorn raises the signal that ended it again when it has ended; here that is the end."""
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, lambda *_: None) for each in wanted}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
