"""A process of `glyphlab serve`: started, watched, ended, and started again at the same port."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import glyphlab
from glyphlab.data.glyphs import load_glyphs

READY_SECONDS, END_SECONDS = 120, 60


def trained(folder: Path, model: str = "lenet5") -> Path:
    """A run of some steps: what it has learned costs no time."""
    train = load_glyphs().train
    recipe = glyphlab.default_recipe(model).replace(steps=20, batch_size=32, precision="float32")
    return glyphlab.fit(model, train, recipe, out=folder).path


class ServedProcess:
    """A server of one run, from when it answers to the end of a `with` block.

    Parameters
    ----------
    run : Path
    home : Path
        For what it keeps, and for its log.
    settles : bool
        Whether to wait until it computes as fast as it will, beyond its first answer.

    Attributes
    ----------
    port : int
    """

    def __init__(self, run: Path, home: Path, settles: bool = True) -> None:
        self._run, self._home, self._settles = run, home, settles
        self._log = home / "serve.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        self._home.mkdir(exist_ok=True)
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Start it; it needs some seconds until it answers."""
        words = ["-m", "glyphlab", "--quiet", "serve", str(self._run), "--port", str(self.port)]
        environment = {
            **os.environ,
            "GLYPHLAB_HOME": str(self._home),
            "OMP_NUM_THREADS": "1",
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *words], stdout=log, stderr=log, env=environment
            )

    def wait_until_ready(self) -> None:
        """Wait until it answers, and has settled.

        Raises
        ------
        RuntimeError
            If it ends, or takes too long.
        """
        for _ in range(READY_SECONDS * 10):
            if self._process.poll() is not None:
                raise RuntimeError(f"The server ended with {self._process.returncode}.")
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError(f"The server did not answer within {READY_SECONDS} s.")

    def _answers(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/api/models"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                described = json.load(answer)["models"]
        except (OSError, urllib.error.URLError):
            return False
        return not self._settles or all(
            model["computed_by"] == "ONNX Runtime" for model in described
        )

    def end(self) -> tuple[int, float]:
        """Ask it to end by SIGTERM, and wait; its status, and how many seconds it took."""
        begun = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(END_SECONDS)
        return status, time.perf_counter() - begun

    def megabytes(self) -> float:
        """Its resident memory; 0 where it has ended."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0.0
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def open_files(self) -> int:
        """How many files and connections it holds open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def tracebacks(self) -> int:
        """How many tracebacks its log holds."""
        return self._log.read_text("utf-8", "replace").count("Traceback (most recent call last)")
