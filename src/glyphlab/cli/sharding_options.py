"""Options of commands that make sharded Datasets."""

from typing import Annotated

import typer

from glyphlab.errors import InputError

ShardSize = Annotated[
    int | None,
    typer.Option(
        "--shard-size",
        metavar="N",
        help="Spread the images at random over files of N: for more images than fit in memory. "
        "100,000 of 28×28 in grey are 84 MB. Ended half-way, the same command goes on.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="J",
        help="How many processes make shards.",
        show_default="as many as there are cores",
    ),
]


def refuse_without_shards(shard_size: int | None, *, on: str, jobs: int | None = None) -> None:
    """Refuse options that mean nothing where there are no shards.

    Raises
    ------
    InputError
        Naming the option.
    """
    given = [name for name, is_given in (("--on", on != "local"), ("--jobs", jobs)) if is_given]
    if shard_size is None and given:
        raise InputError(f"{given[0]} says who makes shards; give --shard-size with it.")
