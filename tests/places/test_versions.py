"""Machines must compute by the same versions."""

import platform

import pytest

import glyphlab
from glyphlab.errors import InputError
from glyphlab.places.versions import check_versions, own_versions

HERE = {"glyphlab": "1.0", "Python": "3.11", "torch": "2.11.0", "numpy": "2.1.0"}


def test_own_versions() -> None:
    own = own_versions()
    assert own["glyphlab"] == glyphlab.__version__
    assert platform.python_version().startswith(f"{own['Python']}.")
    assert "+" not in own["torch"]


def test_the_same_versions_are_accepted() -> None:
    check_versions("node", dict(HERE), HERE)


def test_all_that_differs_is_named_with_the_node() -> None:
    there = HERE | {"torch": "2.10.0", "numpy": "1.26.4"}
    with pytest.raises(InputError) as refused:
        check_versions("two (10.0.0.2)", there, HERE)
    assert str(refused.value) == (
        "Node two (10.0.0.2) has torch 2.10.0 and numpy 1.26.4, but this machine has torch 2.11.0 "
        "and numpy 2.1.0; install the same versions on both, so that results don't depend on "
        "where they are computed."
    )


def test_a_node_without_glyphlab_is_named() -> None:
    with pytest.raises(InputError, match=r"glyphlab can't be imported on node two; install"):
        check_versions("two", {}, HERE)
