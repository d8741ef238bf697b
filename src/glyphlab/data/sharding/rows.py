"""Images that are in a Dataset already, or in arrays, become shards."""

from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Any

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.sharding.making import Piece, make_shards
from glyphlab.data.sharding.order import check_count, check_shard_size, cuts, order_of_ids
from glyphlab.data.sharding.parts import write_part
from glyphlab.data.sharding.share import Form, RowsShare
from glyphlab.data.sharding.wish import ShardWish, fingerprint
from glyphlab.data.sharding.work import Work
from glyphlab.errors import InputError
from glyphlab.places.local import Local


def add_rows(
    loaded: Dataset | TrainTest, wish: ShardWish, work: Work, request: Mapping[str, Any]
) -> None:
    """Make the shards and indexes of open Datasets, in this process: the disk is what takes time.

    Raises
    ------
    InputError
        If there are no images, or the disk can't hold them.
    """
    parts = {"data": loaded} if isinstance(loaded, Dataset) else loaded._asdict()
    for part in parts.values():
        if not len(part):
            raise InputError(f"{part.name} holds no images; give a Dataset that does.")
        check_shard_size(wish.shard_size, prod(part.image_shape))
    work.begin(request, fingerprint(request, *(p.fingerprint.encode() for p in parts.values())))
    pieces = [piece for part in parts for piece in _pieces(part, parts[part], wish)]
    wish.check_room(work, sum(piece.n for piece in pieces))
    with wish.bar(f"Making shards of {wish.name}", "images") as progress:
        make_shards(work, pieces, Local(), progress, lambda: None)
    for part, dataset in parts.items():
        form = Form(_name(part, wish), dataset.source, tuple(dataset.classes))
        sha256 = dataset.source_sha256
        write_part(work, part, form, dataset.image_shape, skipped=dataset.skipped, sha256=sha256)


def _pieces(part: str, dataset: Dataset, wish: ShardWish) -> list[Piece]:
    check_count(len(dataset), wish.shard_size, dataset.name)
    order = order_of_ids(dataset.ids)
    name = _name(part, wish)
    return [
        Piece(part, number, end - start, partial(RowsShare, dataset, order[start:end], name))
        for number, (start, end) in enumerate(cuts(len(order), wish.shard_size))
    ]


def _name(part: str, wish: ShardWish) -> str:
    return wish.name if part == "data" else f"{wish.name}:{part}"
