"""Bodies of requests, received within bounds."""

from http import HTTPStatus

from glyphlab.language import say
from glyphlab.language.numerals import number
from glyphlab.serving.http import Disconnected, Request
from glyphlab.serving.limits import Limits
from glyphlab.serving.refusal import Refusal, too_busy


class Reception:
    """Receives bodies, and knows how many bytes are held in all.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self._limits, self.held = limits, 0

    def body(self, request: Request) -> "Body":
        """The body of a request, which counts as held until the end of a `with` block of it."""
        return Body(self, request)

    def check(self, coming: int, received: int) -> None:
        """Refuse bytes that are more than a request, or all together, may send.

        Raises
        ------
        Refusal
            413 or 429.
        """
        if received + coming > self._limits.body_bytes:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                lambda: say("serve-refused-bytes", most=number(self._limits.body_bytes)),
            )
        if self.held + coming > self._limits.held_bytes:
            raise too_busy("The server holds as many bytes as it may; try again in a second.")


class Body:
    """A body on its way.

    Attributes
    ----------
    is_whole : bool
    """

    def __init__(self, reception: Reception, request: Request) -> None:
        self._reception, self._request = reception, request
        self._received = 0
        self.is_whole = False

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self._reception.held -= self._received

    async def receive(self) -> bytes:
        """Wait for all of it.

        Raises
        ------
        Refusal
            408 if it does not come whole, 413 if it is too large, 429 if too many bytes are held
            already.
        """
        self._reception.check(int(self._request.header(b"content-length") or 0), 0)
        pieces = []
        try:
            async for piece in self._request.pieces():
                self._reception.check(len(piece), self._received)
                pieces.append(piece)
                self._received += len(piece)
                self._reception.held += len(piece)
        except Disconnected as error:
            raise too_slow() from error
        self.is_whole = True
        return b"".join(pieces)


def too_slow() -> Refusal:
    """Refuse a body that did not come whole in time."""
    return Refusal(
        HTTPStatus.REQUEST_TIMEOUT, "The body did not come whole in time; send it again."
    )
