"""What a worker runs: it does trials that come through a pipe, on one thread.

Messages are JSON, one a line. The first says where the images are; each further one is a trial and
the folder of its outcome. Answers are the step in hand, and at the end of a trial that it is done,
was stopped, or failed, with the sentence.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import torch

from glyphlab.data.opening import open_dataset
from glyphlab.errors import GlyphlabError, Interrupted
from glyphlab.lab.evidence.material import Budget, Material
from glyphlab.lab.evidence.trial import Trial, run_trial


def serve_parent() -> None:
    """Do what comes on standard input, and answer on standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    torch.set_num_threads(1)
    serve(sys.stdin, answers)


def serve(tasks: TextIO, answers: TextIO) -> None:
    """Do every trial until the tasks end, or one is stopped."""

    def tell(**answer: object) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    first = json.loads(tasks.readline())
    train, test = (open_dataset(Path(first[part])) for part in ("train", "test"))
    material = Material(train, test, Budget(first["seeds"], first["scale"]))
    for line in tasks:
        try:
            _do(json.loads(line), material, tell)
        except Interrupted:
            tell(stopped=True)
            return
        except GlyphlabError as error:
            tell(failed=str(error))


def _do(task: dict[str, Any], material: Material, tell: Callable[..., None]) -> None:
    trial = Trial.from_json(task["trial"])
    run_trial(trial, material, Path(task["folder"]), lambda status: tell(step=status.step))
    tell(done=True)
