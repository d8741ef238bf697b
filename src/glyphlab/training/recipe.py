"""The Recipe: everything that decides a training besides data and model."""

import tomllib
from importlib import resources
from pathlib import Path
from reprlib import Repr
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from glyphlab.errors import InputError
from glyphlab.files import parse_toml, read_limited
from glyphlab.models import TIMM

_MOST_BYTES = 1_000_000
_shortened = Repr()
_shortened.maxstring = _shortened.maxother = 80
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]


class Recipe(BaseModel):
    """How to train: optimizer, rates, schedule, length, augmentation, regularisation, seed.

    Attributes
    ----------
    optimizer : {"sgd", "adam", "adamw"}
        `momentum` and `nesterov` belong to SGD.
    learning_rate : float
        The highest rate of the schedule.
    schedule : {"constant", "exponential", "step", "plateau", "cosine", "onecycle"}
        How the rate falls, see `glyphlab.training.schedule`.
    decay : float
        Factor of one fall: per epoch for "exponential", per fall for "step" and "plateau".
    decay_every, patience : int
        Epochs between falls of "step"; epochs without a better validation loss before
        "plateau" lets the rate fall.
    warmup : float
        Share of the training in which the rate rises from near zero.
    epochs, min_steps, max_steps, steps : int
        Length of the training: so many epochs, but at least `min_steps`, so that a small Dataset
        is seen often enough, and at most `max_steps`, so that a large one ends in time; `steps`,
        where given, replaces all three.
    batch_size : int
        Images per step.
    window : int
        Megabytes (2^20 bytes) of pixels of a sharded Dataset that are in memory at once: half of
        them mixed and trained on, while the other half is read. Other Datasets are mixed whole.
    l1, l2, weight_decay : float
        Penalties on weights (never on biases or batch-norm): `l1`·Σ|w| and `l2`/2·Σw² are added
        to the gradient; `weight_decay` is the optimizer's own, which AdamW decouples from
        the gradient (Loshchilov & Hutter 2019).
    dropout : float, optional
        Rate of every dropout layer of the model; None leaves the model's own.
    loss : {"cross_entropy", "generalised_cross_entropy"}
        The second bounds what one wrong label can do (Zhang & Sabuncu 2018, q = 0.7).
    balance : float
        How far rare classes count more in the loss: a class of n images is weighted by
        n^-balance, so that 0 treats all images alike and 1 all classes.
    label_smoothing : float
        Share of probability spread over all classes in the target.
    clip_norm : float
        Largest norm of the gradient; 0 for no limit.
    average : float
        Decay per step of the moving average of weights that is evaluated; 0 for none.
    shift, rotation, scale, stretch, shear, elastic, weight, erase : float
        Augmentation, see `glyphlab.data.augment.Augmentation`.
    validation : float
        Share of the training images held out, stratified, to validate on.
    early_stopping : int
        Epochs without a better validation accuracy after which training ends; 0 for never.
    precision : {"auto", "float32", "bfloat16"}
        "auto" is bfloat16 where the processor is faster in it, else float32.
    device : str
        "auto", "cpu", "cuda" or "mps".
    seed : int
        Decides initial weights, split, order, augmentation and dropout.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    optimizer: Literal["sgd", "adam", "adamw"] = "adamw"
    learning_rate: Positive = 1e-3
    momentum: Share = 0.9
    nesterov: bool = True
    schedule: Literal["constant", "exponential", "step", "plateau", "cosine", "onecycle"] = "cosine"
    decay: Annotated[float, Field(gt=0, le=1)] = 0.5
    decay_every: Annotated[int, Field(ge=1)] = 5
    patience: Annotated[int, Field(ge=1)] = 3
    warmup: Share = 0.0
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    min_steps: Annotated[int, Field(ge=0)] = 0
    max_steps: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=65_536)] = 128
    window: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    l1: NonNegative = 0.0
    l2: NonNegative = 0.0
    weight_decay: NonNegative = 0.0
    dropout: Share | None = None
    loss: Literal["cross_entropy", "generalised_cross_entropy"] = "cross_entropy"
    balance: Annotated[float, Field(ge=0, le=1)] = 0.0
    label_smoothing: Share = 0.0
    clip_norm: NonNegative = 0.0
    average: Share = 0.0
    shift: NonNegative = 0.0
    rotation: NonNegative = 0.0
    scale: Share = 0.0
    stretch: Share = 0.0
    shear: NonNegative = 0.0
    elastic: NonNegative = 0.0
    erase: Share = 0.0
    weight: Share = 0.0
    validation: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    early_stopping: Annotated[int, Field(ge=0)] = 0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @model_validator(mode="after")
    def _validation_is_there_when_needed(self) -> "Recipe":
        if self.validation == 0 and (self.early_stopping or self.schedule == "plateau"):
            raise ValueError(
                "early_stopping and the plateau schedule watch the validation images, "
                "so validation must be above 0"
            )
        return self

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> "Recipe":
        if self.max_steps is not None and self.min_steps > self.max_steps:
            raise ValueError("min_steps must not be above max_steps")
        return self

    def total_steps(self, steps_per_epoch: int) -> int:
        """How many steps a training takes whose epochs have so many."""
        if self.steps is not None:
            return self.steps
        wanted = max(self.epochs * steps_per_epoch, self.min_steps)
        return min(wanted, self.max_steps or wanted)

    def replace(self, **changes: Any) -> "Recipe":
        """The same Recipe with some keys changed, validated again.

        Whoever changes `epochs` means them to count, so `steps`, `min_steps` and
        `max_steps` are dropped then.

        Raises
        ------
        InputError
            Naming the key and what is allowed.
        """
        bounds = {"steps": None, "min_steps": 0, "max_steps": None} if "epochs" in changes else {}
        return make_recipe(self.model_dump() | bounds | changes, "the Recipe")

    def to_toml(self) -> str:
        """The Recipe as a TOML text that `load_recipe` reads."""
        values = self.model_dump(exclude_none=True)
        return "".join(f"{key} = {_toml_value(value)}\n" for key, value in values.items())


def make_recipe(values: dict[str, Any], where: str) -> Recipe:
    """Validate `values` and say in one sentence what is wrong with them.

    Raises
    ------
    InputError
        Naming `where`, the key, and what is allowed.
    """
    try:
        return Recipe(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{where}: {_explain(first)}") from error


def load_recipe(path: Path | str) -> Recipe:
    """Read a Recipe from a TOML file.

    Raises
    ------
    InputError
        If the file is missing, no TOML, or holds an unknown key or a value out of range.
    """
    content = read_limited(Path(path), "Recipe", _MOST_BYTES)
    try:
        values = parse_toml(content)
    except ValueError as error:
        raise InputError(f"{path} is no TOML: {error}; write lines like epochs = 10.") from error
    return make_recipe(values, str(path))


def default_recipe(model: str) -> Recipe:
    """The Recipe that serves the model of that name well.

    Users' models have one in common, and timm's have one.
    """
    folder = resources.files("glyphlab.training") / "recipes"
    file = folder / ("timm.toml" if model.startswith(TIMM) else f"{model}.toml")
    if not file.is_file():
        file = folder / "default.toml"
    return make_recipe(tomllib.loads(file.read_text("utf-8")), f"the Recipe of {model}")


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Turn `key=value` words into values: TOML where they are TOML, else text.

    Raises
    ------
    InputError
        If a word has no `=`.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"{setting!r} is no setting; write key=value, as in epochs=20.")
        values[key.strip()] = _parse_value(text.strip())
    return values


def _parse_value(text: str) -> Any:
    try:
        return parse_toml(f"value = {text}".encode())["value"]
    except ValueError:
        return text


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _explain(error: Any) -> str:
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{key} is no key of a Recipe; use {', '.join(Recipe.model_fields)}."
    message = error["msg"].removeprefix("Value error, ")
    if not key:
        return f"{message}."
    given = _shortened.repr(error["input"])
    return f"{key} = {given} can't be: {message[:1].lower()}{message[1:]}."
