"""What `predict` makes of photographs of letters, of what is no letter, and how fast it is.

    python benchmarks/photographs.py [--model lenet5] [--data ../shared/data] [--quick]

Trained on the large sample, with a tenth held out. Tested on notMNIST_small_half as it is, and on
"photographs" of 2,000 of its images: each enlarged to 120 to 260 pixels, dark on light (three in
ten light on dark), somewhere on a larger page under uneven light, with noise and blur, by seed 0;
only scaled, as `--raw` does, and brought to the form.

Unlike: the shares that are called so, by the distances to the nearest training images in pixels and
logits and, beside it, in pixels alone and by the energy of the network's logits, each with limits
that one in a hundred of the images held out passes: of test letters, of their photographs, and of
what is no letter. The same for a second network, and for one that is trained on 5,000 of MNIST's
digits, to which letters are strange.

Speed: an archive of 9,399 PNGs of 28×28, and 500 photographs as JPEG, beside the plain way: Pillow,
and an eager call of the same network for each image; the median of some turns, and of the time of
all cores in them.
"""

import argparse
import io
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from scipy.special import logsumexp

import glyphlab
from glyphlab import Dataset
from glyphlab.data.decode import Undecodable, decode_whole
from glyphlab.data.form import ImageForm
from glyphlab.data.normalise import normalise
from glyphlab.data.unlikeness import Unlikeness
from glyphlab.models.classifier import Classifier
from glyphlab.models.classifier import normalise as standardise
from glyphlab.prediction.predictor import Predictor
from glyphlab.training.preparation import hold_out
from glyphlab.training.run import Run
from measuring import machine, publish, table

Picture = UInt8[np.ndarray, "height width"]
Images = UInt8[np.ndarray, "n height width channels"]


def photograph(image: UInt8[np.ndarray, "28 28 1"], random: np.random.Generator) -> Picture:
    """A letter as a camera or scanner might give it."""
    side = int(random.integers(120, 261))
    ink = cv2.resize(image[:, :, 0], (side, side), interpolation=cv2.INTER_CUBIC) / 255.0
    height, width = (int(random.integers(side + 40, 2 * side)) for _ in range(2))
    page = np.zeros((height, width))
    top, left = (
        int(random.integers(10, height - side - 9)),
        int(random.integers(10, width - side - 9)),
    )
    page[top : top + side, left : left + side] = ink.clip(0, 1)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope_x, slope_y = random.uniform(-45, 45, 2)
    light = 190 + slope_x * x + slope_y * y - random.uniform(0, 30) * (x * x + y * y)
    picture = light * (1 - 0.8 * page) + random.normal(0, 4, page.shape)
    if random.random() < 0.3:
        picture = 255 - picture
    return np.rint(cv2.GaussianBlur(picture, (5, 5), 1).clip(0, 255)).astype(np.uint8)


def encoded(picture: Picture, kind: str) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def recognised(
    run: Run, test: Dataset, chosen: Sequence[int], files: list[bytes]
) -> dict[str, float]:
    """Accuracy on the test images as they are, and on photographs of some of them."""
    labels = [test.classes[k] for k in test.labels[list(chosen)]]

    def share(found: glyphlab.Predictions) -> float:
        return float(np.mean([a == b for a, b in zip(found.labels, labels, strict=True)]))

    return {
        "all test images": glyphlab.evaluate(run, test).accuracy,
        "those photographed, as they are": float(
            glyphlab.evaluate(run, test.subset(np.array(chosen))).accuracy
        ),
        "photographs, only scaled": share(glyphlab.predict(run, files, raw=True)),
        "photographs, brought to the form": share(glyphlab.predict(run, files)),
    }


def energy(run: Run, images: Images) -> Any:
    """Minus the logarithm of the sum of the exponentials of the logits; higher is stranger."""
    return -logsumexp(run.classifier.logits(images), axis=1)


