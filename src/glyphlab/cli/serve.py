"""`glyphlab serve`: trained models as a page and an API."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console
from glyphlab.cli.evaluate import OwnArguments, OwnModel, open_run
from glyphlab.errors import InputError

if TYPE_CHECKING:
    from glyphlab.training.run import Run


def serve(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…",
            help="Folders of finished runs.",
            autocompletion=completion.runs,
            show_default=False,
        ),
    ],
    model: OwnModel = None,
    arg: OwnArguments = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for every machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 for any that is free.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(help="What requests must carry; better in GLYPHLAB_SERVE_TOKEN."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="One more name that requests may call the server."),
    ] = None,
    body_bytes: Annotated[int, typer.Option(min=1, help="Of one request at most.")] = 16 << 20,
    images: Annotated[int, typer.Option(min=1, help="In one request at most.")] = 64,
    pixels: Annotated[int, typer.Option(min=1, help="Of one image at most.")] = 16_000_000,
    waiting: Annotated[int, typer.Option(min=1, help="Images in the queue at most.")] = 1024,
    seconds: Annotated[float, typer.Option(min=0.001, help="For one request at most.")] = 10.0,
) -> None:
    """Serve a page to draw, drop and paste images on, and a JSON API. Ctrl-C ends.

    The API is described at /api/openapi.json; /healthz, /readyz and /metrics are for machines. A
    run that is trained again is read again, without a request lost.
    """
    from glyphlab.extras import extra

    with extra("serve", "glyphlab serve"):
        from glyphlab.serving.limits import Limits
        from glyphlab.serving.server import is_loopback
        from glyphlab.serving.server import serve as serve_runs

    if token == "":
        raise InputError("An empty token protects nothing; give one, or leave --token out.")
    if not is_loopback(host):
        console.print(
            f"Warning: at {host} others than this machine can reach the server"
            + ("." if token else "; give it a --token, unless everyone may use it.")
        )

    def announce(address: str) -> None:
        page = address if token is None else f"{address}#token={token}"
        console.print(f"Open {page} in a browser. Ctrl-C ends.")

    serve_runs(
        runs,
        host=host,
        port=port,
        allowed_hosts=allow_host or [],
        token=token,
        limits=Limits(
            body_bytes=body_bytes,
            images=images,
            pixels=pixels,
            waiting=waiting,
            seconds=seconds,
        ),
        open_run=lambda path: _opened(path, model, arg),
        announce=announce,
    )


def _opened(path: Path, model: str | None, arguments: list[str] | None) -> "Run":
    """A run; of the model of the user's own, if no name tells what it is."""
    from glyphlab.models import is_known
    from glyphlab.training.run import Run

    run = Run(path)
    if is_known(run.info.model):
        return run
    if model is None:
        raise InputError(
            f"{path} is of a model of your own, {run.info.model}; give its factory by --model."
        )
    return open_run(path, model, arguments)
