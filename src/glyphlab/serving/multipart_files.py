"""The files of a form."""

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

_HEADER_BYTES, _HEADERS = 4096, 8
_MOST_PARTS = 1024


class Malformed(Exception):
    """What is wrong with a form, in a few words."""


def files_of(content_type: str, body: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of the files of a multipart/form-data body; other fields are left out.

    Parameters
    ----------
    content_type : str
        Value of the header, which names the boundary between the parts.
    body : bytes

    Raises
    ------
    Malformed
        If there is no boundary, the body ends early, or its parts are no parts of a form or
        more than 1,024.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary")
    if not boundary:
        raise Malformed("it names no boundary")
    files: list[tuple[str, list[bytes]]] = []
    into: list[bytes] | None = None
    try:
        with PushMultipartParser(
            boundary,
            len(body),
            max_header_size=_HEADER_BYTES,
            max_header_count=_HEADERS,
            max_segment_count=_MOST_PARTS,
        ) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    into = None
                    if event.filename is not None:
                        into = []
                        files.append((event.filename, into))
                elif event is not None and into is not None:
                    into.append(bytes(event))
    except (MultipartError, UnicodeError, ValueError) as error:
        raise Malformed(str(error) or type(error).__name__) from error
    return [(name, b"".join(pieces)) for name, pieces in files]
