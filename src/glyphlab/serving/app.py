"""The server's application: what is asked by which path."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from glyphlab.serving.documents import openapi
from glyphlab.serving.guard import Guard, failure, problem
from glyphlab.serving.metrics import CONTENT_TYPE, Metrics
from glyphlab.serving.page import page_files, page_html
from glyphlab.serving.refusal import Refusal
from glyphlab.serving.served import ServedModels
from glyphlab.serving.service import Asked, Service

LOOK_SECONDS = 2.0
"""Between two looks whether a run has changed."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def make_app(
    service: Service, metrics: Metrics, hosts: Sequence[str] = (), token: str | None = None
) -> Guard:
    """The application of a server.

    Parameters
    ----------
    service : Service
    metrics : Metrics
    hosts, token
        See `Guard`.
    """
    metrics.watch_queue(lambda: service.models.waiting)
    app = Starlette(
        routes=[*_showing(), *_predicting(service), *_telling(metrics)],
        lifespan=_watching(service.models),
        exception_handlers={
            Refusal: _refused,
            HTTPException: _not_served,
            Exception: _failed,
        },
    )
    return Guard(app, metrics, hosts, token)


def _showing() -> list[Route]:
    async def page(request: Request) -> Response:
        language = request.query_params.get("lang") or _preferred(request)
        return HTMLResponse(page_html("ru" if language == "ru" else "en"))

    async def file(request: Request) -> Response:
        found = page_files().get(request.path_params["name"])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(found.content, headers={"Content-Type": found.media_type})

    return [
        Route("/", page, methods=["GET"]),
        Route("/page/{name}", file, methods=["GET"]),
    ]


def _preferred(request: Request) -> str:
    """The first language that a browser asks for; browsers send them in order."""
    return request.headers.get("accept-language", "").strip()[:2].lower()


def _predicting(service: Service) -> list[Route]:
    async def predict(request: Request) -> Response:
        return _json(await service.predict(request, _asked(request.query_params)))

    async def models(_: Request) -> Response:
        limits = service.limits
        return _json(
            {
                "models": [model.description() for model in service.models.values()],
                "limits": {
                    "body_bytes": limits.body_bytes,
                    "images": limits.images,
                    "pixels": limits.pixels,
                },
            }
        )

    return [
        Route("/api/predict", predict, methods=["POST"]),
        Route("/api/models", models, methods=["GET"]),
    ]


def _telling(metrics: Metrics) -> list[Route]:
    async def healthy(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def counted(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def document(_: Request) -> Response:
        return _json(openapi())

    return [
        Route("/healthz", healthy, methods=["GET"]),
        # All models are open before the server listens, and one serves until the next is open.
        Route("/readyz", healthy, methods=["GET"]),
        Route("/metrics", counted, methods=["GET"]),
        Route("/api/openapi.json", document, methods=["GET"]),
    ]


def _asked(parameters: QueryParams) -> Asked:
    return Asked(
        models=parameters.getlist("model"),
        explain=_flag(parameters, "explain"),
        raw=_flag(parameters, "raw"),
    )


def _flag(parameters: QueryParams, name: str) -> bool:
    given = parameters.get(name, "false")
    if given not in _FLAGS:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"The parameter {name} is true or false, not {given[:100]!r}.",
        )
    return _FLAGS[given]


def _watching(models: ServedModels) -> Any:
    async def again_and_again(look: Callable[[], Awaitable[None]]) -> None:
        while True:
            await look()
            await asyncio.sleep(LOOK_SECONDS)

    @asynccontextmanager
    async def watching(_: Starlette) -> AsyncIterator[None]:
        looks = (models.refresh, models.quicken)
        tasks = [asyncio.create_task(again_and_again(look)) for look in looks]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return watching


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error)


async def _failed(_: Request, __: Exception) -> Response:
    return problem(failure())


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    method, path = request.method[:20], request.url.path[:100]
    sentence = f"{method} {path!r} is not served here ({status.phrase}); see /api/openapi.json."
    return problem(Refusal(status, sentence, error.headers))
