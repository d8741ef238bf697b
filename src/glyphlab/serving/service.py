"""From a request to what the models say of its images."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.decode import TooManyPixels, Undecodable
from glyphlab.data.png import plain_header, usual_header
from glyphlab.language import say
from glyphlab.language.numerals import number
from glyphlab.prediction.reading import Wanted, read_image
from glyphlab.serving.bodies import Sent, sent_images
from glyphlab.serving.http import Request
from glyphlab.serving.limits import Limits
from glyphlab.serving.reception import Reception, too_slow
from glyphlab.serving.refusal import Refusal, too_busy
from glyphlab.serving.served import Image, ServedModel, ServedModels

_KNOWN = ("damaged", "truncated")
"""Reasons of decoding that are said in the reader's language."""


@dataclass(frozen=True)
class Asked:
    """What a request for predictions asks for, beside its body.

    Attributes
    ----------
    models : sequence of str
        Names; all models where there is none.
    explain : bool
        Whether to show what each model saw, where it looked and what is near.
    raw : bool
        Whether images are only scaled.
    """

    models: Sequence[str] = ()
    explain: bool = False
    raw: bool = False


class Service:
    """Answers requests for predictions.

    Parameters
    ----------
    models : ServedModels
    limits : Limits
    readers : Executor
        Where image files are read and explanations made.
    """

    def __init__(self, models: ServedModels, limits: Limits, readers: Executor) -> None:
        self.models, self.limits = models, limits
        self._readers, self._reception = readers, Reception(limits)

    async def predict(self, request: Request, asked: Asked) -> dict[str, Any]:
        """What the models say of the images in a request, as it is sent.

        Raises
        ------
        Refusal
            If the request can't be served, or not in time.
        """
        models = self.models.named(asked.models)
        with self._reception.body(request) as body:
            try:
                async with asyncio.timeout(self.limits.seconds):
                    kind = request.header(b"content-type") or ""
                    sent = sent_images(kind, await body.receive(), self.limits.images)
                    return await self._answer(sent, models, asked)
            except TimeoutError as error:
                raise (self._too_late() if body.is_whole else too_slow()) from error

    def _too_late(self) -> Refusal:
        return Refusal(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"No answer within {self.limits.seconds:g} s; send fewer or smaller images.",
        )

    async def _answer(
        self, sent: Sequence[Sent], models: Sequence[ServedModel], asked: Asked
    ) -> dict[str, Any]:
        if self.models.waiting + len(sent) * len(models) > self.limits.waiting:
            raise too_busy("Too many images wait already; try again in a second.")
        kinds = {model.wanted(asked.raw) for model in models}
        images = {wanted: await self._read(sent, wanted, asked.explain) for wanted in kinds}
        saying = [
            self._said(model, images[model.wanted(asked.raw)], sent, asked.explain)
            for model in models
        ]
        said = await asyncio.gather(*saying) if len(saying) > 1 else [await saying[0]]
        return {
            "images": [
                {"name": image.name, "predictions": answers}
                for image, *answers in zip(sent, *said, strict=True)
            ]
        }

    async def _said(
        self, model: ServedModel, images: Sequence[Image], sent: Sequence[Sent], explain: bool
    ) -> list[dict[str, Any]]:
        """What a model says of each image."""
        answers = []
        for image, answer in zip(sent, await model.batcher(images), strict=True):
            if isinstance(answer, Undecodable):
                raise self._unreadable(image.name, answer)
            answers.append(answer)
        if not explain:
            return answers
        loop = asyncio.get_running_loop()
        explained = model.explainer.explained
        return await loop.run_in_executor(self._readers, explained, np.stack(images), answers)

    async def _read(self, sent: Sequence[Sent], wanted: Wanted, explain: bool) -> list[Image]:
        """The images as a model wants them; those that it can read itself as they are."""
        usual = usual_header(wanted.size) if wanted.mode == "grey" and not explain else None
        images: list[Image] = [image.content for image in sent]
        others = [
            place
            for place, image in enumerate(sent)
            if usual is None or plain_header(image.content) != usual
        ]
        if others:
            loop = asyncio.get_running_loop()
            reading = [
                loop.run_in_executor(self._readers, self._image, sent[place], wanted)
                for place in others
            ]
            for place, image in zip(others, await asyncio.gather(*reading), strict=True):
                images[place] = image
        return images

    def _image(self, image: Sent, wanted: Wanted) -> UInt8[np.ndarray, "size size channels"]:
        try:
            return read_image(image.content, wanted, self.limits.pixels)
        except Undecodable as reason:
            raise self._unreadable(image.name, reason) from reason

    def _unreadable(self, name: str, reason: Undecodable) -> Refusal:
        return Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            lambda: say("serve-refused-image", name=repr(name[:100]), reason=self._said_of(reason)),
        )

    def _said_of(self, reason: Undecodable) -> str:
        """Why an image can't be read; what images of people hardly ever are is said in English."""
        if isinstance(reason, TooManyPixels):
            return say("serve-unread-pixels", most=number(self.limits.pixels))
        known = str(reason)
        return say(f"serve-unread-{known}") if known in _KNOWN else known
