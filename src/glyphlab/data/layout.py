"""Which class and which part (training, test) an image belongs to, by its path."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from glyphlab.errors import InputError

PARTS = ("train", "test")

_MOST_OUTSIDE = 0.05


class Layout(NamedTuple):
    """Where a source's images belong.

    Parameters
    ----------
    classes : list of str
        Names, sorted.
    parts : dict of str to dict of str to int
        For each part (`train` and `test`, or `all`), the label of each of its class folders.
    """

    classes: list[str]
    parts: dict[str, dict[str, int]]


def folder_of(path: str) -> str:
    """The folder that a path lies in; empty at the top."""
    return path.rpartition("/")[0]


def find_layout(
    source: str,
    readable: "Counter[str]",
    unreadable: "Counter[str]",
    listed: Sequence[str],
    other_files: Iterable[str],
) -> Layout:
    """Find the class folders: all those side by side that hold most images.

    A class folder is one that holds images; its name is the class. Class folders lie side by
    side in one folder, at any depth; if that is named `train` and has a sibling `test` (in any
    case), both are parts of one source.

    Parameters
    ----------
    source : str
        What errors call the source.
    readable, unreadable : Counter of str
        How many images each folder holds.
    listed : sequence of str
        Folders that the source lists, each with `/` at its end.
    other_files : iterable of str
        Paths of files that are no images.

    Raises
    ------
    InputError
        If there is no class folder, or only one; if one has no readable image; if a test part
        has a class that the training part lacks; or if over 5 % of the images lie elsewhere.
    """
    images = readable + unreadable
    parents = _class_parents(images)
    if not parents:
        raise InputError(
            f"{source} holds no images in class folders; put each class in a folder of its own."
        )
    _check_outside(source, images, parents)
    taken = [*images, *(folder_of(path) for path in other_files)]
    empty = _empty_folders(listed, taken)
    everything = {folder for folder in {*images, *empty} if folder}
    folders = {
        part: sorted(folder for folder in everything if folder_of(folder) == parent)
        for part, parent in parents.items()
    }
    for folder in (folder for part in folders.values() for folder in part):
        if not readable[folder]:
            raise InputError(
                f"{source}: the class folder {folder!r} holds no readable image; "
                "add some, or remove the folder."
            )
    return _with_labels(source, folders)


def _class_parents(images: "Counter[str]") -> dict[str, str]:
    """The folder in which the class folders lie, for each part."""
    parents: Counter[str] = Counter()
    for folder, count in images.items():
        if folder:
            parents[folder_of(folder)] += count
    if not parents:
        return {}
    pairs: dict[str, dict[str, str]] = {}
    for parent in sorted(parents, key=lambda name: (parents[name], name)):
        base, _, last = parent.rpartition("/")
        if last.lower() in PARTS:
            pairs.setdefault(base, {})[last.lower()] = parent
    whole = [pair for pair in pairs.values() if len(pair) == len(PARTS)]
    best = max(parents, key=lambda name: (parents[name], name))
    for pair in sorted(whole, key=lambda pair: -sum(parents[name] for name in pair.values())):
        if parents[best] <= sum(parents[name] for name in pair.values()):
            return {part: pair[part] for part in PARTS}
    return {"all": best}


def _check_outside(source: str, images: "Counter[str]", parents: dict[str, str]) -> None:
    """Refuse a single Dataset of which much would be left out."""
    parent = parents.get("all")
    if parent is None:
        return
    outside = Counter({f: n for f, n in images.items() if not (f and folder_of(f) == parent)})
    if outside.total() > _MOST_OUTSIDE * images.total():
        raise InputError(
            f"{source}: {outside.total():,} of {images.total():,} images lie outside the class "
            f"folders in {parent or 'the top folder'!r}, most of them in "
            f"{outside.most_common(1)[0][0] or 'the top folder'!r}; put all class folders side "
            "by side."
        )


def _empty_folders(listed: Sequence[str], taken: Iterable[str]) -> set[str]:
    """Folders that are listed, but in which, at any depth, there is nothing."""
    listed_plain = {folder.rstrip("/") for folder in listed}
    inhabited = set()
    for start in {*taken, *(folder_of(folder) for folder in listed_plain)}:
        folder = start
        while folder and folder not in inhabited:
            inhabited.add(folder)
            folder = folder_of(folder)
    return listed_plain - inhabited - {""}


def _with_labels(source: str, folders: dict[str, list[str]]) -> Layout:
    names = {part: {folder.rpartition("/")[2] for folder in some} for part, some in folders.items()}
    classes = sorted(set().union(*names.values()))
    if "test" in names and (new := sorted(names["test"] - names["train"])):
        raise InputError(
            f"{source}: test has classes that train lacks ({', '.join(new)}); "
            "give both the same classes."
        )
    if len(classes) < 2:
        raise InputError(
            f"{source} holds one class only ({classes[0]!r}); a classifier needs two or more."
        )
    labels = {name: label for label, name in enumerate(classes)}
    return Layout(
        classes,
        {
            part: {folder: labels[folder.rpartition("/")[2]] for folder in some}
            for part, some in folders.items()
        },
    )
