"""The server of `glyphlab data review`, killed by SIGKILL while decisions are saved.

Usage: python torture/kill_review.py [--times 50] [--seed 0] [--out FILE]
A client decides on one image after another, each once the last is answered. At a random moment the
server is killed, and another started in the same folder. Told is of how many kills a decision was
lost that had been answered as saved, the file of decisions was half, the server did not start
again, or more files lay about.
"""

import argparse
import json
import random
import socket
import sys
import tempfile
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import numpy as np

from commands import Command, glyphlab_command, run
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.files import write_json
from jobs import Tally, print_table

COUNTS = ("killed", "decisions saved")
FAULTS = ("decisions lost", "half file", "not started again", "leftovers")
MOST_DECISIONS = 5_000
MOST_SECONDS = 0.3
"""Of saving, before the server is killed."""


class Answer(NamedTuple):
    """The decisions that the server has, and their version."""

    decisions: list[dict[str, object]]
    version: str


class Review:
    """A server of a review that runs, and its client.

    Parameters
    ----------
    here : Path
        Where the folder `audit` is.
    images : Dataset
        What was audited.
    """

    def __init__(self, here: Path, images: Dataset) -> None:
        self.images, self.port = images, _free_port()
        words = ("data", "review", "audit", "--port", str(self.port))
        self.command = Command(glyphlab_command, words, here)

    def found(self) -> Answer | None:
        """What it has, once it answers; None if it ends, or does not within half a minute."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not self.command.ends_within(0.02):
            with suppress(OSError):
                return self.ask("GET")
        return None

    def decide(self, held: Answer, saved: list[Answer]) -> None:
        """Decide on image after image until the server is gone; note all that it says it saved."""
        with suppress(OSError, HTTPException):
            for index in range(len(held.decisions), len(self.images)):
                held = self.ask("PUT", held, index)
                saved.append(held)

    def ask(self, method: str, held: Answer | None = None, index: int = 0) -> Answer:
        """Ask for the decisions; or add one to those that were held, and send them.

        Raises
        ------
        OSError, HTTPException
            If the server is gone.
        RuntimeError
            If it refuses.
        """
        body, headers = b"", dict[str, str]()
        if held is not None:
            new = {"part": "train", "index": index, "id": self.images.ids[index], "action": "keep"}
            decisions = [*held.decisions, new]
            body = json.dumps({"train": self.images.fingerprint, "decisions": decisions}).encode()
            origin = f"http://127.0.0.1:{self.port}"
            headers = {"Origin": origin, "Content-Type": "application/json"}
            headers["If-Match"] = held.version
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, "/decisions", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method}: {answer.status} {content[:200]!r}")
        return Answer(json.loads(content)["decisions"], answer.headers["ETag"])


def torment(times: int, seed: int) -> Tally:
    """Kill the server again and again, and see what is left of the decisions."""
    tally, generator, last = Tally(), random.Random(seed), Answer([], "")
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        here = Path(name)
        images = _audited(here)
        for turn in range(times):
            review = Review(here, images)
            found = review.found()
            if found is None:
                tally.note("not started again", f"turn {turn}: {review.command.end()}")
                return tally
            if found.decisions[: len(last.decisions)] != last.decisions:
                tally.note("decisions lost", f"turn {turn}: {len(found.decisions)} are left")
            saved = [found]
            client = Thread(target=review.decide, args=(found, saved))
            client.start()
            time.sleep(generator.random() * MOST_SECONDS)
            review.command.kill()
            client.join()
            last = saved[-1]
            tally.count("killed")
            tally.count("decisions saved", len(saved) - 1)
            _look(here, tally, turn)
    return tally


def _audited(here: Path) -> Dataset:
    """Letters, which have been audited."""
    train = load_glyphs().train
    some = train.subset(np.arange(MOST_DECISIONS), "letters")
    images = Dataset(some.images, some.labels, some.ids, some.classes, "letters")
    save_dataset(images, here / "images.safetensors")
    words = ("data", "audit", "images.safetensors", "--no-labels", "--out", "audit")
    status, said = run(glyphlab_command, words, here)
    if status:
        raise RuntimeError(said)
    return images


def _look(here: Path, tally: Tally, turn: int) -> None:
    file = here / "audit" / "decisions.json"
    try:
        json.loads(file.read_text() if file.exists() else "{}")
    except ValueError:
        tally.note("half file", f"turn {turn}")
    hidden = [path.name for path in file.parent.glob(".*")]
    if len(hidden) > 1:
        tally.note("leftovers", f"turn {turn}: {', '.join(hidden)}")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main() -> None:
    """Kill, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/torture/kill_review.json"))
    options = parser.parse_args()
    tally = torment(options.times, options.seed)
    print_table({"review": tally}, COUNTS, FAULTS)
    write_json(options.out, vars(tally))
    sys.exit(bool(tally.faults))


if __name__ == "__main__":
    main()
