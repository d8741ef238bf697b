"""What goes wrong with stores: what another try may mend, and what it won't."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import responses

from glyphlab.data.stores.address import is_web, scheme_of, shown, without_secrets
from glyphlab.errors import GlyphlabError, InputError

_MAY_PASS = {408, 425, 429, 500, 502, 503, 504}
_REASONS = {
    "ClientPayloadError": "the connection broke",
    "ServerDisconnectedError": "the connection broke",
    "NonHttpUrlRedirectClientError": "it leads to an address outside the web",
    "TooManyRedirects": "it leads round in circles",
    "ClientResponseError": "the answer is no HTTP",
}
"""What errors of aiohttp mean whose own words are none for a user."""
_WRONG_ADDRESS = {"NonHttpUrlRedirectClientError", "TooManyRedirects"}
_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"}


class StoreError(GlyphlabError):
    """A store failed, or did not send what it should."""


class NothingThereError(InputError):
    """There is no file at an address."""


class NoPermissionError(InputError):
    """A store does not let this user read a file."""


class Trouble(Exception):
    """Something that may pass.

    Parameters
    ----------
    reason : str
        What, as half a sentence.
    is_wrong : bool
        What has come so far is not to be gone on from.
    """

    def __init__(self, reason: str, *, is_wrong: bool = False) -> None:
        super().__init__(reason)
        self.is_wrong = is_wrong


def nothing_there(address: str) -> NothingThereError:
    """The sentence for a file that is not there."""
    return NothingThereError(f"There is nothing at {shown(address)}; check the address.")


def failed(address: str, reason: str) -> StoreError:
    """The sentence for a store that is given up."""
    return StoreError(
        f"Can't fetch {shown(address)}: {reason}; try again later, or bring the file by other "
        "means and give its path."
    )


@contextmanager
def told(address: str, seconds: float) -> Iterator[None]:
    """Say in our words whatever a store raises in this block.

    Errors of stores hold addresses with what gives access, so that none is shown as a cause.

    Parameters
    ----------
    address : str
    seconds : float
        After how long without a byte it gives up.
    """
    try:
        yield
    except (Trouble, GlyphlabError):
        raise
    except Exception as error:
        raise _explained(error, address, seconds) from None


def _explained(error: Exception, address: str, seconds: float) -> Exception:
    status = _status(error)
    kind = type(error).__name__
    if status in (401, 403) or isinstance(error, PermissionError) or kind in _NO_CREDENTIALS:
        return _no_permission(address)
    if status in (404, 410) or isinstance(error, FileNotFoundError | IsADirectoryError):
        return nothing_there(address)
    if status == 416:
        return Trouble("what has come so far does not fit the file", is_wrong=True)
    reason = _reason(error, status, seconds)
    if _is_wrong_address(error, status):
        return InputError(f"Can't read {shown(address)}: {reason}; check the address.")
    may_pass = status in _MAY_PASS if status else not isinstance(error, ssl.SSLError)
    return Trouble(reason) if may_pass else failed(address, reason)


def _no_permission(address: str) -> NoPermissionError:
    advice = "give an address with user and password, or a signed one"
    if not is_web(address):
        advice = f"give keys for {scheme_of(address)}:// as its own tools take them"
    return NoPermissionError(f"You may not read {shown(address)}; {advice}.")


def _status(error: Exception) -> int | None:
    """The status of HTTP that an error of a store carries; None where it read no answer."""
    if error.__cause__ is not None:  # aiohttp calls it 400 if an answer is no HTTP
        return None
    if isinstance(error, OSError) and str(error).startswith("Forbidden"):  # as gcsfs calls it
        return 403
    value = error.status if hasattr(error, "status") else getattr(error, "code", None)
    return value if type(value) is int and 100 <= value < 600 else None


def _is_wrong_address(error: Exception, status: int | None) -> bool:
    """Whether there is no such host, or such an address can't be."""
    cause = getattr(error, "os_error", error)  # of aiohttp's errors of connecting
    if isinstance(cause, socket.gaierror):
        return cause.errno != socket.EAI_AGAIN
    if status or isinstance(error, ssl.SSLError):
        return False
    is_call = isinstance(error, ValueError | TypeError | NotImplementedError)
    return is_call or type(error).__name__ in _WRONG_ADDRESS


def _reason(error: Exception, status: int | None, seconds: float) -> str:
    if status:
        phrase = responses.get(status)
        return f"the store answers {status}{f' ({phrase})' if phrase else ''}"
    if type(error).__name__ in _REASONS:
        return _REASONS[type(error).__name__]
    if isinstance(error, TimeoutError):
        return f"nothing came for {seconds:g} s"
    cause = getattr(error, "os_error", None) or error
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return without_secrets(str(text)).rstrip(".")
