"""Whether the images of a source can be read one by one, in any order; and how."""

from pathlib import Path

from glyphlab.data.archives import Bounds
from glyphlab.data.idx import find_idx_images, has_idx_name, looks_like_idx
from glyphlab.data.members import is_zip
from glyphlab.data.npz import is_npz
from glyphlab.data.sharding.listing import Listing, list_images
from glyphlab.data.sharding.sources import FolderReader, Reader, TarReader, ZipReader
from glyphlab.data.sharding.unpacking import unpacked_images
from glyphlab.data.shards import INDEX
from glyphlab.data.tar import GZIP_MAGIC, looks_like_tar, unpacked
from glyphlab.progress import Progress


def holds_image_files(path: Path) -> bool:
    """Whether a source is a folder, a zip or a tar of image files, not a file of arrays."""
    if path.is_dir():
        of_arrays = (path / INDEX).exists() or any(path.glob("*.safetensors"))
        return not of_arrays and not find_idx_images(path)
    if not path.is_file():
        return False
    if is_zip(path):
        return not is_npz(path)
    with path.open("rb") as file:
        head = unpacked(file, path, Bounds()).read(512)
    return looks_like_tar(head) and not looks_like_idx(head) and not has_idx_name(path)


def open_images(
    path: Path, scratch: Path, bounds: Bounds, progress: Progress
) -> tuple[Reader, Listing]:
    """List the image files of a source, and find out how to read them in any order.

    Parameters
    ----------
    path : Path
        A folder, zip or tar.
    scratch : Path
        A folder for what a packed tar holds.
    bounds : Bounds
        What an archive may hold.
    progress : callable
        Called with the files so far.

    Raises
    ------
    InputError
        If an archive is damaged or dangerous, or the disk can't hold what it is unpacked to.
    """
    path = path.absolute()
    if path.is_dir():
        folder = FolderReader(path, bounds)
        return folder, list_images(folder.listed(), progress)
    size = path.stat().st_size
    if is_zip(path):
        archive = ZipReader(path, size, bounds)
        return archive, list_images(archive.listed(), progress)
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    if packed:
        return unpacked_images(path, scratch, bounds, progress)
    tar = TarReader(path, size, bounds)
    return tar, list_images(tar.listed(), progress)
