"""All that reads what a user can be sent, each with a good small file."""

import contextlib
import gzip
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from typer.main import get_command

import glyphlab
import goods
from glyphlab.auditing.audit_file import load_audit, save_audit
from glyphlab.auditing.decisions import (
    check_decisions,
    load_decisions,
    no_decisions,
    save_decisions,
)
from glyphlab.cli.configuration import settings
from glyphlab.cli.main import app
from glyphlab.data.decode import decode
from glyphlab.data.fonts import Face, UnusableFontError, draw_letters, inspect_file
from glyphlab.data.formats import open_file, save_dataset
from glyphlab.data.ingest import load
from glyphlab.data.sharded import open_shards
from glyphlab.data.sharding.sources import ZipReader
from glyphlab.data.shards import ShardIndex, describe_shard, write_index
from glyphlab.data.survey import read_exclusions
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.exporting.importing import import_weights
from glyphlab.files import write_json
from glyphlab.lab.evidence.trial import Outcome, read_outcome
from glyphlab.models.classifier import Classifier
from glyphlab.serving.bodies import sent_images
from glyphlab.training.checkpoint import load_checkpoint
from glyphlab.training.examples import open_logits, save_logits
from glyphlab.training.recipe import default_recipe, load_recipe
from glyphlab.training.run import HISTORY, INFO, RECIPE, WEIGHTS
from glyphlab.tuning.folder import open_folder
from glyphlab.tuning.record import Trial, read_trials, write_trials
from reshape import (
    Reshape,
    reshape_gzip,
    reshape_json,
    reshape_json_body,
    reshape_json_line,
    reshape_png,
    reshape_safetensors,
    reshape_tar,
    reshape_toml,
    reshape_zip,
)
from server_in_process import ServerInProcess

LETTERS = "AB"
MOST_IMAGES = 64
SEARCH = {
    "model": "logistic",
    "arguments": [],
    "fingerprint": "0",
    "recipe": {"epochs": 3},
    "space": {"learning_rate": [0.1, 0.2]},
    "seed": 0,
    "prune": True,
    "confirmed": False,
}


class Reader(NamedTuple):
    """What reads a kind of file.

    Attributes
    ----------
    file : str
        A name that such a file has.
    content : bytes
        A good one.
    read : callable
        Takes the path of a file of that name; a good file must give a result.
    reshape : callable, optional
        Changes a good file so that lengths and checksums still fit.
    """

    file: str
    content: bytes
    read: Callable[[Path], object]
    reshape: Reshape | None = None


def readers(place: Path) -> Mapping[str, Reader]:
    """Each of them by a name for people; `place` is an empty folder for what they need."""
    run = goods.trained(place)
    return {
        **_datasets(place),
        **_sources(place),
        **_images(),
        **_of_runs(run),
        **_of_trainings(place),
        **_texts(place),
        **_of_the_server(run),
    }


def _datasets(place: Path) -> dict[str, Reader]:
    save_dataset(goods.letters(), place / "a.safetensors")
    info = describe_shard(place / "a.safetensors", goods.letters())
    index = ShardIndex("letters", ("a", "b"), (8, 8, 1), (info,))
    write_index(index, place)

    def dataset(path: Path) -> object:
        found = open_file(path)
        return found.fingerprint, list(found.ids), repr(found)

    def shards(path: Path) -> object:
        shutil.copy(place / "a.safetensors", path.parent)
        found = open_shards(path.parent)
        return found.fingerprint, repr(found), found.images[0], list(found.ids), found.labels

    good, good_index = ((place / name).read_bytes() for name in ("a.safetensors", "index.json"))
    return {
        "Dataset file": Reader("a.safetensors", good, dataset, reshape_safetensors),
        "shard index": Reader("index.json", good_index, shards, reshape_json),
    }


