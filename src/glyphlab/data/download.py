"""Public data sets by name: downloaded, checked, read, and added to the catalogue."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from glyphlab.data import catalog
from glyphlab.data.replacing import writing
from glyphlab.data.transfer import PAUSES, DownloadError, RemoteFile, fetch, is_whole
from glyphlab.errors import InputError
from glyphlab.locking import only_here
from glyphlab.progress import Bar, no_bar

_NOTMNIST = "https://commondatastorage.googleapis.com/books1000/"
_IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _idx(base: str, *checksums: str) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(base + name, md5=md5) for name, md5 in zip(_IDX_FILES, checksums, strict=True)
    )


SOURCES: Mapping[str, tuple[RemoteFile, ...]] = {
    "notmnist-small": (RemoteFile(_NOTMNIST + "notMNIST_small.tar.gz", size=8_458_043),),
    "notmnist-large": (RemoteFile(_NOTMNIST + "notMNIST_large.tar.gz", size=247_336_696),),
    "mnist": _idx(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "fashion-mnist": _idx(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    "kmnist": _idx(
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134",
    ),
}
"""Where each data set lies, with sizes and MD5 checksums where its publishers give them."""


def get(
    name: str,
    *,
    force: bool = False,
    bar: Bar = no_bar,
    sources: Mapping[str, Sequence[RemoteFile]] = SOURCES,
    pauses: Sequence[float] = PAUSES,
) -> catalog.Stored:
    """Download a public data set and add it to the catalogue under its own name.

    The files stay in `<home>/downloads/<name>`; a broken download goes on where it stopped.

    Parameters
    ----------
    name : str
        A key of `sources`.
    force : bool
        Download and replace what is there.
    bar : callable
        Makes a progress bar for each stage.
    sources : mapping of str to sequence of RemoteFile
        What can be had.
    pauses : sequence of float
        Seconds to wait after each failure in a row.

    Returns
    -------
    Stored
        What the catalogue holds under that name; if it was there already, it is left as it is.

    Raises
    ------
    InputError
        If there is no such data set, its files can't be read, or the disk is full.
    DownloadError
        If a file can't be had; it says how to add it by hand.
    """
    if name not in sources:
        raise InputError(
            f"There is no data set {name!r} to get; choose one of {', '.join(sources)}, or add "
            "files of your own with `glyphlab data add`."
        )
    present = catalog.stored(name)
    if present and not force:
        return catalog.Stored(name, present)
    source = _download(name, sources[name], force, bar, pauses)
    with bar(f"Reading {name}", "files") as progress:
        return catalog.add(source, name, force=force, progress=progress)


def _download(
    name: str, files: Sequence[RemoteFile], force: bool, bar: Bar, pauses: Sequence[float]
) -> Path:
    """Bring the files into one folder; give the file if it is one, else the folder."""
    folder = catalog.home() / "downloads" / name
    with writing(folder, catalog.ADVICE):
        folder.mkdir(parents=True, exist_ok=True)
    with only_here(folder, "download", "set GLYPHLAB_HOME to another folder"):
        for file in files:
            target = folder / file.name
            if not force and is_whole(file, target):
                continue
            try:
                with bar(f"Downloading {file.name}", "bytes") as progress:
                    fetch(file, target, progress, pauses)
            except DownloadError as error:
                raise DownloadError(
                    error.address, f"{error.reason}; {_by_hand(name, files)}"
                ) from error
    return folder / files[0].name if len(files) == 1 else folder


def _by_hand(name: str, files: Sequence[RemoteFile]) -> str:
    if len(files) == 1:
        return (
            "try again later, or bring the file from there by other means and type "
            f"`glyphlab data add {files[0].name} --name {name}`"
        )
    listed = ", ".join(file.name for file in files)
    return (
        f"try again later, or bring {listed} from there by other means into one folder and type "
        f"`glyphlab data add FOLDER --name {name}`"
    )
