"""The Markdown report and its figures."""

import re
from dataclasses import replace

from tests.experiments import found

from glyphlab.report.content import LabContent
from glyphlab.report.markdown import lab_markdown


def test_every_figure_that_the_text_shows_is_there_and_none_else(content: LabContent) -> None:
    text, files = lab_markdown(content)
    shown = re.findall(r"!\[[^\]]*\]\(([^ )]+)", text)
    assert sorted(shown) == sorted(files)
    assert all(image.startswith(b"\x89PNG") for image in files.values())


def test_the_table_has_a_row_for_each_model_with_equal_cells(content: LabContent) -> None:
    lines = [line for line in lab_markdown(content)[0].splitlines() if line.startswith("| ")]
    results = lines[:5]
    assert len({line.count("|") for line in results}) == 1
    assert results[3].startswith("| conv2 | corrected | 1 | 225,898 | 0.8000 | **★ 0.7000** |")
    assert "**★ 0.9500** | 0.8630 – 0.9829" in results[3]


def test_answers_and_the_command_are_in_the_text(content: LabContent) -> None:
    text, _ = lab_markdown(content)
    assert "### Task 1. Two convolutions\n\n*How accurate?*\n\n- Rather.\n- It is so." in text
    assert "\n    glyphlab lab --seeds 2\n" in text
    assert "> **Note:** Three images are in both parts." in text


def test_markup_from_outside_is_shown_as_it_is(content: LabContent) -> None:
    evil = "*a*|[b](c)\n# <b> `d`"
    run = content.results[1].runs[0]
    named = replace(run.evaluation, ids=[evil] * 60)
    result = replace(content.results[1], model=evil, runs=(replace(run, evaluation=named),))
    text, _ = lab_markdown(replace(content, title=evil, results=(result,)))
    shown = r"\*a\*\|\[b\](c) \# \<b\> \`d\`"
    assert text.startswith(f"# {shown}\n")
    assert f"| {shown} |" in text
    assert "| `` *a*\\|[b](c) # <b> `d` `` |" in text


def test_the_same_content_gives_the_same_text_and_figures(content: LabContent) -> None:
    assert lab_markdown(content) == lab_markdown(content)


def test_parts_that_a_report_lacks_are_left_out(content: LabContent) -> None:
    result = content.results[1]
    perfect = replace(result.evaluation, labels=result.evaluation.predictions)
    run = replace(result.runs[0], history=[], evaluation=perfect)
    bare = replace(result, runs=(run,), filters=None)
    text, files = lab_markdown(replace(content, results=(bare,), answers=()))
    assert sorted(files) == ["figures/accuracy.png", "figures/model-1-confusion.png"]
    assert "The tasks answered" not in text


def test_the_models_are_compared_pair_by_pair(content: LabContent) -> None:
    text, files = lab_markdown(content)
    assert "## The models compared\n\n- conv2 has the highest accuracy: 0.9500" in text
    pairs = [line for line in text.splitlines() if line.startswith("| conv2 – ")]
    assert len(pairs) == 2
    assert pairs[0].startswith("| conv2 – logistic | +20.00 points (")
    assert {"figures/frontier-operations.png", "figures/frontier-train-seconds.png"} <= set(files)
    alone, _ = lab_markdown(replace(content, results=content.results[1:2]))
    assert "compared" not in alone


def test_experiments_have_their_verdict_charts_and_figures(content: LabContent) -> None:
    text, files = lab_markdown(replace(content, evidence=(found(),)))
    for part in (
        "## Evidence\n\n### Apples fall.\n\n**The figures support this.** They are dropped. 12",
        "- Down against up: +9.81 points.",
        "![Height](figures/gravity-1.png)",
        "| fruit | seconds |\n| --- | ---: |\n| apple | 1.2 |",
    ):
        assert part in text
    assert "figures/gravity-1.png" in files
    assert "## Evidence" not in lab_markdown(content)[0]
