"""Tasks that are done by processes on this machine, side by side.

They speak through pipes: the parent sends tasks, pickled, and a process sends results and calls.
A process ends when its parent does, at its next word.
"""

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, BinaryIO, Generic

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.places.local import Here
from glyphlab.places.place import P, R, T, Task
from glyphlab.processes import start_python

_SERVE = "from glyphlab.places.processes_place import serve_parent; serve_parent()"

_DONE, _FAILED, _CALL = "done", "failed", "call"
_parents: list[tuple[BinaryIO, BinaryIO]] = []


class Processes:
    """Processes of this machine, each of which does a task at a time.

    Parameters
    ----------
    jobs : int
        How many.

    Raises
    ------
    InputError
        If there are less than one.
    """

    is_here = False

    def __init__(self, jobs: int) -> None:
        if jobs < 1:
            raise InputError(f"There are {jobs} processes to work; give 1 or more.")
        self.at_once = jobs
        self._functions: list[Callable[..., Any]] = []

    def put(self, value: T) -> Here[T]:
        """Keep a value; it is sent with each task."""
        return Here(value)

    def calling(self, function: Callable[P, R]) -> Callable[P, R]:
        """Give what a task can call; the function is called here, on another thread."""
        self._functions.append(function)
        return _Calling(len(self._functions) - 1)

    def run(self, tasks: Iterable[Task[R]]) -> Iterator[tuple[Task[R], R]]:
        """Do tasks, and give each with its result as soon as it has ended.

        Raises
        ------
        GlyphlabError
            What a task raises, or if a process is ended from outside.
        """
        waiting, ended = _Waiting(tasks), SimpleQueue[Any]()
        workers = [_Worker(self._functions) for _ in range(self.at_once)]
        threads = [Thread(target=_work, args=(w, waiting, ended), daemon=True) for w in workers]
        for thread in threads:
            thread.start()
        try:
            left = len(threads)
            while left:
                result = ended.get()
                if isinstance(result, BaseException):
                    raise result
                if result is None:
                    left -= 1
                else:
                    yield result
        finally:
            waiting.close()
            for worker in workers:
                worker.kill()
            for thread in threads:
                thread.join()


class _Waiting(Generic[R]):
    """Tasks that several threads take from one iterable."""

    def __init__(self, tasks: Iterable[Task[R]]) -> None:
        self._tasks, self._lock, self._closed = iter(tasks), Lock(), False

    def take(self) -> Task[R] | None:
        with self._lock:
            return None if self._closed else next(self._tasks, None)

    def close(self) -> None:
        self._closed = True


def _work(worker: "_Worker", waiting: _Waiting[R], ended: "SimpleQueue[Any]") -> None:
    """Let a process do tasks until there are none."""
    try:
        while (task := waiting.take()) is not None:
            ended.put((task, worker.do(task)))
        ended.put(None)
    except BaseException as error:  # whatever it is, the thread that waits shall raise it
        ended.put(error)
    finally:
        worker.close()


class _Worker:
    """One process; it is started for its first task."""

    def __init__(self, functions: list[Callable[..., Any]]) -> None:
        self._functions = functions
        self._process: subprocess.Popen[bytes] | None = None
        self._results: BinaryIO | None = None
        self._lock, self._killed = Lock(), False

    def do(self, task: Task[R]) -> R:
        """Send a task, answer its calls, and give its result."""
        try:
            tasks, results = self._pipes()
            folder = {} if task.folder is None else {"folder": task.folder}
            _send(tasks, (task.function, task.arguments, folder))
            while True:
                kind, value = pickle.load(results)  # noqa: S301  # of a process of our own
                if kind == _DONE:
                    result: R = value
                    return result
                if kind == _FAILED:
                    raise value
                number, arguments, keywords = value
                _send(tasks, self._functions[number](*arguments, **keywords))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise GlyphlabError(
                f"The process that did {task.label} was ended from outside, as a system does that "
                "runs out of memory; let fewer work at once."
            ) from error

    def kill(self) -> None:
        """End the process at once; another is not started."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the process, and take leave of it."""
        self.kill()
        if self._process is not None:
            self._process.wait()
            for pipe in (self._process.stdin, self._results):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        with self._lock:
            if self._killed:
                raise EOFError
            if self._process is None:
                self._process = start_python(_SERVE, OPENBLAS_NUM_THREADS="1")
                stdout: Any = self._process.stdout
                self._results = io.BufferedReader(stdout)
            tasks: Any = self._process.stdin
            results: Any = self._results
            return tasks, results


@dataclass(frozen=True)
class _Calling:
    """In a process: calls a function of the parent, by its number there."""

    number: int

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        tasks, results = _parents[-1]
        _send(results, (_CALL, (self.number, arguments, keywords)))
        return pickle.load(tasks)  # noqa: S301  # of the parent


def serve_parent() -> None:
    """Do what comes on standard input, and answer on standard output."""
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    serve(sys.stdin.buffer, results)


def serve(tasks: BinaryIO, results: BinaryIO) -> None:
    """Do tasks until there are no more, or nobody waits for results."""
    _parents.append((tasks, results))
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, arguments, keywords = pickle.load(tasks)  # noqa: S301  # of the parent
            _send(results, _answer(function, arguments, keywords))


def _answer(
    function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[str, Any]:
    try:
        return _DONE, function(*arguments, **keywords)
    except GlyphlabError as error:
        return _FAILED, error
    except Exception as error:  # it is raised in the parent, where its own traceback is lost
        import traceback

        return _FAILED, RuntimeError("".join(traceback.format_exception(error)))


def _send(stream: BinaryIO, value: Any) -> None:
    waiting = memoryview(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    while waiting:
        waiting = waiting[stream.write(waiting) :]
