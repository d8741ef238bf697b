"""How fast a Dataset goes to other tools and back, beside the plain way with Pillow.

    python benchmarks/interchange.py [--images 5000] [--repeats 3] [--out FILE] [--quick]

The plain way is the loop that a user would write: an image after the other, by Pillow. Both ways
begin and end with the same things, in memory or in a folder in the system's cache, in the same
process and in turns. The images are the built-in glyphs.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import datasets
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

import glyphlab
from glyphlab import Dataset
from measuring import OWN_PACKAGES, machine, median_ratio, publish, spread, table, take_turns


class Task(NamedTuple):
    """The same work done by us and in the plain way."""

    what: str
    ours: Callable[[], object]
    plain: Callable[[], object]


class Pictures(TorchDataset[Any]):
    """A torch Dataset as most are written: items are made of Pillow's images."""

    def __init__(self, dataset: Dataset, *, tensors: bool) -> None:
        self.pictures = [Image.fromarray(image[:, :, 0]) for image in dataset.images]
        self.labels = dataset.labels.tolist()
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Any:
        picture, label = self.pictures[index], self.labels[index]
        if not self.tensors:
            return picture, label
        return torch.from_numpy(np.array(picture)).float().div_(255)[None], label


class Kept(Pictures):
    """A torch Dataset that keeps its images in an array, as torchvision's MNIST does."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset, tensors=False)
        self.data, self.targets = dataset.images[:, :, :, 0].copy(), dataset.labels

    def __getitem__(self, index: int) -> Any:
        return Image.fromarray(self.data[index]), int(self.targets[index])


def plain_folder(dataset: Dataset, folder: Path) -> None:
    """Write PNGs one after the other."""
    for number, (image, label) in enumerate(zip(dataset.images, dataset.labels, strict=True)):
        place = folder / dataset.classes[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(place / f"{number}.png")


def plain_frame(frame: Any, root: Path) -> Any:
    """Open the files of a frame one after the other."""
    images = []
    for path in frame.path:
        with Image.open(root / path) as image:
            images.append(np.asarray(image.convert("L")))
    return np.stack(images), frame.label.cat.codes.to_numpy()


def plain_huggingface(dataset: Dataset) -> datasets.Dataset:
    """Give Pillow's images to `from_dict`, which encodes them."""
    features = datasets.Features(
        image=datasets.Image(), label=datasets.ClassLabel(names=list(dataset.classes))
    )
    pictures = [Image.fromarray(image[:, :, 0]) for image in dataset.images]
    columns = {"image": pictures, "label": dataset.labels.tolist()}
    return datasets.Dataset.from_dict(columns, features=features)


def plain_rows(rows: Any) -> Any:
    """Ask for one image (Pillow's) and label after the other."""
    images, labels = [], []
    for row in rows:
        images.append(np.asarray(row["image"]))
        labels.append(row["label"])
    return np.stack(images), np.array(labels)


def plain_items(items: Any) -> Any:
    """Ask for one item after the other."""
    pairs = [items[i] for i in range(len(items))]
    return np.stack([np.asarray(image) for image, _ in pairs]), np.array([k for _, k in pairs])


def batches(items: Any) -> int:
    """Go through a torch Dataset once, in this process."""
    return sum(len(labels) for _, labels in DataLoader(items, batch_size=256))


def tasks(dataset: Dataset, folder: Path) -> Iterator[Task]:
    """All that is measured."""
    fresh = (folder / str(number) for number in count())
    yield Task(
        "`to_folder`",
        lambda: dataset.to_folder(next(fresh)),
        lambda: plain_folder(dataset, next(fresh)),
    )
    written = folder / "written"
    dataset.to_folder(written)
    frame = glyphlab.load(written).to_pandas()
    yield Task(
        "`load(frame)`",
        lambda: glyphlab.load(frame, root=written),
        partial(plain_frame, frame, written),
    )
    yield Task("`to_huggingface`", dataset.to_huggingface, partial(plain_huggingface, dataset))
    rows = dataset.to_huggingface()
    yield Task("`load(datasets.Dataset)`", partial(glyphlab.load, rows), partial(plain_rows, rows))
    ours, pictures = dataset.to_torch(), Pictures(dataset, tensors=True)
    yield Task("`DataLoader(to_torch())`", partial(batches, ours), partial(batches, pictures))
    for what, items in (
        ("`load(torch Dataset)`, Pillow's images", Pictures(dataset, tensors=False)),
        ("`load(torch Dataset)`, with `.data`", Kept(dataset)),
    ):
        yield Task(what, partial(glyphlab.load, items), partial(plain_items, items))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measured(task: Task, repeats: int) -> dict[str, list[float]]:
    """Seconds of both ways, in turns."""
    ways = {"ours": partial(seconds, task.ours), "plain": partial(seconds, task.plain)}
    return take_turns(ways, repeats)


def main() -> None:
    """Measure, in turns, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/interchange.json"))
    parser.add_argument("--quick", action="store_true", help="500 images, once")
    options = parser.parse_args()
    images, repeats = (500, 1) if options.quick else (options.images, options.repeats)
    train = glyphlab.load("glyphs").train
    dataset = train.subset(np.linspace(0, len(train) - 1, images).astype(np.int64))
    with TemporaryDirectory() as folder:
        results = {task.what: measured(task, repeats) for task in tasks(dataset, Path(folder))}
    rows = [
        (
            what,
            *(spread([images / s for s in some[way]]) for way in ("ours", "plain")),
            f"{median_ratio(some['plain'], some['ours']):.1f}",
        )
        for what, some in results.items()
    ]
    header = ("what", "images/s: median (range)", "plain loop", "glyphlab is × as fast")
    facts = machine((*OWN_PACKAGES, "datasets", "pandas", "pillow"))
    lines = [
        f"{images:,} images of 28×28, {repeats} repeats; {', '.join(machine(()).values())}",
        *table(header, rows),
    ]
    publish(
        "interchange",
        {"machine": facts, "images": images, "repeats": repeats, "results": results},
        lines,
        options.out,
    )


if __name__ == "__main__":
    main()
