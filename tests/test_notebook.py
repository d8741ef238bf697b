"""How objects show themselves in a notebook."""

from pathlib import Path

import numpy as np
from tests.evaluated import evaluated, right_but
from tests.outline import read
from tests.toys import bars

import glyphlab
from glyphlab.notebook import curves_svg, interval_svg, table_html

HOSTILE = "<script>alert(1)</script>"


def test_a_table_escapes_what_comes_from_outside() -> None:
    shown = table_html((HOSTILE, "b"), [(HOSTILE, interval_svg(0.1, 0.2, 0.3, (0, 1)))], HOSTILE)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 3
    assert "<svg" in shown


def test_a_comparison_is_a_table_with_intervals_and_what_can_be_told() -> None:
    comparison = glyphlab.compare(
        [
            evaluated("good", right_but(1_000, slice(0, 50))),
            evaluated("near", right_but(1_000, slice(10, 65))),
            evaluated("bad", right_but(1_000, slice(0, 120))),
        ]
    )
    shown = read(comparison._repr_html_()).text
    assert "3 models on 1,000 images of toy" in shown
    assert "no difference can be told (−" in shown.replace("-", "−")
    assert shown.count("worse") == 1
    assert comparison._repr_html_().count("<svg") == 3


def test_an_evaluation_is_its_confusion_matrix() -> None:
    shown = read(evaluated("good", right_but(1_000, slice(0, 50)))._repr_html_()).text
    for part in ("Evaluation of good", "950", "50", "0.9500"):
        assert part in shown


def test_an_evaluation_of_very_many_classes_is_a_line() -> None:
    many = evaluated(
        "good",
        [1] * 50,
        classes=tuple(f"c{k}" for k in range(50)),
        probabilities=np.eye(50, dtype=np.float32),
        labels=np.arange(50),
    )
    assert "<table" not in many._repr_html_()


def test_a_run_is_its_figures_and_curves(tmp_path: Path) -> None:
    recipe = glyphlab.default_recipe("logistic").replace(epochs=3, batch_size=32)
    run = glyphlab.fit("logistic", bars(120), recipe, out=tmp_path / "run")
    html = run._repr_html_()
    shown = read(html).text
    assert "2,355" in shown
    assert "108 to learn, 12 to validate" in shown
    assert html.count("<polyline") == 4


def test_curves_of_less_than_two_points_are_left_out() -> None:
    assert curves_svg({"training": []}, "Loss") == ""
    assert curves_svg({"training": [0.5]}, "Loss") == ""
    assert curves_svg({"training": [0.5, 0.4], "other": [1]}, "Loss").count("<polyline") == 1
