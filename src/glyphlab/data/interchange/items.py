"""Items (image, label), one after the other, as PyTorch's datasets give them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from glyphlab.data.assemble import TrainTest, check_unreadable
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.decode import Undecodable, picture_pixels
from glyphlab.data.growing import Growing
from glyphlab.data.interchange.arrays import batch_pixels, is_array, item_pixels
from glyphlab.data.interchange.parts import Part, as_datasets, checked_labels, numbered_ids
from glyphlab.data.interchange.rows import Unread
from glyphlab.data.resize import channels_of, fit, to_mode
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

_COMPARED = 16


def is_items(source: object) -> bool:
    """Whether it may give items, by their place or one after the other."""
    if isinstance(source, Mapping | str | bytes) or is_array(source):
        return False
    return hasattr(source, "__iter__") or hasattr(source, "__getitem__")


def read_items(source: Any, wish: Wish) -> Dataset | TrainTest:
    """Make a Dataset of items; of one that keeps plain arrays, of these.

    Raises
    ------
    InputError
        Naming the item that is none, or if there are none, or over 5 % can't be read.
    """
    name = type(source).__name__
    part = _kept_arrays(source, name)
    if part is None:
        part = _read(source, name, wish)
    else:
        wish.progress(len(part.ids), len(part.ids))
    return as_datasets([part], name, wish, _classes(source) if _has_numbers(part) else None)


def _read(source: Any, name: str, wish: Wish) -> Part:
    images = Growing((wish.size, wish.size, channels_of(wish.mode)))
    total = len(source) if hasattr(source, "__len__") else None
    labels, read, unreadable = [], [], []
    done = 0
    for done, item in enumerate(_items(source, name, wish.bounds.entries), start=1):
        where = f"item {done - 1}"
        try:
            image, label = _pair(item, where, name)
            images.extend(fit(_as_wished(image, where, name, wish), wish.size)[None])
        except Undecodable as reason:
            unreadable.append((done - 1, str(reason)))
        else:
            labels.append(label)
            read.append(done - 1)
        if done % 1_000 == 0:
            wish.progress(done, total)
    if not done:
        raise InputError(f"{name} is empty; give images and labels.")
    wish.progress(done, done)
    ids = numbered_ids(name, done)
    skipped = [Skipped(ids[place], reason) for place, reason in unreadable]
    check_unreadable(len(read), skipped, name, wish.allow_unreadable, "allow_unreadable=True")
    if not read:
        raise InputError(f"{name}: no image can be read, such as {ids[0]} ({skipped[0].reason}).")
    ids = [ids[place] for place in read]
    taken = images.taken(np.arange(len(read)))
    return Part(taken, checked_labels(labels, ids, name), ids, skipped)


def _items(source: Any, name: str, most: int) -> Iterator[Any]:
    """All items; in place of one whose file can't be read, the reason."""
    if hasattr(source, "__iter__"):
        yield from _streamed(source, name, most)
        return
    if not hasattr(source, "__len__"):
        raise InputError(f"{name} has no length; give it __len__, or make it iterable.")
    for place in range(len(source)):
        try:
            item = source[place]
        except OSError as error:
            item = Unread(error.strerror or str(error))
        yield item


def _streamed(source: Any, name: str, most: int) -> Iterator[Any]:
    """The items of what may have no end, and can't go on after an error."""
    given = 0
    try:
        for given, item in enumerate(source, start=1):
            if given > most:
                raise InputError(
                    f"{name} gives more than {most:,} items, and may have no end; give fewer, as "
                    "by itertools.islice."
                )
            yield item
    except OSError as error:
        raise InputError(
            f"{name}: item {given} can't be read ({error.strerror or error}), nor what follows "
            "it; mend it, or give a dataset with __getitem__ and __len__."
        ) from error


def _pair(item: Any, where: str, name: str) -> tuple[Any, Any]:
    if isinstance(item, Unread):
        raise Undecodable(item.reason)
    if not isinstance(item, tuple | list) or len(item) != 2:
        length = f" of {len(item)}" if isinstance(item, tuple | list) else ""
        raise InputError(
            f"{name}: {where} is a {type(item).__name__}{length}; give pairs (image, label)."
        )
    return item[0], item[1]


def _pixels(image: Any, where: str, name: str) -> UInt8[np.ndarray, "h w *c"]:
    if isinstance(image, Image.Image):
        return picture_pixels(image)
    return item_pixels(image, where, name)


def _as_wished(image: Any, where: str, name: str, wish: Wish) -> UInt8[np.ndarray, "h w c"]:
    return to_mode(_pixels(image, where, name), channels_of(wish.mode))


def _kept_arrays(source: Any, name: str) -> Part | None:
    """All at once what torchvision's sets keep, if nothing is done to it on the way to an item."""
    changes = (getattr(source, f"{kind}transform", None) for kind in ("", "target_"))
    data, targets = (getattr(source, key, None) for key in ("data", "targets"))
    if any(change is not None for change in changes) or not is_array(data) or targets is None:
        return None
    with suppress(InputError, TypeError, ValueError, OSError, Undecodable):
        images = batch_pixels(data, "data", name)
        ids = numbered_ids(name, len(images))
        labels = checked_labels(np.asarray(targets).tolist(), ids, name)
        if len(images) and len(source) == len(images) and _same(source, images, labels, name):
            return Part(images, labels, ids)
    return None


def _same(source: Any, images: np.ndarray[Any, Any], labels: Sequence[Any], name: str) -> bool:
    """Whether some items, evenly spread, are what the arrays hold at their places."""
    for place in np.linspace(0, len(images) - 1, min(_COMPARED, len(images)), dtype=int).tolist():
        image, label = _pair(source[place], "", name)
        kept, given = (np.squeeze(some) for some in (images[place], _pixels(image, "", name)))
        if not np.array_equal(kept, given) or label != labels[place]:
            return False
    return True


def _classes(source: Any) -> list[str] | None:
    """The names that the dataset gives its labels, or the one that it is a subset of does."""
    classes = getattr(source, "classes", None)
    if isinstance(classes, Sequence) and not isinstance(classes, str):
        return [str(name) for name in classes]
    below = getattr(source, "dataset", None)
    return None if below is None else _classes(below)


def _has_numbers(part: Part) -> bool:
    return not isinstance(part.labels[0], str)
