"""Several processes on this machine that train one model together, and what becomes of them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import IO

from glyphlab.errors import GlyphlabError
from glyphlab.interruption import StopRequest, stop_on_interrupt
from glyphlab.processes import LAUNCHED, available_cores

SECONDS_TO_END = 20.0
"""For the others, once one has ended badly: they notice it by themselves, and save."""
SECONDS_BETWEEN_LOOKS = 0.1


def train_together(workers: int, words: Sequence[str]) -> int:
    """Run `glyphlab` with these words in several processes, as `torchrun` does, until all end.

    Each gets its share of the cores. The first writes and speaks; what another says is shown where
    the first has not said why it ended. Ctrl-C and SIGTERM are passed on; if this process is
    killed, they end as after Ctrl-C.

    Returns
    -------
    int
        The exit status of the first process, or of another that ended badly.

    Raises
    ------
    GlyphlabError
        If a process was killed.
    """
    with stop_on_interrupt() as stop, _started(workers, words) as (processes, said):
        _wait(processes, stop)
        codes = [process.poll() or 0 for process in processes]
        killed = next((number for number, code in enumerate(codes) if code < 0), None)
        if killed is not None and not stop.requested:
            raise GlyphlabError(
                f"Process {killed + 1} of {workers} was ended by signal {-codes[killed]}; go on "
                "with the run by repeating the command with --resume and --out with its folder, "
                "with any number of --workers."
            )
        failed = next((number for number, code in enumerate(codes) if code), 0)
        if failed and codes[0] in (0, GlyphlabError.exit_status):
            said[failed].seek(0)
            sys.stderr.write(said[failed].read().decode("utf-8", "replace"))
        return codes[0] or codes[failed]


@contextmanager
def _started(
    workers: int, words: Sequence[str]
) -> Iterator[tuple[list[subprocess.Popen[bytes]], list[IO[bytes]]]]:
    """Start the processes; they are gone after the block."""
    common, processes = _environment(workers), list[subprocess.Popen[bytes]]()
    with ExitStack() as stack:
        said: list[IO[bytes]] = [stack.enter_context(TemporaryFile()) for _ in range(workers)]
        for number in range(workers):
            process = subprocess.Popen(  # noqa: S603  # it is this Python
                [sys.executable, "-m", "glyphlab", *words],
                stdin=subprocess.PIPE,
                stdout=None if number == 0 else subprocess.DEVNULL,
                stderr=None if number == 0 else said[number],
                start_new_session=True,
                env={**common, "RANK": str(number), "LOCAL_RANK": str(number)},
            )
            processes.append(process)
            stack.callback(_end, process)
        yield processes, said


def _environment(workers: int) -> dict[str, str]:
    """The variables by which PyTorch's processes find each other, over the loopback interface."""
    loopback = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), "lo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    threads = max(1, available_cores() // workers)
    return {
        "OMP_NUM_THREADS": str(threads),
        "GLOO_SOCKET_IFNAME": loopback,
        **os.environ,
        "WORLD_SIZE": str(workers),
        "LOCAL_WORLD_SIZE": str(workers),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        LAUNCHED: "1",
    }


def _wait(processes: Sequence[subprocess.Popen[bytes]], stop: StopRequest) -> None:
    """Wait for all to end; once one has ended badly, not for long."""
    passed_on, deadline = False, float("inf")
    while any(process.poll() is None for process in processes):
        if stop.requested and not passed_on:
            passed_on = True
            for process in processes:
                process.send_signal(signal.SIGTERM)
        if any(process.poll() for process in processes):
            deadline = min(deadline, time.monotonic() + SECONDS_TO_END)
        if time.monotonic() > deadline:
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a process be gone, and its pipe closed."""
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
