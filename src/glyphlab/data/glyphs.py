"""The built-in Dataset `glyphs`: letters A to J from free fonts, in the manner of notMNIST."""

import lzma
import os
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from glyphlab.data.assemble import TrainTest
from glyphlab.data.opening import open_dataset
from glyphlab.errors import GlyphlabError
from glyphlab.files import write_bytes

_TRAIN = "glyphs.safetensors"
_TEST = "glyphs-test.safetensors"
_CHECKSUMS = "SHA256SUMS"


def load_glyphs() -> TrainTest:
    """Open the built-in images; nothing is downloaded.

    The package holds them compressed. The first call unpacks them into the user's cache (or
    below `GLYPHLAB_HOME`, if that is set), whole or not at all; each call checks them.

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
        If the cache can't be written to.
    """
    train, test = (open_dataset(_unpacked(name)) for name in (_TRAIN, _TEST))
    # What the file lists as skipped are fonts that its maker did not use: no loss to its reader.
    return TrainTest(replace(train, skipped=()), test)


def cache_folder() -> Path:
    """Where unpacked files are kept; they can be removed at any time."""
    home = os.environ.get("GLYPHLAB_HOME")
    return Path(home) / "cache" if home else user_cache_path("glyphlab")


def _unpacked(name: str) -> Path:
    """The path of a built-in file, unpacked and checked."""
    expected = _checksums()[name]
    path = cache_folder() / "builtin" / expected[:16] / name
    if not path.is_file() or _checksum(path.read_bytes()) != expected:
        content = _unpack(name)
        if _checksum(content) != expected:
            raise _damaged(name)
        write_bytes(path, content)
    return path


def _unpack(name: str) -> bytes:
    try:
        return lzma.decompress((files("glyphlab.data") / "builtin" / f"{name}.xz").read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise _damaged(name) from error


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
