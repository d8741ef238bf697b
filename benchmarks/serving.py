"""Serving: requests a second by many clients at once, beside a plain FastAPI handler.

    python benchmarks/serving.py [--models lenet5,glyphnet] [--seconds 60] [--clients 32]
        [--repeats 3] [--out FILE] [--quick]

Each client sends one image as a file of a form over loopback, and again as soon as it is answered.
The server, its peers and the clients share the machine's cores; each is a process of its own, and
one server runs at a time. The peers call a network of the same layers once for each request, by
PyTorch and by Keras, on threads of FastAPI.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

import glyphlab
from measuring import (
    FOLDER,
    machine,
    median_ratio,
    peer_python,
    publish,
    run_script,
    spread,
    table,
    take_turns,
)

OURS, PEERS = "glyphlab serve", ("PyTorch", "Keras")
SENT = 64
SETTLED_SECONDS = 10


def main() -> None:
    """Measure every model in turn with every server."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", default="lenet5,glyphnet")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/serving.json"))
    parser.add_argument("--quick", action="store_true", help="one turn of 5 s")
    asked = parser.parse_args()
    seconds, repeats = (5, 1) if asked.quick else (asked.seconds, asked.repeats)
    taken = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["GLYPHLAB_HOME"] = str(folder / "home")
        images = write_images(folder / "images")
        for model in asked.models.split(","):
            run = trained(model, folder / model)
            load = {"images": str(images), "clients": asked.clients, "seconds": seconds}
            ways = {OURS: partial(measure, partial(ours, run), load)} | {
                by: partial(measure, partial(peer, by, model), load) for by in PEERS
            }
            taken[model] = take_turns(ways, repeats)
    facts = {"machine": machine(), "clients": asked.clients, "seconds": seconds, "taken": taken}
    publish("How many requests a second?", facts, list(lines(taken, repeats)), asked.out)


def lines(taken: dict[str, dict[str, list[dict[str, Any]]]], repeats: int) -> Iterator[str]:
    """A row for each server of each model."""
    rows = []
    for model, ways in taken.items():
        for name, turns in ways.items():
            rates, own = (
                [turn["requests_per_second"] for turn in each] for each in (turns, ways[OURS])
            )
            rows.append(
                [
                    f"{model}, {name}",
                    spread(rates),
                    "" if name == OURS else f"{median_ratio(own, rates):.1f}",
                    spread([turn["p50_ms"] for turn in turns], ".0f"),
                    spread([turn["p99_ms"] for turn in turns], ".0f"),
                    f"{sum(turn['failures'] for turn in turns):,}",
                    spread([turn["megabytes_settled"] for turn in turns]),
                    spread([turn["megabytes_at_end"] for turn in turns]),
                ]
            )
    yield f"Median and range of {repeats} turns."
    yield from table(
        (
            *("server", "requests/s", "glyphlab is so many times as fast", "p50 ms", "p99 ms"),
            *("failures", f"MB after {SETTLED_SECONDS} s", "MB at the end"),
        ),
        rows,
    )


def measure(start: Callable[[int], subprocess.Popen[str]], load: dict[str, Any]) -> dict[str, Any]:
    """Load a server that is started for it; what the clients saw, and its memory."""
    with running(start) as (process, port):
        memory: list[float] = []
        done = threading.Event()
        watch = threading.Thread(target=watch_memory, args=[process.pid, memory, done])
        watch.start()
        seen = run_script(sys.executable, "hammer.py", {**load, "port": port})
        done.set()
        watch.join()
    settled = min(SETTLED_SECONDS, len(memory) - 1)
    return {**seen, "megabytes_settled": memory[settled], "megabytes_at_end": memory[-1]}


@contextmanager
def running(
    start: Callable[[int], subprocess.Popen[str]],
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server on a free port, from when it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = start(port)
    try:
        while not answers(port):
            if process.poll() is not None:
                raise RuntimeError(f"The server ended with {process.returncode}.")
            time.sleep(0.2)
        yield process, port
    finally:
        process.terminate()
        process.wait(60)


def answers(port: int) -> bool:
    """Whether a server answers, and, if it is ours, computes as fast as it will."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            pass
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/models", timeout=5) as models:
            described = json.load(models)["models"]
    except urllib.error.HTTPError as error:
        return error.code == 404
    except OSError:
        return False
    return all(model["computed_by"] == "ONNX Runtime" for model in described)


def watch_memory(process: int, megabytes: list[float], done: threading.Event) -> None:
    """Note a process's resident memory each second."""
    while True:
        status = Path(f"/proc/{process}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        megabytes.append(int(found[1]) / 1024 if found else 0.0)
        if done.wait(1):
            return


def ours(run: Path, port: int) -> subprocess.Popen[str]:
    """Start our server."""
    words = [sys.executable, "-m", "glyphlab", "--quiet", "serve", str(run), "--port", str(port)]
    return subprocess.Popen(words, text=True)


def peer(by: str, model: str, port: int) -> subprocess.Popen[str]:
    """Start a peer."""
    task = json.dumps({"by": by, "model": model, "port": port})
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    script = str(FOLDER / "peers" / "plain_server.py")
    return subprocess.Popen([str(peer_python()), script, task], text=True, env=quiet)


def trained(model: str, folder: Path) -> Path:
    """A run of some steps: what it has learned costs no time."""
    train, _ = glyphlab.load("glyphs")
    recipe = glyphlab.default_recipe(model).replace(steps=20, batch_size=32)
    return glyphlab.fit(model, train, recipe, out=folder).path


def write_images(folder: Path) -> Path:
    """Images of the built-in test part as PNG files."""
    folder.mkdir()
    _, test = glyphlab.load("glyphs")
    for place in range(SENT):
        pixels = test.images[place * len(test) // SENT, :, :, 0]
        Image.fromarray(pixels).save(folder / f"{place}.png")
    return folder


if __name__ == "__main__":
    main()
