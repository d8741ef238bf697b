"""From the word behind --on to a place."""

from collections.abc import Iterator
from contextlib import contextmanager

from glyphlab.errors import InputError
from glyphlab.places.local import Local
from glyphlab.places.place import Place

LOCAL = "local"
RAY = "ray"


@contextmanager
def open_place(where: str) -> Iterator[Place]:
    """Open the place that a word names; it is closed with the block.

    Parameters
    ----------
    where : str
        "local"; "ray" for a cluster that this machine belongs to, else one that is started here;
        "ray://HOST:PORT" for another.

    Raises
    ------
    InputError
        If the word names no place, the place needs a package that is not installed, there is no
        cluster at the address, or a node has other versions than this machine.
    """
    check_place(where)
    if where == LOCAL:
        yield Local()
        return
    from glyphlab.places.cluster import check_nodes, cluster
    from glyphlab.places.ray_place import RayPlace

    with cluster(where) as ray:
        check_nodes(ray)
        yield RayPlace(ray)


def check_place(where: str) -> None:
    """Refuse at once what can't be opened later, when much has been read.

    Raises
    ------
    InputError
        If the word names no place, or nobody listens at the address.
    """
    if where == LOCAL:
        return
    if where != RAY and not where.startswith(f"{RAY}://"):
        raise InputError(f"{where!r} is no place to compute; give local, ray or ray://HOST:PORT.")
    from glyphlab.places.cluster import check_address, import_ray

    import_ray()
    check_address(where)
