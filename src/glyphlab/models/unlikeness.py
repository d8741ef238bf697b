"""How unlike all that a model was trained on an image is, by the model itself."""

import numpy as np
from jaxtyping import Float32

SHARE = 0.01
"""Share of images of the right kind that are called unlike, by the choice of the threshold."""
FEWEST = 100
"""Images from which a threshold can be taken."""


def unlikeness(logits: Float32[np.ndarray, "n classes"]) -> Float32[np.ndarray, " n"]:
    """The energy score: minus the logarithm of the sum of the exponentials of the logits.

    It is higher the less any class is spoken for; Liu, Wang, Owens & Li, Energy-based
    Out-of-distribution Detection, NeurIPS 2020, at temperature 1.

    Parameters
    ----------
    logits : float32 [n, classes]

    Returns
    -------
    float32 [n]
    """
    highest = logits.max(axis=1)
    return np.asarray(-(highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))))


def unlike_above(logits: Float32[np.ndarray, "n classes"]) -> float | None:
    """The threshold above which `SHARE` of these images lie, which no training has seen.

    None for fewer than `FEWEST` images, which tell nothing of so small a share.
    """
    if len(logits) < FEWEST:
        return None
    return float(np.quantile(unlikeness(logits), 1 - SHARE))
