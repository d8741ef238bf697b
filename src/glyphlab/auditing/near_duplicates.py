"""Near duplicates: images that are another one but for a small change.

The distance of two images is the share of their contrast that no small change of one explains in
the other. Small changes are a shift, a scaling by up to 6 %, a Gaussian blur of up to 1.1 pixels, a
contrast by up to a quarter higher or lower, and up to one row or column of pixels more or less at
each side. Contrast is the root mean square of the differences from an image's mean; that of the
fainter image counts. Images of more than 32 pixels are first shrunk to these. So 0 is the same
image but for such a change, and at 0.05 a twentieth of the contrast differs.

The search leaves no pair out. It goes from coarse to fine: descriptors of both images must lie
within `matching.RADIUS` of each other (`descriptors`, `candidates`), what small changes don't
explain of their difference must be within the threshold, and so must the distance in the end
(`registration`). A shift or scaling is found where a picture lies on a plain background; of a
photograph that fills its frame, only changes that leave it in its place.
"""

from functools import partial

from glyphlab.auditing.candidates import blocks
from glyphlab.auditing.descriptors import describe, descriptor_space
from glyphlab.auditing.matching import Match, Search, matches
from glyphlab.auditing.pictures import Images, Pictures, common_background
from glyphlab.auditing.registration import CUTOFF
from glyphlab.auditing.spectra import transform
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress
from glyphlab.threads import side_by_side

__all__ = ["THRESHOLD", "Match", "near_duplicates", "near_duplicates_between"]

THRESHOLD = 0.05
"""The largest distance of a near duplicate. It was chosen on MNIST's training images: of 2,500
copies planted among 10,000 none was farther than 0.04, and of all 60,000 images 9 are nearer to an
earlier one than 0.05, all of them ones."""

LARGEST_THRESHOLD = 0.2


def near_duplicates(
    images: Images, *, threshold: float = THRESHOLD, progress: Progress = no_progress
) -> list[Match]:
    """Find the images that repeat an earlier one of the same set but for a small change.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
        No two of them the same, or these are found as well.
    threshold : float
        The largest distance, above 0 and up to 0.2; see the module for its meaning.
    progress : callable
        Told how many images are done.

    Returns
    -------
    list of Match
        At most one for each image, the nearest first. What it repeats is the first that was near
        enough of its candidates, which are looked at in order of how alike their coarse shapes are.

    Raises
    ------
    InputError
        If the threshold is out of range.
    """
    pictures = Pictures(images, common_background([images]))
    return _search(pictures, pictures, threshold, progress)


def near_duplicates_between(
    images: Images,
    others: Images,
    *,
    threshold: float = THRESHOLD,
    progress: Progress = no_progress,
) -> list[Match]:
    """Find the images that repeat one of another set but for a small change.

    Parameters
    ----------
    images : uint8 [n, height, width, channels]
    others : uint8 [m, height, width, channels]
        Images of the same shape.
    threshold, progress
        As of `near_duplicates`.

    Returns
    -------
    list of Match
        As of `near_duplicates`; `of` is an index into `others`.

    Raises
    ------
    InputError
        If the threshold is out of range.
    """
    background = common_background([images, others])
    return _search(Pictures(images, background), Pictures(others, background), threshold, progress)


def _search(
    images: Pictures, others: Pictures, threshold: float, progress: Progress
) -> list[Match]:
    if not 0 < threshold <= LARGEST_THRESHOLD:
        raise InputError(
            f"Near duplicates can't be searched with a threshold of {threshold}; "
            f"give one above 0 and up to {LARGEST_THRESHOLD}."
        )
    if not len(images) or not len(others):
        return []
    progress(0, len(images))
    space = descriptor_space(others)
    theirs = blocks(describe(others, space))
    own = theirs if images is others else blocks(describe(images, space))
    to_compare = transform(*images.size, CUTOFF)
    search = Search(
        images, others, own, theirs, space, to_compare, threshold, only_earlier=images is others
    )
    found: list[Match] = []
    parts = own.slices
    for some, part in zip(side_by_side(partial(matches, search), parts), parts, strict=True):
        found += some
        progress(part.stop, len(images))
    return sorted(found, key=lambda match: (match.distance, match.index))
