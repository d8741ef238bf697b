"""The docstring's examples give what they show, and docs/estimator.md lists what there is."""

import doctest
import inspect
import re
from pathlib import Path

from glyphlab.estimator import classifier

PAGE = (Path(__file__).parents[2] / "docs" / "estimator.md").read_text("utf-8")


def test_the_docstrings_examples_give_what_they_show() -> None:
    tests = doctest.DocTestFinder().find(classifier.ImageClassifier, "ImageClassifier")
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(result.attempted for result in results) == 5
    assert sum(result.failed for result in results) == 0


def test_the_table_of_parameters_lists_them_all_in_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert rows == list(inspect.signature(classifier.ImageClassifier).parameters)
