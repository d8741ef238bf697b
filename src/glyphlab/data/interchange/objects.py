"""Which tool a dataset that is no path belongs to, and who reads it.

A tool is known by the module of the object's type, so that none is imported to find out.
"""

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.interchange.arrays import is_arrays, read_arrays
from glyphlab.data.interchange.columns import TableOptions
from glyphlab.data.interchange.items import is_items, read_items
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

_HUGGING_FACE = frozenset(
    ("datasets.arrow_dataset", "datasets.dataset_dict", "datasets.iterable_dataset")
)
"""Whole names, since many people call a module of their own `datasets`."""


def read_object(source: object, wish: Wish, options: TableOptions) -> Dataset | TrainTest:
    """Make Datasets of an object of another tool; see `load`.

    Raises
    ------
    InputError
        If it is none that is known, or as its reader.
    """
    modules = {kind.__module__ for kind in type(source).__mro__}
    if not _HUGGING_FACE.isdisjoint(modules):
        from glyphlab.data.interchange.huggingface import read_huggingface

        return read_huggingface(source, wish, options)
    if any(name.partition(".")[0] == "pandas" for name in modules) and hasattr(source, "columns"):
        from glyphlab.data.interchange.frame import read_frame

        return read_frame(source, wish, options)
    if options != TableOptions():
        raise InputError(
            f"Names of columns and root are for tables, not for a {type(source).__name__}; leave "
            "them out."
        )
    if is_arrays(source):
        return read_arrays(source, wish)
    if is_items(source):
        return read_items(source, wish)
    raise InputError(
        f"A {type(source).__name__} is no dataset; give a path, a torch Dataset, a Hugging Face "
        "Dataset, a pandas frame of paths and labels, or (images, labels)."
    )
