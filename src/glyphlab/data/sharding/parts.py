"""What is written of a part when all of its shards are there: the index."""

from collections.abc import Sequence

from glyphlab.data.dataset import Skipped
from glyphlab.data.sharding.share import Form
from glyphlab.data.sharding.work import Work
from glyphlab.data.shards import ShardIndex, write_index
from glyphlab.errors import InputError


def write_part(
    work: Work,
    part: str,
    form: Form,
    image_shape: tuple[int, int, int],
    *,
    skipped: Sequence[Skipped],
    sha256: str | None,
) -> None:
    """Write the index of a part.

    Parameters
    ----------
    work : Work
        Which has made all shards of the part.
    part : str
    form : Form
    image_shape : (int, int, int)
        Height, width and channels.
    skipped : sequence of Skipped
        Files that were left out.
    sha256 : str, optional
        Of the source, if that is one file.

    Raises
    ------
    InputError
        If the part holds no images.
    """
    made = [work.done[key] for key in sorted(work.done) if key[0] == part]
    shards = tuple(each.info for each in made if each.info is not None)
    if not shards:
        raise InputError(f"{form.source}: none of its images can be read; mend them.")
    index = ShardIndex(
        name=form.name,
        classes=form.classes,
        image_shape=image_shape,
        shards=shards,
        source=form.source,
        source_sha256=sha256,
        skipped=skipped,
    )
    write_index(index, work.made / part)
