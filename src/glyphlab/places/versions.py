"""Which versions compute: the machines of a cluster must have the same ones as this machine."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

from glyphlab.errors import InputError
from glyphlab.version import __version__

Versions = Mapping[str, str]


def own_versions() -> dict[str, str]:
    """Versions of all that decides a result, as far as they must agree.

    Of Python that is the minor version; builds of PyTorch for a processor and for a GPU are the
    same version.
    """
    return {
        "glyphlab": __version__,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "torch": version("torch").partition("+")[0],
        "numpy": version("numpy"),
    }


def check_versions(node: str, there: Versions, here: Versions) -> None:
    """Refuse a machine whose versions are others.

    Raises
    ------
    InputError
        Naming the machine and all that differs.
    """
    if not there:
        raise InputError(
            f"glyphlab can't be imported on node {node}; install glyphlab {here['glyphlab']} for "
            "the Python that Ray runs there."
        )
    differs = [name for name in here if there.get(name) != here[name]]
    if differs:
        raise InputError(
            f"Node {node} has {_listed(there, differs)}, but this machine has "
            f"{_listed(here, differs)}; install the same versions on both, so that results don't "
            "depend on where they are computed."
        )


def _listed(versions: Versions, names: list[str]) -> str:
    return " and ".join(f"{name} {versions.get(name, 'missing')}" for name in names)
