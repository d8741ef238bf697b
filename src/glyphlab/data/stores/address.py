"""Addresses of files and folders in stores: told from paths, put together, and shown to people."""

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from urllib.request import url2pathname

from glyphlab.errors import InputError
from glyphlab.files import safe_name

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # C:\ has one letter
_SECRETS = (
    (re.compile(r"(\w://)[^/?#\s'\"]*@"), r"\1"),
    (re.compile(r"(\w://[^?#\s'\"]*)[?#][^\s'\"]+"), r"\1?…"),
)
_LONGEST_NAME = 60  # of at most 4 bytes each, where file systems take 255


def is_remote(source: str) -> bool:
    """Whether a source is an address, such as `s3://bucket/letters`, no path and no name.

    That is whatever begins with a scheme and `://`; whether there is such a store shows when it
    is read.
    """
    return _SCHEME.match(source) is not None


def scheme_of(address: str) -> str:
    """The part of an address before `://`, in lower case."""
    found = _SCHEME.match(address)
    if found is None:
        raise InputError(
            f"{address!r} is no address of a store; give one such as https://host/letters.zip."
        )
    return found[1].lower()


def is_web(address: str) -> bool:
    """Whether it is an `https://` or `http://` address, which escapes signs and has a query."""
    return scheme_of(address) in ("http", "https")


def join(address: str, name: str) -> str:
    """The address of a file in a folder.

    Parameters
    ----------
    address : str
        Of the folder. The query of a web address, which may be what gives access, stays at the
        end.
    name : str
        Of the file, such as `index.json` or `train/index.json`.
    """
    if not is_web(address) and not is_file(address):
        return f"{address.rstrip('/')}/{name}"
    folder, mark, query = address.partition("?")
    return f"{folder.rstrip('/')}/{quote(name)}{mark}{query}"


def shown(source: str) -> str:
    """A source as messages name it: without the user, password and query of an address."""
    return without_secrets(source) if is_remote(source) else source


def without_secrets(text: str) -> str:
    """A text without the users, passwords and queries of addresses in it."""
    for pattern, rest in _SECRETS:
        text = pattern.sub(rest, text)
    return text


def file_name(address: str) -> str:
    """The last part of an address, as a name that a local file can have."""
    path = urlsplit(address).path if is_web(address) else address.partition("://")[2]
    last = path.rstrip("/").rpartition("/")[2]
    if is_web(address) or is_file(address):
        last = unquote(last)
    return safe_name(last).lstrip(".")[-_LONGEST_NAME:].lstrip(".") or "file"


def is_file(address: str) -> bool:
    """Whether it is a `file://` address, of this machine."""
    return scheme_of(address) == "file"


def local_path(address: str) -> Path:
    """The path that a `file://` address means.

    Raises
    ------
    InputError
        If it names another machine.
    """
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise InputError(
            f"{shown(address)} names another machine; file:// is for this one: write file:/// "
            "before the path."
        )
    return Path(url2pathname(parts.path))
