"""The model card: what a trained model is, how good it is, and what it is not for.

Its sections are those of Mitchell, Wu, Zaldivar, Barnes, Vasserman, Hutchinson, Spitzer, Raji &
Gebru, Model Cards for Model Reporting, FAT* 2019.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glyphlab.data.dataset import Dataset
from glyphlab.evaluation.calibration import calibration
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.exporting.agreement import EXAMPLES, Agreement
from glyphlab.exporting.int8 import Int8
from glyphlab.exporting.uses import uses
from glyphlab.language import say
from glyphlab.language.numerals import (
    decimal,
    duration,
    from_to,
    number,
    percent,
    points,
    points_span,
    share,
    significant,
)
from glyphlab.markdown import code, plain
from glyphlab.models import MODELS
from glyphlab.models.classifier import Classifier
from glyphlab.report.audit_summary import audit_sentences
from glyphlab.training.run import Run

if TYPE_CHECKING:
    from glyphlab.auditing.findings import Audit

CARD = "model-card.md"
_FINGERPRINT = 16


@dataclass(frozen=True)
class Card:
    """What a model card is made of.

    Attributes
    ----------
    run : Run
    classifier : Classifier
    format : str
        Of the export that it goes with.
    files : dict of str to int
        The files beside it, with their bytes.
    agreement : Agreement or None
    evaluation : Evaluation or None
    check : Dataset or None
        What was tested on.
    int8 : Int8 or None
    audit : Audit or None
    """

    run: Run
    classifier: Classifier
    format: str
    files: dict[str, int]
    agreement: Agreement | None
    evaluation: Evaluation | None
    check: Dataset | None
    int8: Int8 | None
    audit: "Audit | None"


def card_markdown(card: Card, stem: str) -> str:
    """The card in the current language.

    Parameters
    ----------
    card : Card
    stem : str
        Name of the files beside it, without endings.
    """
    parts = [f"# {say('card-title', model=plain(card.run.info.model))}", _intro(card)]
    sections = {
        "details": _details(card),
        "use": [say("card-intended"), say("card-not-intended")],
        "how": uses(card.format, stem, card.classifier, card.int8 is not None),
        "factors": _factors(card),
        "metrics": [say("card-accuracy-is"), say("card-interval-is")],
        "evaluation-data": _evaluation_data(card),
        "training-data": _training_data(card),
        "training": _training(card),
        "analyses": _analyses(card),
        "ethics": [say("card-ethics-rights"), say("card-ethics-people")],
        "caveats": _caveats(card),
    }
    for name, blocks in sections.items():
        parts += [f"## {say(f'card-{name}')}", *blocks]
    return "\n\n".join(parts) + "\n"


def _intro(card: Card) -> str:
    classes = card.classifier.classes
    return say(
        "card-intro",
        **_kind(card.classifier),
        n=len(classes),
        classes=", ".join(map(plain, classes)),
    )


def _kind(classifier: Classifier) -> dict[str, str]:
    height, width, channels = classifier.image_shape
    return {"mode": "grey" if channels == 1 else "rgb", "size": f"{height}×{width}"}


def _details(card: Card) -> list[str]:
    info, classifier = card.run.info, card.classifier
    lines = [say("card-model", model=code(info.model), parameters=number(classifier.parameters))]
    if info.model in MODELS:
        lines.append(say("card-what", description=plain(MODELS[info.model].description)))
    if info.arguments:
        words = ", ".join(f"{key} = {value}" for key, value in info.arguments.items())
        lines.append(say("card-arguments", arguments=code(words)))
    mean, std = (
        "; ".join(significant(value, 6) for value in numbers)
        for numbers in (classifier.mean, classifier.std)
    )
    height, width, channels = classifier.image_shape
    lines += [
        say("card-input", shape=f"[n, {height}, {width}, {channels}]", mean=mean, std=std),
        say("card-output", head=classifier.head),
        *(_made(card)),
        say("card-licence"),
    ]
    table = [(code(name), number(size)) for name, size in card.files.items()]
    return [_list(lines), *([_table(("file", "bytes"), table)] if table else [])]


def _made(card: Card) -> list[str]:
    info = card.run.info
    versions = ", ".join(f"{name} {version}" for name, version in info.versions.items())
    return [say("card-versions", versions=plain(versions))] if versions else []


def _factors(card: Card) -> list[str]:
    form = card.run.info.form
    if form is None:
        return [say("card-form-unknown")]
    return [
        say(
            "card-form",
            size=int(form["size"]),
            background=decimal(form["background"], 0),
            ink=decimal(form["ink"], 0),
            extent=percent(form["extent"]),
            centring=str(form["centring"]),
        )
    ]


def _evaluation_data(card: Card) -> list[str]:
    if card.check is None:
        return [say("card-not-tested")]
    lines = [_images(card.check.name, len(card.check), card.check.fingerprint)]
    if card.check.fingerprint == card.run.info.fingerprint:
        lines.append(f"**{say('card-tested-on-training')}**")
    else:
        lines.append(say("card-only-look"))
    return lines


def _training_data(card: Card) -> list[str]:
    info = card.run.info
    if info.dataset is None or info.n_train is None:
        return [say("card-training-unknown")]
    blocks = [_images(info.dataset, info.n_train, str(info.fingerprint))]
    if info.n_validation:
        blocks.append(say("card-validation", n=info.n_validation))
    if card.audit is None:
        return [*blocks, say("card-no-audit")]
    if card.audit.fingerprint != info.fingerprint:
        return [*blocks, say("card-audit-of-others", dataset=plain(card.audit.dataset))]
    return [*blocks, say("card-audit"), _list(map(plain, audit_sentences(card.audit)))]


def _images(name: str, n: int, fingerprint: str) -> str:
    return say("card-images", dataset=plain(name), n=n, fingerprint=code(fingerprint[:16]))


def _training(card: Card) -> list[str]:
    info = card.run.info
    if info.imported or info.seconds is None:
        return [say("card-imported")]
    blocks = [
        say(
            "card-trained",
            time=duration(info.seconds),
            machine=plain(str(info.machine)),
            precision=str(info.precision),
            epochs=len(card.run.history),
            seed=str(card.run.seed),
        )
    ]
    if info.protocol == "notebook":
        blocks.append(say("card-notebook"))
    return [*blocks, say("card-recipe"), f"```toml\n{card.run.recipe.to_toml()}```"]


def _analyses(card: Card) -> list[str]:
    made, blocks = card.evaluation, list[str]()
    if made is not None:
        error = calibration(made.probabilities, made.labels).error
        blocks += [
            say(
                "card-accuracy",
                accuracy=share(made.accuracy),
                interval=from_to(made.accuracy_ci95),
                n=made.n,
                dataset=plain(made.dataset),
            ),
            say("card-calibration", error=decimal(error, 3)),
            _class_table(made),
        ]
    if card.run.info.validation_accuracy is not None:
        accuracy = share(card.run.info.validation_accuracy)
        blocks.append(say("card-validation-accuracy", accuracy=accuracy))
    if card.agreement is not None:
        near = card.agreement
        blocks.append(
            say(
                "card-agreement",
                difference=significant(near.largest_difference, 2),
                n=near.n,
                images="examples" if near.images == EXAMPLES else "dataset",
                dataset=plain(near.images),
            )
        )
    return [*blocks, *_int8(card)] or [say("card-no-analyses")]


def _class_table(made: Evaluation) -> str:
    counts = made.confusion.sum(axis=1).tolist()
    rows = [
        (plain(name), number(n), share(accuracy) if n else "–")
        for name, n, accuracy in zip(made.classes, counts, made.class_accuracy, strict=True)
    ]
    return _table(("class", "images", "accuracy"), rows)


def _int8(card: Card) -> list[str]:
    small = card.int8
    if small is None:
        return []
    blocks = [
        say(
            "card-int8",
            n=small.n_calibration,
            dataset=plain(small.calibrated_on),
            size=percent(small.size_ratio),
            speed=decimal(small.speed_ratio, 2),
            same=percent(small.same_class),
        )
    ]
    if small.evaluation is not None and small.difference is not None:
        blocks.append(
            say(
                "card-int8-accuracy",
                accuracy=share(small.evaluation.accuracy),
                interval=from_to(small.evaluation.accuracy_ci95),
                difference=points(small.difference.difference),
                span=points_span(small.difference.ci95),
            )
        )
    return blocks


def _caveats(card: Card) -> list[str]:
    lines = [
        say("card-any-image"),
        *([say("card-unlike")] if card.run.info.unlike_above is not None else []),
        say("card-scaling", tested="yes" if card.check is not None else "no"),
        say("card-one-training"),
    ]
    return [_list(lines)]


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heads = [say(f"card-column-{column}") for column in columns]
    ruler = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ruler, *rows))
