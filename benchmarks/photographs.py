"""What `predict` makes of photographs of letters, of what is no letter, and how fast it is.

    python benchmarks/photographs.py [--model lenet5] [--data ../shared/data] [--quick]

Trained on the large sample, with a tenth held out. Tested on notMNIST_small_half as it is, and on
"photographs" of 2,000 of its images: each enlarged to 120 to 260 pixels, dark on light (three in
ten light on dark), somewhere on a larger page under uneven light, with noise and blur, by seed 0;
only scaled, as `--raw` does, and brought to the form.

Unlike: the shares of letters, photographs, MNIST's digits and noise that are called so, and the
area under the curve of two scores for letters against digits: of the images held out and MNIST's
training digits, by which the score is chosen, and of the test images.

Speed: an archive of 9,399 PNGs of 28×28, and 500 photographs as JPEG, beside the plain way: Pillow,
and an eager call of the same network for each image.
"""

import argparse
import io
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from sklearn.metrics import roc_auc_score

import glyphlab
from glyphlab import Dataset
from glyphlab.data.decode import Undecodable, decode_whole
from glyphlab.data.form import ImageForm
from glyphlab.data.normalise import normalise
from glyphlab.models.classifier import Classifier
from glyphlab.models.classifier import normalise as standardise
from glyphlab.models.unlikeness import unlikeness
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


def areas(classifier: Classifier, letters: Images, digits: Images) -> dict[str, float]:
    """Area under the curve of two scores, for letters against digits."""
    logits = classifier.logits(np.concatenate([letters, digits]))
    truth = np.repeat([0, 1], [len(letters), len(digits)])
    highest = torch.softmax(torch.from_numpy(logits), dim=1).max(dim=1).values.numpy()
    return {
        "energy": float(roc_auc_score(truth, unlikeness(logits))),
        "highest probability": float(roc_auc_score(truth, -highest)),
    }


def shares_unlike(run: Run, kinds: dict[str, Images]) -> dict[str, float]:
    """Which share of each kind of images is called unlike."""
    assert run.info.unlike_above is not None
    return {
        kind: float((unlikeness(run.classifier.logits(images)) > run.info.unlike_above).mean())
        for kind, images in kinds.items()
    }


def digits_in_form(data: Path, part: str, run: Run) -> Images:
    """Two thousand of MNIST's digits, enlarged and brought to the form of the letters."""
    assert run.info.form is not None
    form = ImageForm.from_json(run.info.form)
    digits = glyphlab.load(f"{data}/mnist_png.tar.gz:{part}").images[::5][:2_000]
    return np.stack([normalise(cv2.resize(i, (56, 56))[:, :, None], form) for i in digits])


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


def paces(run: Run, archive: Path, photographs: list[bytes]) -> dict[str, float]:
    """Images a second, ours and the plain way, on the same files."""
    with tarfile.open(archive) as tar:
        members = [tar.extractfile(m) for m in tar if m.isfile() and m.name.endswith(".png")]
        every = [member.read() for member in members if member is not None]
    # The plain way ends at the first file that is damaged, so it is spared them.
    contents = [content for content in every if readable(content)]

    def pace(count: int, work: Any) -> float:
        started = time.perf_counter()
        work()
        return count / (time.perf_counter() - started)

    classifier = run.classifier
    glyphlab.predict(run, photographs[:2])
    return {
        "archive, glyphlab": pace(len(contents), lambda: glyphlab.predict(run, archive)),
        "archive, plain": pace(2_000, lambda: list(plain(classifier, contents[:2_000]))),
        "photographs, glyphlab": pace(len(photographs), lambda: glyphlab.predict(run, photographs)),
        "photographs, plain": pace(len(photographs), lambda: list(plain(classifier, photographs))),
    }


def main() -> None:
    """Train, photograph, predict and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="lenet5")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/photographs.json"))
    parser.add_argument("--quick", action="store_true", help="a short training, few photographs")
    options = parser.parse_args()
    train = glyphlab.load(options.data / "notMNIST_large_sample.tar.gz")
    archive = options.data / "notMNIST_small_half.tar.gz"
    test = glyphlab.load(archive)
    recipe = glyphlab.default_recipe(options.model).replace(validation=0.1)
    if options.quick:
        recipe = recipe.replace(steps=60)
    random = np.random.default_rng(0)
    chosen = random.permutation(len(test))[: 200 if options.quick else 2_000].tolist()
    pictures = [photograph(np.asarray(test.images[i]), random) for i in chosen]
    files = [encoded(picture, "PNG") for picture in pictures]
    with tempfile.TemporaryDirectory() as folder:
        run = glyphlab.fit(options.model, train, recipe, out=Path(folder) / "run")
        accuracies = recognised(run, test, chosen, files)
        held_out = train.images[hold_out(train, recipe)[1]]
        letters, digits = np.asarray(test.images), digits_in_form(options.data, "test", run)
        area = {
            "held out": areas(run.classifier, held_out, digits_in_form(options.data, "train", run)),
            "test": areas(run.classifier, letters, digits),
        }
        kinds = {
            "test letters": letters,
            "photographs of letters": glyphlab.predict(run, files).images,
            "MNIST digits": digits,
            "noise": random.integers(0, 256, (1_000, 28, 28, 1), dtype=np.uint8),
        }
        shares = shares_unlike(run, kinds)
        speed = paces(run, archive, [encoded(p, "JPEG") for p in pictures[:500]])
    lines = [
        *table(("tested on", "accuracy"), [(k, f"{v:.4f}") for k, v in accuracies.items()]),
        "",
        *table(("called unlike", "share"), [(k, f"{v:.1%}") for k, v in shares.items()]),
        "",
        *table(
            ("area under the curve", *area["test"]),
            [(k, *(f"{v:.4f}" for v in scores.values())) for k, scores in area.items()],
        ),
        "",
        *table(("images a second", ""), [(k, f"{v:,.0f}") for k, v in speed.items()]),
    ]
    facts = {"machine": machine(), "model": options.model, "photographs": len(files)}
    facts |= {"accuracies": accuracies, "unlike": shares, "areas": area, "images_per_second": speed}
    publish("photographs", facts, lines, options.out)


if __name__ == "__main__":
    main()
