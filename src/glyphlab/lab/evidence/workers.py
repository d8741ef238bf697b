"""Trials side by side: processes that each train on one thread.

Steps of small networks on 64 images gain little from a second thread; two trials at once gain all
of it. They are processes since PyTorch's generator of random numbers is one for all threads.
"""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from shutil import rmtree
from typing import Any

from glyphlab.data.formats import save_dataset
from glyphlab.errors import GlyphlabError, Interrupted
from glyphlab.interruption import stop_on_interrupt
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial
from glyphlab.processes import start_python
from glyphlab.progress import Progress

MATERIAL = "material"
"""Folder of the images that the workers read, for as long as they work."""
SECONDS_BETWEEN_LOOKS = 0.2
_SERVE = "from glyphlab.lab.evidence.serve import serve_parent; serve_parent()"


class Workers:
    """Processes that do trials, as many at once as there are of them."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self.processes = processes

    def do(self, trials: Sequence[Trial], folder: Path, progress: Progress) -> None:
        """Do every trial, each in the order given as soon as a worker is free.

        Parameters
        ----------
        trials : sequence of Trial
        folder : Path
            Of their outcomes.
        progress : callable
            Told how many steps are done, and of how many.

        Raises
        ------
        Interrupted
            On Ctrl-C; what is done is kept, and the trainings in hand go on another time.
        GlyphlabError
            If a trial fails, or a process ends.
        """
        waiting: SimpleQueue[tuple[int, Trial]] = SimpleQueue()
        for numbered in zip(count(), trials):
            waiting.put(numbered)
        steps = [0] * len(trials)
        total = sum(trial.steps for trial in trials)
        with stop_on_interrupt() as stop, ThreadPoolExecutor(len(self.processes)) as pool:
            work = [pool.submit(_drive, p, waiting, folder, steps) for p in self.processes]
            while not _ended(work):
                wait(work, SECONDS_BETWEEN_LOOKS)
                progress(sum(steps), total)
                if stop.requested:
                    break
            if not all(each.done() for each in work):
                self.stop()
        if stop.requested and sum(steps) < total:
            told = f"Stopped after {sum(steps):,} of {total:,} steps; all is saved in {folder}."
            raise Interrupted(told, folder)
        for each in work:
            each.result()

    def stop(self) -> None:
        """Ask every worker to end after the step in hand."""
        for process in self.processes:
            with suppress(OSError):
                process.send_signal(signal.SIGTERM)


@contextmanager
def workers(material: Material, out: Path, number: int) -> Iterator[Workers]:
    """Start workers for these images; they end with the block."""
    folder = out / MATERIAL
    processes = []
    try:
        first: dict[str, Any] = asdict(material.budget)
        for part, dataset in (("train", material.train), ("test", material.test)):
            save_dataset(dataset, folder / f"{part}.safetensors")
            first[part] = str((folder / f"{part}.safetensors").resolve())
        for _ in range(number):
            processes.append(start_python(_SERVE, OMP_NUM_THREADS="1"))
            _send(processes[-1], first)
        yield Workers(processes)
    finally:
        for process in processes:
            _end(process)
        rmtree(folder, ignore_errors=True)


def _ended(work: Sequence[Future[None]]) -> bool:
    """Whether all is done, or one has failed."""
    failed = any(each.done() and each.exception() for each in work)
    return failed or all(each.done() for each in work)


def _drive(
    process: subprocess.Popen[bytes],
    waiting: "SimpleQueue[tuple[int, Trial]]",
    folder: Path,
    steps: list[int],
) -> None:
    """Give a worker one trial after the other, and note how far it is."""
    while True:
        try:
            place, trial = waiting.get_nowait()
        except Empty:
            return
        _send(process, {"trial": asdict(trial), "folder": str(folder.resolve())})
        for answer in _answers(process):
            steps[place] = answer.get("step", steps[place])
            if "done" in answer:
                steps[place] = trial.steps
                break
            if "stopped" in answer:
                return
            if "failed" in answer:
                raise GlyphlabError(answer["failed"])
        else:
            raise GlyphlabError("A process beside this one ended; repeat the command to go on.")


def _answers(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """What a worker tells, until it ends."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        yield json.loads(line)


def _send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(message).encode() + b"\n")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
