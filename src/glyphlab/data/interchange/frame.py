"""A Dataset as a pandas frame of paths and labels."""

from typing import TYPE_CHECKING

from glyphlab.data.dataset import Dataset

if TYPE_CHECKING:
    import pandas as pd


def to_pandas(dataset: Dataset) -> "pd.DataFrame":
    """Make a frame of ids and class names; see `Dataset.to_pandas`."""
    import pandas as pd

    labels = pd.Categorical.from_codes(dataset.labels, list(dataset.classes))
    return pd.DataFrame({"path": list(dataset.ids), "label": labels})