def shares_unlike(
    run: Run, held_out: Images, kinds: dict[str, Images]
) -> dict[str, dict[str, float]]:
    """Which share of each kind of images is called unlike, now and in two simpler ways."""
    limit = np.quantile(energy(run, held_out), 0.99)
    predictor = Predictor(run)
    assert run.examples is not None
    pixels = Unlikeness(run.examples.images)
    limits = pixels.limits(held_out)
    assert limits is not None
    shares = {}
    for kind, images in kinds.items():
        unlike = predictor.judge(images).unlike
        assert unlike is not None
        shares[kind] = {
            "n": len(images),
            "now": float(unlike.mean()),
            "pixels": float(pixels.passes(images, limits).mean()),
            "energy": float((energy(run, images) > limit).mean()),
        }
    return shares


def in_form(images: Images, run: Run) -> Images:
    """Images enlarged and brought to the form of a run's own."""
    assert run.info.form is not None
    form = ImageForm.from_json(run.info.form)
    return np.stack([normalise(cv2.resize(i, (56, 56))[:, :, None], form) for i in images])


def strange(right: Images, others: Images, run: Run) -> dict[str, Images]:
    """Images of the size of some that are right, and unlike them."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (1_000, 28, 28, 1), dtype=np.uint8)
    clouds = np.stack([cv2.GaussianBlur(i, (0, 0), 1.5)[:, :, None] for i in noise])
    grey = np.arange(8, 248, 4, dtype=np.uint8).repeat(28 * 28).reshape(-1, 28, 28, 1)
    shuffled = np.stack([random.permutation(i.ravel()).reshape(28, 28, 1) for i in right[:1_000]])
    turned = np.stack([np.rot90(i) for i in right[:1_000]])
    return {
        "noise": noise,
        "clouds: noise, blurred and spread": cv2.normalize(
            clouds, None, 0, 255, cv2.NORM_MINMAX
        ).reshape(clouds.shape),
        "grey all over": grey,
        "their pixels shuffled": shuffled,
        "their negatives": 255 - right[:1_000],
        "turned by 90°": turned,
        "the other set's images, in their form": in_form(others, run),
    }


def plain(classifier: Classifier, contents: Sequence[bytes]) -> Iterator[int]:
    """One image after the other: Pillow, a tensor, an eager call of the network."""
    height, width, _ = classifier.image_shape
    for content in contents:
        picture = Image.open(io.BytesIO(content)).convert("L").resize((width, height))
        pixels = torch.from_numpy(np.array(picture))[None, :, :, None]
        with torch.inference_mode():
            yield int(
                classifier.module(standardise(pixels, classifier.mean, classifier.std)).argmax()
            )


def readable(content: bytes) -> bool:
    """Whether an image file can be decoded."""
    try:
        decode_whole(content, "grey")
    except Undecodable:
        return False
    return True


def paces(
    run: Run, archive: Path, photographs: list[bytes], turns: int
) -> dict[str, dict[str, float]]:
    """Images a second, and milliseconds of all cores for one, ours and the plain way."""
    with tarfile.open(archive) as tar:
        members = [tar.extractfile(m) for m in tar if m.isfile() and m.name.endswith(".png")]
        every = [member.read() for member in members if member is not None]
    # The plain way ends at the first file that is damaged, so it is spared them.
    contents = [content for content in every if readable(content)]

    classifier = run.classifier
    glyphlab.predict(run, photographs[:2])
    works: dict[str, tuple[int, Callable[[], Any]]] = {
        "archive, glyphlab": (len(contents), lambda: glyphlab.predict(run, archive)),
        "archive, plain": (2_000, lambda: list(plain(classifier, contents[:2_000]))),
        "photographs, glyphlab": (len(photographs), lambda: glyphlab.predict(run, photographs)),
        "photographs, plain": (len(photographs), lambda: list(plain(classifier, photographs))),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(turns):
        for name, (count, work) in works.items():
            started, busy = time.perf_counter(), time.process_time()
            work()
            busy, passed = time.process_time() - busy, time.perf_counter() - started
            found[name].append((count / passed, 1000 * busy / count))
    keys = ("images_per_second", "core_ms_per_image")
    return {
        name: dict(zip(keys, np.median(measured, axis=0).tolist(), strict=True))
        for name, measured in found.items()
    }


def fitted(model: str, train: Dataset, folder: Path, steps: int | None) -> tuple[Run, Images]:
    """A run with a tenth held out, and what was held out."""
    recipe = glyphlab.default_recipe(model).replace(validation=0.1)
    if steps is not None:
        recipe = recipe.replace(steps=steps)
    held_out = np.asarray(train.images[hold_out(train, recipe)[1]])
    return glyphlab.fit(model, train, recipe, out=folder / f"{model}-{train.name}"), held_out


def main() -> None:
    """Train, photograph, predict and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="lenet5")
    parser.add_argument("--second", default="glyphnet-small", help="judged beside it")
    parser.add_argument("--turns", type=int, default=3, help="of the speeds")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/photographs.json"))
    parser.add_argument("--quick", action="store_true", help="a short training, few photographs")
    options = parser.parse_args()
    train = glyphlab.load(options.data / "notMNIST_large_sample.tar.gz")
    archive = options.data / "notMNIST_small_half.tar.gz"
    test = glyphlab.load(archive)
    digits = glyphlab.load(f"{options.data}/mnist_png.tar.gz:train")
    digits = digits.subset(np.sort(np.random.default_rng(0).permutation(len(digits))[:5_000]))
    test_digits = glyphlab.load(f"{options.data}/mnist_png.tar.gz:test")
    steps = 60 if options.quick else None
    random = np.random.default_rng(0)
    chosen = random.permutation(len(test))[: 200 if options.quick else 2_000].tolist()
    pictures = [photograph(np.asarray(test.images[i]), random) for i in chosen]
    files = [encoded(picture, "PNG") for picture in pictures]
    letters, numerals = np.asarray(test.images), np.asarray(test_digits.images)
    unlike = {}
    with tempfile.TemporaryDirectory() as folder:
        run, held_out = fitted(options.model, train, Path(folder), steps)
        accuracies = recognised(run, test, chosen, files)
        kinds = {
            "test images": letters,
            "their photographs": glyphlab.predict(run, files).images,
            **strange(letters, numerals[::5][:2_000], run),
        }
        unlike[f"{options.model} on letters"] = shares_unlike(run, held_out, kinds)
        second, _ = fitted(options.second, train, Path(folder), steps)
        unlike[f"{options.second} on letters"] = shares_unlike(second, held_out, kinds)
        other, own = fitted(options.model, digits, Path(folder), 60 if options.quick else 300)
        pages = [photograph(np.asarray(i), random) for i in numerals[: len(files) // 2]]
        kinds = {
            "test images": numerals,
            "their photographs": glyphlab.predict(
                other, [encoded(picture, "PNG") for picture in pages]
            ).images,
            **strange(numerals, letters[::5][:2_000], other),
        }
        unlike[f"{options.model} on digits"] = shares_unlike(other, own, kinds)
        snapshots = [encoded(p, "JPEG") for p in pictures[:500]]
        speed = paces(run, archive, snapshots, options.turns)
    lines = [
        *table(("tested on", "accuracy"), [(k, f"{v:.4f}") for k, v in accuracies.items()]),
        "",
        *table(
            ("called unlike", "n", *unlike),
            [
                (kind, f"{said['n']:,}", *(_shares(of[kind]) for of in unlike.values()))
                for kind, said in unlike[f"{options.model} on letters"].items()
            ],
        ),
        "now (by pixels alone; by the energy)",
        "",
        *table(
            ("", "images a second", "ms of all cores for one"),
            [
                (name, f"{v['images_per_second']:,.0f}", f"{v['core_ms_per_image']:.2f}")
                for name, v in speed.items()
            ],
        ),
    ]
    facts = {"machine": machine(), "model": options.model, "photographs": len(files)}
    facts |= {"accuracies": accuracies, "unlike": unlike, "speed": speed}
    publish("photographs", facts, lines, options.out)


def _shares(said: dict[str, float]) -> str:
    return f"{said['now']:.1%} ({said['pixels']:.1%}; {said['energy']:.1%})"


if __name__ == "__main__":
    main()
