"""`glyphlab export`: a trained model for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.evaluate import OwnArguments, OwnModel
from glyphlab.cli.options import AllowUnreadable, JsonFile, Lang, RunFolder
from glyphlab.cli.sources import read, read_test
from glyphlab.errors import GlyphlabError

if TYPE_CHECKING:
    from glyphlab.exporting.export import Export


def export(
    run: RunFolder,
    format: Annotated[  # noqa: A002  # it is the option's name
        Literal["onnx", "safetensors", "python", "card"],
        typer.Option(
            help="An ONNX model (extra export), a plain state dict, one Python file beside its "
            "weights, or the model card alone that comes with each."
        ),
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder.", show_default="RUN/export-FORMAT"),
    ] = None,
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            "--test",
            metavar="NAME|PATH",
            autocompletion=completion.sources,
            help="Test images (the test part, if there is one): the file must say the same on all "
            "of them, and the card states the accuracy on them.",
            show_default="a few built-in examples, and no accuracy",
        ),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Write the ONNX model in eight bits, too.")
    ] = False,
    calibrate: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            autocompletion=completion.sources,
            help="Training images (the training part, if there is one) that set the eight bits.",
            show_default="those that the run keeps",
        ),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The audit.json of the training images, for the card."),
    ] = None,
    lang: Lang = "en",
    json_file: JsonFile = None,
    model: OwnModel = None,
    arg: OwnArguments = None,
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Write a trained model for other programs, checked to say what it says here."""
    from glyphlab.auditing.audit_file import load_audit
    from glyphlab.cli.evaluate import open_run
    from glyphlab.exporting.export import export as export_run
    from glyphlab.language import speaking

    opened = open_run(run, model, arg)
    found = load_audit(audit) if audit is not None else None
    size, _, channels = opened.classifier.image_shape
    mode: Literal["grey", "rgb"] = "grey" if channels == 1 else "rgb"
    checked = read_test(check, size, mode, allow_unreadable) if check is not None else None
    training = read(calibrate, size, mode, allow_unreadable)[0] if calibrate is not None else None
    with speaking(lang):
        made = export_run(
            opened, format, out, check=checked, int8=int8, calibrate=training, audit=found
        )
    give_json(json_file, made.to_json())
    _print(made)
    _fail_unless_exact(made, on_test_images=checked is not None)


def _print(made: "Export") -> None:
    results.table(("file", "bytes"), list(made.files.items()))
    evaluation, near, small = made.evaluation, made.agreement, made.int8
    if near is not None:
        results.print(
            f"The largest difference of a probability to glyphlab's own is "
            f"{near.largest_difference:.1e}, on {near.n:,} images ({near.images})."
        )
    if evaluation is not None:
        low, high = evaluation.accuracy_ci95
        results.print(
            f"Accuracy {evaluation.accuracy:.4f} (95 % interval {low:.4f} to {high:.4f}, n = "
            f"{evaluation.n:,})."
        )
    if small is not None:
        results.print(
            f"int8: {small.size_ratio:.0%} of the bytes, {small.speed_ratio:.2f} times as fast, "
            f"the same class for {small.same_class:.2%} of the images."
        )
        if small.evaluation is not None and small.difference is not None:
            low, high = small.difference.ci95
            results.print(
                f"int8: accuracy {small.evaluation.accuracy:.4f}, "
                f"{100 * small.difference.difference:+.2f} points (95 % interval {100 * low:+.2f} "
                f"to {100 * high:+.2f})."
            )
    console.print(f"All of it is in {made.folder}; read its model-card.md.")


def _fail_unless_exact(made: "Export", *, on_test_images: bool) -> None:
    """On test images a difference that can be told is a failure; built-in ones are no letters."""
    near = made.agreement
    if near is None or near.within_tolerance:
        return
    sentence = (
        f"A probability differs by {near.largest_difference:.2g} from glyphlab's, more than 1e-05: "
        f"the files in {made.folder} are not as exact as they should be."
    )
    if on_test_images:
        raise GlyphlabError(sentence)
    console.print(sentence)
