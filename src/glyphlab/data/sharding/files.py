"""Image files in class folders become shards."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from glyphlab.data.archives import Bounds
from glyphlab.data.assemble import OUTSIDE, check_unreadable, layout_of, part_of
from glyphlab.data.collect import Others
from glyphlab.data.dataset import Skipped
from glyphlab.data.layout import Layout, folder_of
from glyphlab.data.sharding.listing import Listing
from glyphlab.data.sharding.making import Piece, make_shards
from glyphlab.data.sharding.order import check_count, cuts, hash_order, repeats
from glyphlab.data.sharding.parts import write_part
from glyphlab.data.sharding.share import FilesShare, Form
from glyphlab.data.sharding.source_kind import open_images
from glyphlab.data.sharding.sources import Reader
from glyphlab.data.sharding.wish import ShardWish, fingerprint
from glyphlab.data.sharding.work import Work
from glyphlab.errors import InputError
from glyphlab.places.place import Place

_WHOLE = "all"
"""What a layout calls the part of a source that has one."""


@dataclass(frozen=True)
class _Plan:
    """Which image goes to which shard.

    Parameters
    ----------
    source : Path
    wish : ShardWish
    reader : Reader
    listing : Listing
    layout : Layout
    order : int64 [n]
        All images of the listing by the hashes of their paths.
    together : bool [n]
        Whether an image of that order has the path of the one before.
    """

    source: Path
    wish: ShardWish
    reader: Reader
    listing: Listing
    layout: Layout
    order: Int64[np.ndarray, " n"]
    together: Bool[np.ndarray, " n"]

    def form(self, part: str) -> Form:
        name = self.wish.name if part == _WHOLE else f"{self.wish.name}:{part}"
        return Form(name, str(self.source), tuple(self.layout.classes))

    def is_in(self, part: str) -> Bool[np.ndarray, " n"]:
        """Of each image of the order, whether it belongs to a part."""
        label_of = self.layout.parts[part]
        inside = np.array([folder in label_of for folder in self.listing.folders], bool)
        return np.asarray(inside[self.listing.folder_numbers[self.order]], bool)

    def pieces(self) -> list[Piece]:
        """All shards of all parts."""
        return [piece for part in self.layout.parts for piece in self._pieces(part)]

    def _pieces(self, part: str) -> Iterator[Piece]:
        inside = self.is_in(part)
        rows, together = self.order[inside], self.together[inside]
        check_count(len(rows), self.wish.shard_size, self.source)
        for number, (start, end) in enumerate(cuts(len(rows), self.wish.shard_size, together)):
            if end > start:
                share = partial(self._share, part, rows[start:end])
                yield Piece(folder_of_part(part), number, end - start, share)

    def _share(self, part: str, rows: Int64[np.ndarray, " k"]) -> FilesShare:
        in_order_of_source = np.sort(rows)
        return FilesShare(
            reader=self.reader,
            paths=self.listing.paths.take(in_order_of_source),
            places=self.listing.places[in_order_of_source],
            sizes=self.listing.sizes[in_order_of_source],
            label_of=self.layout.parts[part],
            form=self.form(part),
            size=self.wish.size,
            mode=self.wish.mode,
        )


def add_files(
    source: Path, wish: ShardWish, place: Place, work: Work, request: Mapping[str, Any]
) -> None:
    """Make the shards and indexes of a folder, zip or tar.

    Raises
    ------
    InputError
        As `load`, or if the disk can't hold them.
    """
    with ThreadPoolExecutor(1, "digest") as pool:
        sha256 = pool.submit(_digest, source)
        plan = _plan(source, wish, work)
        work.begin(request, _fingerprint(plan, request))
        pieces = plan.pieces()
        wish.check_room(work, sum(piece.n for piece in pieces))
        check = partial(_check_unreadable, plan, work)
        check()
        with wish.bar(f"Making shards of {wish.name}", "images") as progress:
            make_shards(work, pieces, place, progress, check)
        _write_parts(plan, work, sha256.result())


def folder_of_part(part: str) -> str:
    """Where a part of a layout lies."""
    return "data" if part == _WHOLE else part


def _plan(source: Path, wish: ShardWish, work: Work) -> _Plan:
    name = source.name or str(source)
    try:
        with wish.bar(f"Listing {name}", "files") as progress:
            reader, listing = open_images(source, work.folder, Bounds(), progress)
            progress(len(listing), len(listing))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {source}: {reason}; check its permissions.") from error
    allowed = wish.allow_unreadable
    layout = layout_of(listing.counts(), listing.others, source, allow_unreadable=allowed)
    order = hash_order(listing.digests)
    return _Plan(source, wish, reader, listing, layout, order, repeats(listing.digests, order))


def _fingerprint(plan: _Plan, request: Mapping[str, Any]) -> str:
    """Of all that the shards are made from, so far as it is known without reading images."""
    listing, order = plan.listing, plan.order
    digests = np.frombuffer(listing.digests, "V16")[order]
    arrays = (digests.view(np.uint8), listing.places[order], listing.sizes[order])
    return fingerprint(request, *arrays)


def _check_unreadable(plan: _Plan, work: Work) -> None:
    """Refuse the source as soon as it is certain that too much of it can't be read."""
    found = _found(plan, work)
    read = len(plan.listing) + len(plan.listing.others.unreadable) - len(found.unreadable)
    try:
        check_unreadable(
            read, found.unreadable, plan.source, plan.wish.allow_unreadable, "--allow-unreadable"
        )
    except InputError:
        work.discard()
        raise


def _found(plan: _Plan, work: Work) -> Others:
    """What is no image, or can't be read, so far as is known."""
    others = plan.listing.others
    unreadable = [entry for made in work.done.values() for entry in made.unreadable]
    return Others([*others.unreadable, *unreadable], others.others, others.folders)


def _write_parts(plan: _Plan, work: Work, sha256: str | None) -> None:
    layout = plan.layout
    found = _found(plan, work)
    _check_layout(plan, work, found)
    inside = np.any([plan.is_in(part) for part in layout.parts], axis=0)
    paths = plan.listing.paths
    outside = [Skipped(paths[i], OUTSIDE) for i in np.sort(plan.order[~inside]).tolist()]
    replaced = [entry for made in work.done.values() for entry in made.replaced]
    skipped = sorted([*found.unreadable, *found.others, *outside, *replaced])
    for part in layout.parts:
        own = [entry for entry in skipped if part_of(entry, layout) == part]
        shape = plan.wish.image_shape
        folder = folder_of_part(part)
        write_part(work, folder, plan.form(part), shape, skipped=own, sha256=sha256)


def _check_layout(plan: _Plan, work: Work, found: Others) -> None:
    """Refuse class folders of which, as is known now, no image can be read."""
    unreadable = [entry for made in work.done.values() for entry in made.unreadable]
    readable = plan.listing.counts()
    readable.subtract(folder_of(entry.path) for entry in unreadable)
    try:
        layout_of(
            Counter(+readable), found, plan.source, allow_unreadable=plan.wish.allow_unreadable
        )
    except InputError:
        work.discard()
        raise


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, in hexadecimal; None for a folder."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
