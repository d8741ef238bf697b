"""The server's application: what is asked by which path."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from glyphlab.serving.documents import PROBLEMS, REQUEST_BODY, Answer, Models
from glyphlab.serving.guard import Guard, problem
from glyphlab.serving.metrics import CONTENT_TYPE, Metrics
from glyphlab.serving.refusal import Refusal
from glyphlab.serving.service import Asked, Service
from glyphlab.version import __version__

LOOK_SECONDS = 2.0
"""Between two looks whether a run has changed."""


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

    @asynccontextmanager
    async def watching(_: FastAPI) -> AsyncIterator[None]:
        watch = asyncio.create_task(_watch(service))
        yield
        watch.cancel()

    app = FastAPI(
        title="glyphlab",
        version=__version__,
        description="What trained models say of images.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=watching,
        exception_handlers={
            Refusal: _refused,
            HTTPException: _not_served,
            RequestValidationError: _wrong_parameter,
        },
    )
    metrics.watch_queue(lambda: service.models.waiting)
    _add_predictions(app, service)
    _add_health(app, metrics)
    return Guard(app, metrics, hosts, token)


def _add_predictions(app: FastAPI, service: Service) -> None:
    @app.post(
        "/api/predict",
        response_model=Answer,
        responses=PROBLEMS,
        openapi_extra={"requestBody": REQUEST_BODY},
        summary="Say what images show",
    )
    async def predict(
        request: Request,
        model: Annotated[list[str], Query(description="Which models; all by default.")] = [],  # noqa: B006
        explain: Annotated[
            bool, Query(description="Show what a model saw, where it looked, what is near.")
        ] = False,
        raw: Annotated[
            bool, Query(description="Only scale images, do not bring them to the form.")
        ] = False,
    ) -> Response:
        """One image as it is, files of a form, or image files in Base64."""
        return _json(await service.predict(request, Asked(model, explain, raw)))

    @app.get("/api/models", response_model=Models, summary="The models that are served")
    async def models() -> Response:
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


def _add_health(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/healthz", summary="Whether the server lives")
    @app.get("/readyz", summary="Whether it can answer; all models are open before it listens")
    async def healthy() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/metrics", summary="Counters for Prometheus")
    async def counted() -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})


async def _watch(service: Service) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await service.models.refresh()


def _json(content: Any) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error)


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    method, path = request.method[:20], request.url.path[:100]
    sentence = f"{method} {path!r} is not served here ({status.phrase}); see /api/openapi.json."
    return problem(Refusal(status, sentence, error.headers))


async def _wrong_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"][1:]))
    return problem(
        Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"The parameter {name} can't be used: {first['msg']}; see /api/openapi.json.",
        )
    )
