"""Whatever a store raises becomes what may pass, or one sentence."""

import socket
import ssl

import pytest

from glyphlab.data.stores.trouble import (
    NoPermissionError,
    NothingThereError,
    StoreError,
    Trouble,
    told,
)
from glyphlab.errors import InputError


class HttpError(Exception):
    """As gcsfs has it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"no, {code}")
        self.code = code


class NoCredentialsError(Exception):
    """As botocore has it."""


def raised(error: Exception, address: str = "s3://key:secret@bucket/x.zip") -> Exception:
    with pytest.raises(Exception) as caught, told(address, 30):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (HttpError(503), "the store answers 503 (Service Unavailable)"),
        (HttpError(429), "the store answers 429 (Too Many Requests)"),
        (TimeoutError(), "nothing came for 30 s"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "Temporary failure"),
        (RuntimeError("see https://me:secret@host/x?secret"), "see https://host/x?…"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_this_may_pass(error: Exception, reason: str) -> None:
    trouble = raised(error)
    assert isinstance(trouble, Trouble)
    assert str(trouble) == reason


@pytest.mark.parametrize(
    "error",
    [
        HttpError(401),
        HttpError(403),
        PermissionError("Access Denied"),
        OSError("Forbidden: b/o/x.zip\nno"),
        NoCredentialsError("Unable to locate credentials"),
    ],
)
def test_this_is_for_want_of_permission(error: Exception) -> None:
    told_of = raised(error)
    assert isinstance(told_of, NoPermissionError)
    assert str(told_of) == (
        "You may not read s3://bucket/x.zip; give keys for s3:// as its own tools take them."
    )


@pytest.mark.parametrize("error", [HttpError(404), FileNotFoundError("x"), IsADirectoryError("x")])
def test_this_is_not_there(error: Exception) -> None:
    assert isinstance(raised(error), NothingThereError)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Port out of range"),
        TypeError("missing 1 required argument: 'host'"),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
    ],
)
def test_this_is_a_wrong_address(error: Exception) -> None:
    told_of = raised(error)
    assert type(told_of) is InputError
    assert str(told_of).startswith("Can't read s3://bucket/x.zip: ")


@pytest.mark.parametrize("error", [HttpError(400), ssl.SSLCertVerificationError("self-signed")])
def test_this_will_not_pass(error: Exception) -> None:
    assert isinstance(raised(error), StoreError)


@pytest.mark.parametrize("error", [Trouble("x"), InputError("x"), StoreError("x")])
def test_what_is_said_already_stays(error: Exception) -> None:
    assert raised(error) is error


def test_ctrl_c_is_no_trouble() -> None:
    with pytest.raises(KeyboardInterrupt), told("s3://bucket/x", 30):
        raise KeyboardInterrupt
