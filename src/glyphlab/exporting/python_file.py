"""A classifier as one Python file that needs PyTorch and safetensors only."""

import re
from collections.abc import Mapping

from glyphlab.errors import InputError
from glyphlab.exporting import plain, standalone
from glyphlab.exporting.licence import LICENCE
from glyphlab.exporting.source import Collection, laid_out
from glyphlab.models import MODELS, takes
from glyphlab.models.arguments import check_arguments
from glyphlab.models.classifier import Classifier
from glyphlab.version import __version__

_STAND_INS = {
    ("glyphlab.errors", "InputError"): plain.__name__,
    ("glyphlab.models.convolution", "Conv2d"): plain.__name__,
    ("glyphlab.models.dropout", "Dropout"): plain.__name__,
    ("glyphlab.models.lenet5_classic", "learning_scaled_tanh"): plain.__name__,
    ("glyphlab.models.pooling", "convolve_and_pool"): plain.__name__,
}
_CONSTANTS = ("CLASSES", "IMAGE_SHAPE", "MEAN", "STD", "HEAD")
_WIDTH = 100


def python_file(classifier: Classifier, stem: str, trained: str) -> str:
    """Write the source of a classifier's network, with a loader and `predict`.

    It is gathered from this package's own source: the class, what it uses, and
    `glyphlab.exporting.standalone`.

    Parameters
    ----------
    classifier : Classifier
    stem : str
        What the file is called without its ending; the weights beside it have the same.
    trained : str
        How the network came about, for the head.

    Raises
    ------
    InputError
        If the network is no model of the registry, whose source is known.
    """
    name = classifier.model
    if name not in MODELS:
        raise InputError(
            f"{classifier.model} is no model of glyphlab's own, so its source is not glyphlab's to "
            "copy; export it as onnx or safetensors."
        )
    collection = Collection([*_CONSTANTS, "build"], _STAND_INS)
    network = list(collection.add(*MODELS[name].location.split(":")))
    use = list(collection.add(standalone.__name__, "main"))
    texts = [
        laid_out(_constants(classifier)),
        laid_out([*network, _build(classifier), *use]),
        'if __name__ == "__main__":\n    main(sys.argv[1:])',
    ]
    head = _head(classifier, stem, trained)
    body = "\n\n\n".join(texts)
    return f"{head}\n\n{collection.imports()}\n\n{body}\n\n{_licence()}\n"


def literal(value: object) -> str:
    """A value as Python, texts in double quotes where that is as easy to read."""
    if isinstance(value, str):
        text = repr(value)
        return text if '"' in text else f'"{text[1:-1]}"'
    if isinstance(value, tuple):
        parts = [literal(part) for part in value]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    return repr(value)


def _constants(classifier: Classifier) -> list[str]:
    values = (
        tuple(classifier.classes),
        tuple(classifier.image_shape),
        tuple(classifier.mean),
        tuple(classifier.std),
        classifier.head,
    )
    return [_assigned(name, value) for name, value in zip(_CONSTANTS, values, strict=True)]


def _assigned(name: str, value: object) -> str:
    line = f"{name} = {literal(value)}"
    if len(line) <= _WIDTH or not isinstance(value, tuple):
        return line
    return f"{name} = (\n" + "".join(f"    {literal(part)},\n" for part in value) + ")"


def _build(classifier: Classifier) -> str:
    factory = type(classifier.module).__name__
    words = ["IMAGE_SHAPE", "len(CLASSES)"]
    words += [f"{key}={literal(value)}" for key, value in arguments_of(classifier).items()]
    return (
        f"def build() -> {factory}:\n"
        '    """The network, built as for its training; its weights are random."""\n'
        f"    return {factory}({', '.join(words)})"
    )


def _head(classifier: Classifier, stem: str, trained: str) -> str:
    height, width, channels = classifier.image_shape
    kind = "grey" if channels == 1 else "RGB"
    lines = [
        f'"""{classifier.model}: the class of a {kind} image of {height}×{width}, one of '
        f"{len(classifier.classes)}.",
        "",
        f"Written by glyphlab {__version__}. {one_line(trained)}",
        "It needs torch and safetensors; for image files, Pillow. Its weights are beside it.",
        "",
        f"    python {stem}.py letter.png",
        "",
        "or, in Python,",
        "",
        f"    import {stem}",
        "",
        f'    {stem}.predict("letter.png")  # or uint8 [n, {height}, {width}, {channels}]',
        "",
        "The source is glyphlab's, under the MIT licence at its end; the weights are not.",
        '"""',
    ]
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Text that can stand in a docstring: on one line, without quotes and backslashes."""
    plain_text = re.sub(r"[\\\"\x00-\x1f\x7f\u2028\u2029]+", " ", text)
    return plain_text.encode("utf-8", "replace").decode()


def _licence() -> str:
    lines = LICENCE.rstrip().splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)


def arguments_of(classifier: Classifier) -> Mapping[str, object]:
    """All arguments of a registered model, those by default, too."""
    name = classifier.model
    checked = check_arguments(name, type(classifier.module), dict(classifier.arguments))
    return takes(name) | checked
