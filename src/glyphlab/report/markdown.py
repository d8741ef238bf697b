"""The lab report as Markdown with PNG figures beside it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from glyphlab.language import numerals, say
from glyphlab.language.numerals import p_value, points, points_span
from glyphlab.markdown import code, plain
from glyphlab.report import figures, words
from glyphlab.report.comparison_figures import frontier
from glyphlab.report.comparison_view import FRONTIERS
from glyphlab.report.comparison_words import choice_sentences, comparison_sentences
from glyphlab.report.content import LabContent
from glyphlab.report.evidence_figures import chart as draw_chart
from glyphlab.report.evidence_page import verdict_in_words
from glyphlab.report.gallery import image_name
from glyphlab.report.images import filter_images, montage, png
from glyphlab.report.summary import (
    Row,
    has_both_protocols,
    headline,
    table,
)

FOLDER = "figures"
MISTAKES = 10


def lab_markdown(content: LabContent) -> tuple[str, dict[str, bytes]]:
    """The report as Markdown, as GitHub shows it.

    Parameters
    ----------
    content : LabContent

    Returns
    -------
    text : str
        It refers to figures by their names.
    figures : dict of str to bytes
        PNG files by their path beside the text, as "figures/accuracy.png".
    """
    rows = table(content)
    files = {f"{FOLDER}/accuracy.png": figures.to_png(figures.intervals(rows))}
    parts = [
        f"# {plain(content.title)}",
        f"**{plain(headline(rows))}**",
        *[f"> **{say('markdown-note')}** {plain(warning)}" for warning in content.warnings],
        f"## {say('lab-summary')}",
        *_choice(content),
        _table(rows, has_both_protocols(content)),
        f"{say('lab-best-means')} {say('markdown-accuracy-is')}",
        f"![{say('markdown-accuracy-alt')}]({FOLDER}/accuracy.png)",
        *_answers(content),
    ]
    for text, more in (_comparison(content), _evidence(content)):
        parts += text
        files |= more
    parts += [*_data(content), f"## {say('lab-models')}"]
    for place, row in enumerate(rows):
        text, more = _model(content, row, f"{FOLDER}/model-{place + 1}")
        parts += text
        files |= more
    return "\n\n".join([*parts, *_again(content)]) + "\n", files


def _table(rows: Sequence[Row], both: bool) -> str:
    columns = ["trainings", "parameters", "train-accuracy", "validation-accuracy"]
    columns += ["test-accuracy", "interval", "train-time", "pace"]
    head = [say("column-model"), *([say("column-protocol")] if both else [])]
    head += [say(f"column-{column}") for column in columns]
    lines = [head, ["---", *(["---"] if both else []), *["---:"] * 8]]
    lines += [_cells(row, both) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row, both: bool) -> list[str]:
    def starred(column: str, text: str) -> str:
        return f"**★ {text}**" if column in row.best else text

    return [
        plain(row.result.model),
        *([say(f"protocol-{row.result.protocol}")] if both else []),
        str(len(row.result.runs)),
        starred("parameters", numerals.number(row.parameters)),
        numerals.share(row.train_accuracy),
        starred("validation_accuracy", numerals.share(row.validation_accuracy)),
        starred("accuracy", numerals.share(row.accuracy)),
        numerals.span(row.ci95),
        starred("train_seconds", numerals.duration(row.train_seconds)),
        starred("train_images_per_second", numerals.number(row.train_images_per_second)),
    ]


def _choice(content: LabContent) -> list[str]:
    sentences = choice_sentences(content.comparison)
    if not sentences:
        return []
    return [f"### {say('choice-heading')}", "\n".join(f"- {plain(s)}" for s in sentences)]


def _answers(content: LabContent) -> list[str]:
    parts = [f"## {say('lab-answers')}"] if content.answers else []
    for answer in content.answers:
        parts.append(f"### {plain(answer.task)}. {plain(answer.title)}")
        parts += [f"*{plain(answer.question)}*"] if answer.question else []
        parts.append("\n".join(f"- {plain(sentence)}" for sentence in answer.sentences))
    return parts


def _comparison(content: LabContent) -> tuple[list[str], dict[str, bytes]]:
    """What can be told of the models, every pair, and the frontier; nothing for a single model."""
    if len(content.results) < 2:
        return [], {}
    comparison = content.comparison
    sentences = "\n".join(f"- {plain(sentence)}" for sentence in comparison_sentences(comparison))
    columns = ("pair", "difference-interval", "p", "holm")
    head = f"| {' | '.join(say(f'comparison-column-{column}') for column in columns)} |"
    pairs = [
        f"| {plain(pair.first)} – {plain(pair.second)} | {points(pair.difference)} "
        f"({points_span(pair.ci95)}) | {plain(p_value(pair.p_value))} | "
        f"{plain(p_value(pair.p_adjusted))} |"
        for pair in comparison.pairs
    ]
    parts = [f"## {say('comparison-heading')}", sentences]
    files = {}
    for cost in FRONTIERS:
        if comparison.frontier(cost):
            name = f"{FOLDER}/frontier-{cost.replace('_', '-')}.png"
            files[name] = figures.to_png(frontier(comparison, cost))
            parts.append(f"![{say('comparison-frontier-title', cost=cost)}]({name})")
    return [*parts, "\n".join([head, "| --- | --- | ---: | ---: |", *pairs])], files


def _evidence(content: LabContent) -> tuple[list[str], dict[str, bytes]]:
    """Every experiment: its claim, what came out, its charts and figures."""
    parts, files = [f"## {say('lab-evidence')}"] if content.evidence else [], dict[str, bytes]()
    for evidence in content.evidence:
        parts += [
            f"### {plain(evidence.claim)}",
            f"**{verdict_in_words(evidence.verdict)}** {plain(evidence.method)} "
            + say(
                "markdown-evidence-size",
                trainings=evidence.trainings,
                seeds=evidence.seeds,
                n=evidence.n,
            ),
            "\n".join(f"- {plain(sentence)}" for sentence in evidence.sentences),
        ]
        for place, chart in enumerate(evidence.charts):
            name = f"{FOLDER}/{evidence.name}-{place + 1}.png"
            files[name] = figures.to_png(draw_chart(chart))
            parts.append(f"![{plain(chart.title)}]({name})")
        lines = [evidence.columns, ("---", *["---:"] * (len(evidence.columns) - 1)), *evidence.rows]
        cells = [[cell if "---" in cell else plain(cell) for cell in line] for line in lines]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in cells))
    return parts, files


def _data(content: LabContent) -> list[str]:
    lines = []
    for part, data in (("training", content.training), ("test", content.test)):
        facts: dict[str, str | int] = {"dataset": plain(data.name), "n": data.n}
        lines.append(
            say(f"markdown-data-{part}-from", **facts, source=code(data.source))
            if data.source
            else say(f"markdown-data-{part}", **facts)
        )
    classes = say("markdown-classes", classes=", ".join(map(plain, content.test.classes)))
    return [f"## {say('lab-data')}", "\n".join(f"- {line}" for line in (*lines, classes))]


def _model(content: LabContent, row: Row, path: str) -> tuple[list[str], dict[str, bytes]]:
    result, name = row.result, row.result.name
    evaluation = result.evaluation
    drawn: list[tuple[str, str, bytes]] = []

    def draw(kind: str, alt: str, figure: Figure) -> None:
        drawn.append((kind, alt, figures.to_png(figure)))

    alts = [alt for what in ("loss", "accuracy") if (alt := words.curve_alt(result, what))]
    if alts:
        draw("curves", " ".join(alts), figures.curves(result, "loss", "accuracy"))
    draw("confusion", say("lab-confusion-of", model=name), figures.confusion(evaluation))
    places = evaluation.confident_mistakes(MISTAKES)
    if len(places):
        sheet = png(montage(content.test_images[places], MISTAKES, gap=6, scale=2))
        drawn.append(("mistakes", say("markdown-mistakes-of", model=name), sheet))
    if result.filters is not None and len(result.filters):
        scale = -(-44 // max(result.filters.shape[1:3]))
        sheet = png(montage(filter_images(result.filters), 16, gap=4, scale=scale))
        drawn.append(("filters", say("markdown-filters-of", model=name), sheet))
    description = f"{plain(result.description)}. " if result.description else ""
    text = [f"### {plain(name)}", f"{description}{plain(words.most_confused(evaluation))}"]
    for kind, alt, _ in drawn:
        text.append(f"![{plain(alt)}]({path}-{kind}.png)")
        if kind == "mistakes":
            text.append(_mistakes(content, row, places))
    return text, {f"{path}-{kind}.png": image for kind, _, image in drawn}


def _mistakes(
    content: LabContent, row: Row, places: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> str:
    evaluation = row.result.evaluation
    head = (say(f"markdown-column-{column}") for column in ("true", "said", "probability", "image"))
    lines = [f"| {' | '.join(head)} |", "| --- | --- | ---: | --- |"]
    for i in map(int, places):
        true, said = evaluation.labels[i], evaluation.predictions[i]
        name = evaluation.ids[i] if evaluation.ids is not None else image_name(i)
        probability = numerals.certainty(float(evaluation.probabilities[i].max()))
        cells = (plain(evaluation.classes[true]), plain(evaluation.classes[said]), probability)
        lines.append(f"| {' | '.join(cells)} | {code(name)} |")
    return f"{say('markdown-from-left')}\n\n" + "\n".join(lines)


def _again(content: LabContent) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in content.versions.items())
    return [
        f"## {say('page-again')}",
        "\n".join(f"    {line}" for line in content.command.splitlines()),
        "\n".join(
            f"- {line}"
            for line in (
                say("markdown-machine", machine=plain(content.machine)),
                say("markdown-versions", versions=plain(versions)),
                say("markdown-seeds", seeds=", ".join(map(str, content.seeds))),
                say("markdown-intervals"),
            )
        ),
    ]
