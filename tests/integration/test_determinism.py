"""The same work done twice, by other processes in other surroundings, ends in equal bits.

What must be equal for that, and what may differ, is told in docs/determinism.md.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.serving.running import png, served
from tests.toys import bars

from glyphlab.data.formats import open_file
from glyphlab.evaluation.evaluation import Evaluation

SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C.UTF-8", "COLUMNS": "80"},
    {"PYTHONHASHSEED": "2", "TZ": "Asia/Kolkata", "LANG": "tr_TR.UTF-8", "COLUMNS": "200"},
)
"""What differs between the two, beside the folder and the order of files in it."""
MANY = (
    "import sys\n"
    "from glyphlab.cli import main\n"
    "for line in sys.stdin.read().splitlines():\n"
    "    try:\n"
    "        main(line.split())\n"
    "    except SystemExit as left:\n"
    "        assert not left.code, line\n"
)
"""Does the commands of standard input, one a line, in one process."""
READ = (
    "data add letters",
    "data add packed.tar.gz",
    "data add letters --name shards --shard-size 50",
)
WORK = (
    "train lenet5 --data letters --set epochs=2 --set validation=0.2 --out run",
    "train logistic --data letters --set epochs=2 --set seed=1 --out other",
    "evaluate run --data letters --json evaluation.json",
    "predict run letters --json prediction.json",
    "predict run packed.tar.gz --json packed.json",
    "compare run other --test letters --out page --json comparison.json",
    "data audit letters --out audit --folds 2",
    "tune logistic --data letters --set epochs=1 --trials 3 --confirm 1 --json tuned.json",
    "export run --format onnx --out onnx",
    "export run --format python --out python",
    "export run --format safetensors --out state",
)
STORED = "home/datasets"
MEASURED = ("seconds", "images_per_second", "train_seconds", "peak_share", "seconds_per_image")
"""Times are no part of a result."""


@dataclass
class World:
    """A folder in which commands are done, and the variables that they see."""

    folder: Path
    surroundings: dict[str, str]

    def does(self, commands: Sequence[str], **more: str) -> None:
        """Do commands in one process; each must end well."""
        home = str(self.folder / "home")
        done = subprocess.run(
            [sys.executable, "-c", MANY],
            cwd=self.folder,
            env=os.environ | {"GLYPHLAB_HOME": home} | self.surroundings | more,
            input="\n".join(commands),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def json(self, name: str) -> Any:
        return timeless(json.loads(self.bytes(name)))


def timeless(value: Any) -> Any:
    """The same without what was measured."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key not in MEASURED}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def lay_out(folder: Path, images: list[tuple[str, bytes]]) -> None:
    """Images as a folder and as an archive, in this order."""
    with tarfile.open(folder / "packed.tar.gz", "w:gz") as archive:
        for name, content in images:
            path = folder / "letters" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            member = tarfile.TarInfo(f"letters/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    """Two folders in which the same was done."""
    toys = bars(240)
    images = [
        (f"{toys.classes[label]}/{place}.png", cv2.imencode(".png", image)[1].tobytes())
        for place, (image, label) in enumerate(zip(toys.images, toys.labels, strict=True))
    ]
    made = []
    for place, surroundings in enumerate(SURROUNDINGS):
        folder = tmp_path_factory.mktemp("here" if place == 0 else "elsewhere")
        lay_out(folder, images[:: -1 if place else 1])
        world = World(folder, surroundings)
        world.does(READ, OMP_NUM_THREADS=str(1 + place))
        world.does(WORK, OMP_NUM_THREADS="1")
        made.append(world)
    return made[0], made[1]


def assert_equal_files(worlds: tuple[World, World], *names: str) -> None:
    for name in names:
        assert worlds[0].bytes(name) == worlds[1].bytes(name), name


def test_a_dataset_file(worlds: tuple[World, World]) -> None:
    assert_equal_files(worlds, f"{STORED}/letters/data.safetensors")
    stored = [world.folder / STORED / name for world in worlds for name in ("letters", "packed")]
    assert len({open_file(place / "data.safetensors").fingerprint for place in stored}) == 1


def test_shards_and_their_index(worlds: tuple[World, World]) -> None:
    folders = [world.folder / STORED / "shards" / "data" for world in worlds]
    shards = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert shards[0] == shards[1]
    assert len(shards[0]) > 2
    assert_equal_files(worlds, *(f"{STORED}/shards/data/{name}" for name in shards[0]))


@pytest.mark.parametrize("run", ["run", "other"])
def test_a_training_file_by_file(worlds: tuple[World, World], run: str) -> None:
    files = [sorted(p.name for p in (world.folder / run).glob("*.*")) for world in worlds]
    assert files[0] == files[1]
    kept = {"weights.safetensors", "examples.safetensors", "recipe.toml"}
    assert kept < set(files[0])
    timed = {"run.json", "history.jsonl", "checkpoint.safetensors"}
    assert_equal_files(worlds, *(f"{run}/{name}" for name in files[0] if name not in timed))
    assert worlds[0].json(f"{run}/run.json") == worlds[1].json(f"{run}/run.json")
    first, second = (
        [timeless(json.loads(line)) for line in world.bytes(f"{run}/history.jsonl").splitlines()]
        for world in worlds
    )
    assert first == second


@pytest.mark.parametrize(
    "name", ["evaluation.json", "prediction.json", "comparison.json", "audit/audit.json"]
)
def test_what_commands_find(worlds: tuple[World, World], name: str) -> None:
    first, second = (world.json(name) for world in worlds)
    assert first == second
    assert len(json.dumps(first)) > 200


def test_answers_to_an_archive_are_those_to_the_folder_in_its_order(
    worlds: tuple[World, World],
) -> None:
    found = [
        sorted(world.json(name)["predictions"], key=lambda row: row["image"].split("/")[-2:])
        for world in worlds
        for name in ("prediction.json", "packed.json")
    ]
    assert len(found[0]) == 240
    numbers = [[row["probability"] for row in rows] for rows in found]
    assert all(each == numbers[0] for each in numbers)


def test_probabilities(worlds: tuple[World, World]) -> None:
    files = [next((world.folder / "run" / "evaluations").iterdir()) for world in worlds]
    first, second = map(Evaluation.load, files)
    assert np.array_equal(first.probabilities, second.probabilities)
    assert files[0].name == files[1].name


def test_a_search(worlds: tuple[World, World]) -> None:
    first, second = (world.json("tuned.json") for world in worlds)
    assert first["trials"] == second["trials"]
    assert (first["best"], first["recipe"]) == (second["best"], second["recipe"])


@pytest.mark.parametrize("folder", ["onnx", "python", "state"])
def test_exported_files(worlds: tuple[World, World], folder: str) -> None:
    files = [sorted(p.name for p in (world.folder / folder).iterdir()) for world in worlds]
    assert files[0] == files[1]
    models = [name for name in files[0] if name != "model-card.md"]
    assert models
    assert_equal_files(worlds, *(f"{folder}/{name}" for name in models))


def test_pages_of_the_same_runs(worlds: tuple[World, World], tmp_path: Path) -> None:
    folder = worlds[0].folder
    pages = []
    for place, surroundings in enumerate(SURROUNDINGS):
        world = World(folder, surroundings)
        world.does([f"compare run other --test letters --out {tmp_path / str(place)}"])
        pages.append((tmp_path / str(place) / "comparison.html").read_bytes())
    assert pages[0] == pages[1]


def test_an_answer_of_the_server(worlds: tuple[World, World]) -> None:
    image, answers = png(np.array(bars(3, seed=7).images[1])), []
    for world in worlds:
        with served([world.folder / "run"]) as server:
            for _ in range(2):
                answer = server.ask("/api/predict", image, Content_Type="image/png").json
                answers.append(timeless(answer))
    assert answers[0]["images"]
    assert all(answer == answers[0] for answer in answers)
