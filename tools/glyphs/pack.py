"""Pack rendered images for the wheel, and write which fonts they were drawn from.

Usage: python tools/glyphs/pack.py FOLDER, which holds glyphs.safetensors and
glyphs-test.safetensors.
"""

import lzma
import sys
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import fontTools
import numpy as np
import PIL
from PIL import features

from glyphlab.data.opening import open_dataset
from glyphlab.files import write_bytes, write_text

ROOT = Path(__file__).parents[2]
BUILTIN = ROOT / "src/glyphlab/data/builtin"
PACKAGES = ROOT / "tools/glyphs/packages.tsv"
LISTING = ROOT / "docs/glyphs-fonts.md"
NAMES = ("glyphs.safetensors", "glyphs-test.safetensors")


def main() -> None:
    """Pack both files, their checksums, and the list of fonts."""
    folder = Path(sys.argv[1])
    checksums = []
    for name in NAMES:
        content = (folder / name).read_bytes()
        checksums.append(f"{sha256(content).hexdigest()}  {name}\n")
        packed = lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
        write_bytes(BUILTIN / f"{name}.xz", packed)
    write_text(BUILTIN / "SHA256SUMS", "".join(checksums))
    write_text(LISTING, _listing(folder, checksums))


def _listing(folder: Path, checksums: list[str]) -> str:
    parts = [open_dataset(folder / name) for name in NAMES]
    faces = [_faces(part.ids) for part in parts]
    packed = sum((BUILTIN / f"{name}.xz").stat().st_size for name in NAMES)
    train, test = (
        f"{len(part):,} images of {_total(f):,} faces" for part, f in zip(parts, faces, strict=True)
    )
    head = [
        "# The fonts of the built-in images\n",
        "Written by `tools/make-glyphs`. Versions are those of Debian 12 (bookworm), main; a "
        "package's full copyright is in its `/usr/share/doc/PACKAGE/copyright`.\n",
        f"- training: {train}\n- testing: {test}, of other families\n- packed: {packed:,} bytes",
        f"- drawn with Pillow {PIL.__version__} (FreeType {features.version('freetype2')}), "
        f"fontTools {fontTools.version}, NumPy {np.__version__}",
        "- unpacked, SHA-256:\n",
        *(f"      {line.rstrip()}" for line in checksums),
        "",
        "| package | version | training faces | test faces | licence of the fonts |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    return "\n".join([*head, *_rows(*faces)]) + "\n"


def _rows(train: dict[str, set[str]], test: dict[str, set[str]]) -> list[str]:
    rows = []
    for line in PACKAGES.read_text().splitlines():
        package, _, rest = line.partition("\t")
        if package in train or package in test:
            version, licence = rest.split("\t")
            used = f"{len(train[package])} | {len(test[package])}"
            rows.append(f"| {package} | {version} | {used} | {licence} |")
    return rows


def _faces(ids: Iterable[str]) -> dict[str, set[str]]:
    faces: dict[str, set[str]] = defaultdict(set)
    for identity in ids:
        _, package, face = identity.rpartition("#")[0].split("/")
        faces[package].add(face)
    return faces


def _total(faces: dict[str, set[str]]) -> int:
    return sum(map(len, faces.values()))


if __name__ == "__main__":
    main()
