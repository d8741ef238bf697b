"""The server's application: what is asked by which path."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from glyphlab.language import Language, speaking
from glyphlab.serving.documents import openapi
from glyphlab.serving.guard import HEADERS, Guard
from glyphlab.serving.http import (
    Answer,
    Receive,
    Request,
    Scope,
    Send,
    give,
    json_answer,
    raw_headers,
)
from glyphlab.serving.metrics import CONTENT_TYPE, Metrics
from glyphlab.serving.page import page_files, page_html
from glyphlab.serving.refusal import Refusal
from glyphlab.serving.service import Asked, Service

LOOK_SECONDS = 2.0
"""Between two looks whether a run has changed."""
PREDICT = "/api/predict"
_RAW_HEADERS = raw_headers(HEADERS)
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Answer]]


class Route(NamedTuple):
    """Who answers at a path, and to which methods."""

    methods: tuple[str, ...]
    answer: Handler


class Application:
    """Answers by ASGI, and looks after the models meanwhile.

    Parameters
    ----------
    service : Service
    metrics : Metrics
    guard : Guard
    """

    def __init__(self, service: Service, metrics: Metrics, guard: Guard) -> None:
        metrics.watch_queue(lambda: service.models.waiting)
        self._routes = {**_showing(), **_predicting(service), **_telling(metrics)}
        self._models, self._metrics, self._guard = service.models, metrics, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; or live, from the start of the server to its end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        start = time.perf_counter()
        request = Request(scope, receive)
        answer = await self._answer(request)
        path = request.path if request.path in self._routes else "other"
        self._metrics.requests.labels(path, str(int(answer.status))).inc()
        await give(answer, send, _RAW_HEADERS)
        if path == PREDICT:
            self._metrics.seconds.observe(time.perf_counter() - start)

    async def _answer(self, request: Request) -> Answer:
        try:
            self._guard.check(request)
            return await self._handler(request)(request)
        except Refusal as refused:
            with speaking(_preferred(request)):
                return json_answer({"error": str(refused)}, refused.status, refused.headers)
        except Exception:
            _log.exception("A request to %s failed", request.path)
            sentence = "The server failed; what happened is in its log."
            return json_answer({"error": sentence}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _handler(self, request: Request) -> Handler:
        route = self._routes.get(request.path)
        if route is None:
            raise _not_served(request, HTTPStatus.NOT_FOUND)
        if request.method not in route.methods:
            allowed = {"Allow": ", ".join(route.methods)}
            raise _not_served(request, HTTPStatus.METHOD_NOT_ALLOWED, allowed)
        return route.answer

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        looks = (self._models.refresh, self._models.quicken)
        tasks = [asyncio.create_task(_again_and_again(look)) for look in looks]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})


async def _again_and_again(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        await look()
        await asyncio.sleep(LOOK_SECONDS)


def _not_served(
    request: Request, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> Refusal:
    asked = f"{request.method[:20]} {request.path[:100]!r}"
    sentence = f"{asked} is not served here ({status.phrase}); see /api/openapi.json."
    return Refusal(status, sentence, headers)


def _get(answer: Handler) -> Route:
    return Route(("GET", "HEAD"), answer)


def _same(answer: Answer) -> Route:
    """Always this answer."""

    async def same(_: Request) -> Answer:
        return answer

    return _get(same)


def _showing() -> dict[str, Route]:
    async def page(request: Request) -> Answer:
        wanted = request.parameters().get("lang")
        name = _known(wanted[-1]) if wanted else _preferred(request)
        return Answer(page_html(name), "text/html; charset=utf-8")

    files = {
        f"/page/{name}": _same(Answer(file.content, file.media_type))
        for name, file in page_files().items()
    }
    return {"/": _get(page)} | files


def _preferred(request: Request) -> Language:
    """The first language that a browser asks for; browsers send them in order."""
    return _known((request.header(b"accept-language") or "").strip()[:2].lower())


def _known(name: str) -> Language:
    return "ru" if name == "ru" else "en"


def _predicting(service: Service) -> dict[str, Route]:
    async def predict(request: Request) -> Answer:
        return json_answer(await service.predict(request, _asked(request.parameters())))

    async def models(_: Request) -> Answer:
        limits = service.limits
        return json_answer(
            {
                "models": [model.description() for model in service.models.values()],
                "limits": {
                    "body_bytes": limits.body_bytes,
                    "images": limits.images,
                    "pixels": limits.pixels,
                },
            }
        )

    return {PREDICT: Route(("POST",), predict), "/api/models": _get(models)}


def _telling(metrics: Metrics) -> dict[str, Route]:
    async def counted(_: Request) -> Answer:
        return Answer(metrics.text(), CONTENT_TYPE)

    healthy = _same(Answer(b"ok", "text/plain; charset=utf-8"))
    return {
        "/healthz": healthy,
        # All models are open before the server listens, and one serves until the next is open.
        "/readyz": healthy,
        "/metrics": _get(counted),
        "/api/openapi.json": _same(json_answer(openapi())),
    }


def _asked(parameters: Mapping[str, list[str]]) -> Asked:
    return Asked(
        models=parameters.get("model", ()),
        explain=_flag(parameters, "explain"),
        raw=_flag(parameters, "raw"),
    )


def _flag(parameters: Mapping[str, list[str]], name: str) -> bool:
    given = parameters.get(name, ["false"])[-1]
    if given not in _FLAGS:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"The parameter {name} is true or false, not {given[:100]!r}.",
        )
    return _FLAGS[given]