def _sources(place: Path) -> dict[str, Reader]:
    def source(path: Path) -> object:
        return load(path, size=goods.SIDE)

    def idx(path: Path) -> object:
        (path.parent / "train-labels-idx1-ubyte").write_bytes(goods.LABELS)
        return load(path.parent, size=goods.SIDE)

    def zip_in_shards(path: Path) -> object:
        reader = ZipReader(path, path.stat().st_size)
        return list(reader.listed())

    packed = gzip.compress(goods.packed_tar(), 1)
    return {
        "tar": Reader("a.tar", goods.packed_tar(), source, reshape_tar),
        "tar.gz": Reader("a.tar.gz", packed, source, reshape_gzip(reshape_tar)),
        "zip": Reader("a.zip", goods.packed_zip(), source, reshape_zip),
        "zip, for shards": Reader("a.zip", goods.packed_zip(), zip_in_shards, reshape_zip),
        "npz": Reader("a.npz", goods.packed_npz(), source, reshape_zip),
        "IDX": Reader("train-images-idx3-ubyte", goods.packed_idx(), idx),
        "IDX, gzip": Reader(
            "train-images-idx3-ubyte.gz", goods.packed_idx_gz(), idx, reshape_gzip()
        ),
        "font": Reader("a.ttf", goods.font(), _font),
    }


def _font(path: Path) -> object:
    drawn = []
    for face in inspect_file(path.name, path, LETTERS):
        if isinstance(face, Face):
            with contextlib.suppress(OSError, UnusableFontError):  # as the survey of fonts does
                drawn.append(draw_letters(face, LETTERS))
    return drawn


def _images() -> dict[str, Reader]:
    def grey(path: Path) -> object:
        return decode(path.read_bytes(), goods.SIDE, "grey")

    def colour(path: Path) -> object:
        return decode(path.read_bytes(), goods.SIDE, "rgb")

    return {
        "PNG": Reader("i.png", goods.png(), grey, reshape_png),
        "JPEG": Reader("i.jpg", goods.jpeg(), grey),
        **{
            kind: Reader(f"i.{ending}", goods.picture(kind), colour)
            for kind, ending in goods.IMAGE_KINDS.items()
        },
    }


def _of_runs(run: Path) -> dict[str, Reader]:
    black = np.zeros((1, goods.SIDE, goods.SIDE, 1), np.uint8)

    def in_run(name: str) -> Callable[[Path], object]:
        good = (run / name).read_bytes()

        def read(path: Path) -> object:
            (run / name).write_bytes(path.read_bytes())
            try:
                return goods.info_of(run)
            finally:
                (run / name).write_bytes(good)

        return read

    def weights(path: Path) -> object:
        return Classifier.load(path).logits(black)

    def state(path: Path) -> object:
        out = path.parent / "imported"
        try:
            return import_weights(path, out).classifier.logits(black)
        finally:
            shutil.rmtree(out, ignore_errors=True)

    good = {name: (run / name).read_bytes() for name in (WEIGHTS, INFO, HISTORY, RECIPE)}
    return {
        "weights": Reader("w.safetensors", good[WEIGHTS], weights, reshape_safetensors),
        "weights, imported": Reader("w.safetensors", good[WEIGHTS], state, reshape_safetensors),
        "run.json": Reader("x.json", good[INFO], in_run(INFO), reshape_json),
        "history": Reader("x.jsonl", good[HISTORY], in_run(HISTORY), reshape_json_line),
        "Recipe of a Run": Reader("x.toml", good[RECIPE], in_run(RECIPE), reshape_toml),
    }


