"""Where the server has the page, and in which language it gives it."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from glyphlab.language import LANGUAGES, Language
from glyphlab.serving.page import page_files, page_html
from glyphlab.serving.refusal import Refusal


def page_routes() -> list[Route]:
    """The page at `/`, and its files, which are in memory, below `/page/`."""
    pages, files = {name: page_html(name) for name in LANGUAGES}, page_files()

    async def page(request: Request) -> Response:
        asked = request.query_params.get("lang")
        name = chosen_language(asked, request.headers.get("accept-language", ""))
        return Response(pages[name], media_type="text/html", headers={"Vary": "Accept-Language"})

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            raise Refusal(HTTPStatus.NOT_FOUND, "The page has no such file; open /.")
        return Response(files[name].content, headers={"Content-Type": files[name].media_type})

    return [
        Route("/", page, methods=["GET"]),
        Route("/page/{name}", file, methods=["GET"]),
    ]


def chosen_language(asked: str | None, accepted: str) -> Language:
    """The language that is asked for, else the one that a browser likes best, else English.

    Parameters
    ----------
    asked : str or None
    accepted : str
        The header Accept-Language, as `ru-RU,ru;q=0.9,en;q=0.8`.
    """
    by_wish = sorted(map(_weighed, accepted.split(",")), key=lambda wish: -wish[1])
    for wanted in [asked, *(tag for tag, weight in by_wish if weight > 0)]:
        for name in LANGUAGES:
            if wanted == name:
                return name
    return "en"


def _weighed(wish: str) -> tuple[str, float]:
    """A wish's language without its region, and its weight; 0 where that is no number."""
    tag, _, weight = wish.partition(";q=")
    try:
        return tag.strip().partition("-")[0].lower(), float(weight or 1)
    except ValueError:
        return "", 0.0
