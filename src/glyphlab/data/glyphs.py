"""The built-in Dataset `glyphs`: letters A to J from free fonts, in the manner of notMNIST."""

import logging
import lzma
import os
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from platformdirs import user_cache_path

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.opening import open_dataset
from glyphlab.errors import GlyphlabError, InputError
from glyphlab.files import is_there, write_bytes

_log = logging.getLogger(__name__)

_TRAIN = "glyphs.safetensors"
_TEST = "glyphs-test.safetensors"
_CHECKSUMS = "SHA256SUMS"


def load_glyphs() -> TrainTest:
    """Open the built-in images; nothing is downloaded.

    The package holds them compressed. The first call unpacks them into the user's cache (or
    below `GLYPHLAB_HOME`, if that is set), whole or not at all; each call checks them. Where the
    user's cache can't be written to, each process unpacks them for itself.

    Returns
    -------
    TrainTest
        Two memory-mapped Datasets named `glyphs`, uint8 [n, 28, 28, 1], classes A to J, with
        no font family in both.

    Raises
    ------
    GlyphlabError
        If the package is damaged.
    InputError
        If `GLYPHLAB_HOME` can't be written to, or there is no place for temporary files.
    """
    train, test = (_opened(name) for name in (_TRAIN, _TEST))
    # What the file lists as skipped are fonts that its maker did not use: no loss to its reader.
    return TrainTest(replace(train, skipped=()), test)


def cache_folder() -> Path:
    """Where unpacked files are kept; they can be removed at any time."""
    home = os.environ.get("GLYPHLAB_HOME")
    return Path(home) / "cache" if home else user_cache_path("glyphlab")


def _opened(name: str) -> Dataset:
    """A built-in file, unpacked and checked."""
    expected = _checksums()[name]
    path = cache_folder() / "builtin" / expected[:16] / name
    try:
        if not is_there(path) or _checksum(path.read_bytes()) != expected:
            write_bytes(path, _unpack(name, expected))
    except InputError as unwritable:
        if os.environ.get("GLYPHLAB_HOME"):
            raise
        _log.info("%s They are unpacked for this process alone; set GLYPHLAB_HOME.", unwritable)
        return _opened_aside(name, expected)
    return open_dataset(path)


@cache
def _opened_aside(name: str, expected: str) -> Dataset:
    """A built-in file in a place for temporary files, which it has left as soon as it is open."""
    with TemporaryDirectory(prefix="glyphlab-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / name
        write_bytes(path, _unpack(name, expected))
        return open_dataset(path)


def _unpack(name: str, expected: str) -> bytes:
    try:
        packed = (files("glyphlab.data") / "builtin" / f"{name}.xz").read_bytes()
        content = lzma.decompress(packed)
    except (OSError, lzma.LZMAError) as error:
        raise _damaged(name) from error
    if _checksum(content) != expected:
        raise _damaged(name)
    return content


def _checksums() -> dict[str, str]:
    text = (files("glyphlab.data") / "builtin" / _CHECKSUMS).read_text()
    lines = (line.split() for line in text.splitlines())
    return {name: checksum for checksum, name in lines}


def _checksum(content: bytes) -> str:
    return sha256(content).hexdigest()


def _damaged(name: str) -> GlyphlabError:
    return GlyphlabError(
        f"The built-in {name} of this installation is damaged; reinstall glyphlab."
    )