def _of_trainings(place: Path) -> dict[str, Reader]:
    goods.checkpoint(place / "c.safetensors")
    goods.evaluation().save(place / "e.safetensors")
    save_logits(np.zeros((4, 2), np.float32), place / "l.safetensors")
    trials = [Trial(0, "complete", {"learning_rate": 0.1}, 0.9, 0.9, 0.5, {1: 0.8}, 3, 1.5)]
    write_trials(place / "t.jsonl", trials)
    open_folder(place / "search", SEARCH, {})
    outcome = Outcome({0: np.array([True, False])}, 0.9, 0.5, 0.1, 0.9, 130, 1.0, 2.0)
    write_json(place / "o.json", {"trial": {}, "outcome": outcome.to_json()})

    def checkpoint(path: Path) -> object:
        modules, optimizer = goods.training()
        position = load_checkpoint(path.read_bytes(), path, modules, optimizer)
        goods.take_step(modules, optimizer)
        return position

    def evaluation(path: Path) -> object:
        found = Evaluation.load(path)
        ids = list(found.ids or ())
        return repr(found), found._repr_html_(), found.to_json(), found.confusion, ids

    def search(path: Path) -> object:
        return open_folder(path.parent, SEARCH, {})

    def good(name: str) -> bytes:
        return (place / name).read_bytes()

    return {
        "checkpoint": Reader(
            "c.safetensors", good("c.safetensors"), checkpoint, reshape_safetensors
        ),
        "evaluation": Reader(
            "e.safetensors", good("e.safetensors"), evaluation, reshape_safetensors
        ),
        "logits of examples": Reader(
            "l.safetensors", good("l.safetensors"), open_logits, reshape_safetensors
        ),
        "search": Reader("search.json", good("search/search.json"), search, reshape_json),
        "trials": Reader("t.jsonl", good("t.jsonl"), read_trials, reshape_json_line),
        "outcome of a trial": Reader("o.json", good("o.json"), read_outcome, reshape_json),
    }


def _texts(place: Path) -> dict[str, Reader]:
    audit = glyphlab.audit(goods.letters(40), judge_labels=False)
    save_audit(audit, place / "audit.json")
    save_decisions(place / "d.json", no_decisions(audit))
    decided = (place / "d.json").read_bytes().replace(b"[]", _DECISION)
    root = cache(lambda: get_command(app))

    def decisions(path: Path) -> object:
        found = load_decisions(path)
        check_decisions(found, audit, str(path))
        return found

    def audits(path: Path) -> object:
        found = load_audit(path)
        return repr(found), no_decisions(found)

    def configuration(path: Path) -> object:
        with contextlib.chdir(path.parent):
            return settings(root())

    recipe = default_recipe("lenet5").to_toml().encode()
    return {
        "Recipe": Reader("r.toml", recipe, load_recipe, reshape_toml),
        "audit": Reader("audit.json", (place / "audit.json").read_bytes(), audits, reshape_json),
        "decisions": Reader("d.json", decided, decisions, reshape_json),
        "configuration": Reader("glyphlab.toml", _CONFIGURATION, configuration, reshape_toml),
        "pyproject.toml": Reader(
            "pyproject.toml", _PROJECT + _CONFIGURATION, configuration, reshape_toml
        ),
        "fonts left out": Reader("fonts.tsv", _FONTS, read_exclusions),
    }


_DECISION = b'[{"part": "train", "index": 1, "id": "b/1.png", "action": "relabel", "label": "a"}]'
_CONFIGURATION = (
    b'train.size = 28\ntrain.protocol = "corrected"\ntrain.arg = {hidden = [8, 8]}\n'
    b'lab.models = ["mlp", "lenet5"]\n'
)
_PROJECT = b"[tool.glyphlab]\n"
_FONTS = b"# Remark\na/*.ttf\tstars, no letters\nb.otf:3\tdraws boxes\n"


def _of_the_server(run: Path) -> dict[str, Reader]:
    server = cache(lambda: ServerInProcess(run))

    def body(path: Path) -> object:
        kind, _, content = path.read_bytes().partition(b"\n")
        return sent_images(kind.decode("latin-1"), content, MOST_IMAGES)

    def request(path: Path) -> object:
        return server().ask(path.read_bytes())

    return {
        "HTTP form": Reader("form", goods.form(), body),
        "HTTP JSON": Reader("json", goods.json_body(), body, reshape_json_body),
        "HTTP request": Reader("request", goods.request(), request),
    }
