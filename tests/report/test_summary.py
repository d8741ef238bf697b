"""The table of a report, its headline, and its JSON."""

import json
from dataclasses import replace

import pytest

from glyphlab.evaluation.statistics import wilson_interval
from glyphlab.report.content import LabContent
from glyphlab.report.summary import headline, lab_json, table


def test_protocols_of_a_model_stand_beside_each_other(content: LabContent) -> None:
    mixed = replace(content, results=(*content.results[1:], content.results[0]))
    names = [row.result.name for row in table(mixed)]
    assert names == ["conv2", "conv2 (notebook)", "logistic"]


def test_a_row_holds_means_over_seeds_and_wilsons_interval(content: LabContent) -> None:
    row = table(content)[0]
    assert row.accuracy == pytest.approx((45 + 48) / 120)
    assert row.ci95 == wilson_interval(46, 60)  # 46.5 of 60, rounded to even
    assert row.over_seeds.n == 2
    assert row.train_seconds == pytest.approx(13.0)
    assert row.train_accuracy == pytest.approx(0.8)


def test_the_best_of_each_column_is_marked(content: LabContent) -> None:
    logistic, conv2, notebook = table(content)
    assert {"parameters"} <= logistic.best
    assert {"accuracy", "train_seconds"} <= conv2.best
    assert "accuracy" not in logistic.best | notebook.best
    assert "train_accuracy" not in logistic.best | conv2.best | notebook.best


def test_a_single_model_is_not_called_best(content: LabContent) -> None:
    (row,) = table(replace(content, results=content.results[:1]))
    assert row.best == frozenset()


def test_what_was_not_measured_has_no_mean(content: LabContent) -> None:
    result = content.results[1]
    bare = replace(result, runs=(replace(result.runs[0], validation_accuracy=None),))
    rows = table(replace(content, results=(content.results[0], bare)))
    assert rows[1].validation_accuracy is None
    assert "validation_accuracy" in rows[0].best


def test_the_headline_names_the_most_accurate_model(content: LabContent) -> None:
    text = headline(table(content)).replace("\u202f", " ")
    assert text.startswith("The most accurate of 3 is conv2: it recognises 95.0 % of the 60 test")


def test_json_has_every_run_with_the_stable_keys(content: LabContent) -> None:
    found = json.loads(json.dumps(lab_json(content), allow_nan=False))
    assert [(r["model"], r["protocol"], r["seed"]) for r in found["results"]] == [
        ("logistic", "corrected", 0),
        ("logistic", "corrected", 1),
        ("conv2", "corrected", 0),
        ("conv2", "notebook", 0),
    ]
    stable = {"accuracy", "accuracy_ci95", "n", "seconds", "images_per_second", "parameters"}
    stable |= {"model", "dataset", "seed"}
    for run in found["results"]:
        assert stable <= run.keys()
        assert {"train_accuracy", "validation_accuracy", "train_seconds"} <= run.keys()
    assert found["results"][0]["accuracy"] == 0.75


def test_json_summarises_each_model_over_its_seeds(content: LabContent) -> None:
    first, second, _ = lab_json(content)["summary"]
    assert first["seeds"] == [0, 1]
    assert first["accuracy"] == pytest.approx(0.775)
    low, high = first["accuracy_over_seeds_ci95"]
    # s = 0.05/√2 and t(0.975; 1) = 12.7062047 give a half width of 12.7062047 · 0.025
    assert (low, high) == pytest.approx((0.775 - 0.31765512, 0.775 + 0.31765512))
    assert second["accuracy_over_seeds_ci95"] is None


def test_json_holds_the_answers_and_how_to_do_it_again(content: LabContent) -> None:
    found = lab_json(content)
    assert found["answers"][0]["answer"] == ["Rather.", "It is so."]
    assert (found["command"], found["seeds"]) == ("glyphlab lab --seeds 2", [0, 1])
    assert found["training"]["counts"] == [20, 20, 20]
