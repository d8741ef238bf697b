"""The examples of docs/estimator.md and of the docstring give what they show."""

import doctest
import inspect
import re
from pathlib import Path

from glyphlab.estimator import classifier

PAGE = (Path(__file__).parents[2] / "docs" / "estimator.md").read_text("utf-8")


def test_the_pages_examples_give_what_they_show() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "estimator.md", None, 0)
    assert len(example.examples) >= 15
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_docstrings_examples_give_what_they_show() -> None:
    tests = doctest.DocTestFinder().find(classifier.ImageClassifier, "ImageClassifier")
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(result.attempted for result in results) == 5
    assert sum(result.failed for result in results) == 0


def test_the_table_of_parameters_lists_them_all_in_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert rows == list(inspect.signature(classifier.ImageClassifier).parameters)
