"""A Comparison as one HTML page."""

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.comparison import Comparison
from glyphlab.language import say
from glyphlab.report.comparison_view import comparison_view
from glyphlab.report.comparison_words import choice_sentences, comparison_sentences
from glyphlab.report.templating import environment

PAGE_FILE = "comparison.html"


def comparison_html(
    comparison: Comparison,
    images: UInt8[np.ndarray, "n height width channels"],
    command: str,
) -> str:
    """The comparison as a self-contained HTML page; the same comparison gives the same text.

    Parameters
    ----------
    comparison : Comparison
        Of two models at least.
    images : uint8 [n, height, width, channels]
        The test images.
    command : str
        What makes the page again.

    Returns
    -------
    str
        A whole document, to be saved as UTF-8. Whatever comes from outside is escaped.
    """
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            title=say("comparison-title", n=len(comparison.candidates), dataset=comparison.dataset),
            sentences=[*choice_sentences(comparison), *comparison_sentences(comparison)],
            view=comparison_view(comparison, images),
            command=command,
        )
    )
