"""The web page of `glyphlab serve`: a place to draw, drop and paste images, and what models say."""

from functools import cache
from importlib import resources
from typing import NamedTuple

from glyphlab.language import Language, language, say, speaking
from glyphlab.report.templating import asset, environment

STYLE = "page.css"
SCRIPTS = (
    "page.js",
    "answers.js",
    "asking.js",
    "drawing.js",
    "elements.js",
    "pictures.js",
    "words.js",
)
NAMES: dict[Language, str] = {"en": "English", "ru": "Русский"}
"""Of each language, in that language."""


class PageFile(NamedTuple):
    """A file that the page loads."""

    media_type: str
    content: bytes


@cache
def page_html(name: Language) -> bytes:
    """The page in a language; it asks the server for everything about the models.

    Parameters
    ----------
    name : {"en", "ru"}

    Returns
    -------
    bytes
        A whole HTML document in UTF-8. It loads `page_files` from `page/` and nothing else.

    Raises
    ------
    InputError
        If there is no catalogue of that language.
    """
    with speaking(name):
        template = environment("glyphlab.serving.page").get_template("page.html.j2")
        page = template.render(
            style=STYLE, script=SCRIPTS[0], said=_said_by_the_scripts(), others=_others()
        )
    return page.encode()


@cache
def page_files() -> dict[str, PageFile]:
    """The page's style and scripts, by their names below `/page/`."""
    static = resources.files("glyphlab.serving.page") / "static"
    style = asset("theme.css") + (static / STYLE).read_text("utf-8")
    scripts = {
        name: PageFile("text/javascript; charset=utf-8", (static / name).read_bytes())
        for name in SCRIPTS
    }
    return {STYLE: PageFile("text/css; charset=utf-8", style.encode())} | scripts


def _others() -> dict[str, str]:
    """The other languages of the page, and what each is called in itself."""
    return {other: called for other, called in NAMES.items() if other != language()}


def _said_by_the_scripts() -> dict[str, str]:
    """What the page's scripts say; they put in what stands in braces themselves."""
    said_of = {"model": "{model}", "class": "{class}"}
    return {
        "nothingYet": say("serve-nothing-yet"),
        "allOff": say("serve-all-off"),
        "says": say("serve-says", **said_of),
        "bothSay": say("serve-both-say", **{"class": "{class}"}),
        "allSay": say("serve-all-say", **{"class": "{class}"}),
        "disagree": say("serve-disagree", answers="{answers}"),
        "severally": say("serve-severally", answers="{answers}"),
        "answerOf": say("serve-answer-of", **{"class": "{class}", "models": "{models}"}),
        "spoken": say("serve-spoken", **said_of, probability="{probability}"),
        "unlike": say("serve-unlike"),
        "seen": say("serve-seen"),
        "looked": say("serve-looked"),
        "nearest": say("serve-nearest"),
        "allClasses": say("serve-all-classes"),
        "likeliest": say("serve-likeliest"),
        "about": say("serve-about", dataset="{dataset}", parameters="{parameters}"),
        "validated": say("serve-validated", accuracy="{accuracy}"),
        "knows": say("serve-knows", classes="{classes}"),
        "busy": say("serve-busy"),
        "unreachable": say("serve-unreachable"),
        "failed": say("serve-failed"),
        "again": say("serve-again", seconds="{seconds}"),
        "token": say("serve-token"),
        "noImage": say("serve-no-image", name="{name}"),
        "emptyFile": say("serve-empty-file", name="{name}"),
        "tooLarge": say("serve-too-large", name="{name}", size="{size}", most="{most}"),
        "gone": say("serve-gone", name="{name}"),
        "nothingDropped": say("serve-nothing-dropped"),
        "nothingPasted": say("serve-nothing-pasted"),
        "tooMany": say("serve-too-many", count="{count}"),
        "remove": say("serve-remove", name="{name}"),
    }
