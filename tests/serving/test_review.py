"""The review's server: it saves decisions, and refuses whatever is not its own page's."""

import contextlib
import json
import socket
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.audited import held_out_images, train_images

from glyphlab.auditing.decisions import load_decisions
from glyphlab.errors import InputError
from glyphlab.serving.review import MAXIMUM_BYTES, ReviewServer

KEEP = {"part": "train", "index": 3, "id": "train/3.png", "action": "keep", "label": None}


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    server: ReviewServer, method: str, path: str, body: bytes = b"", **headers: str | None
) -> Answer:
    """One request with just these headers, underscores for dashes; None leaves one out."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    own: dict[str, str | None] = {"Host": host(server)}
    for name, value in (own | headers).items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.headers), response.read())
    connection.close()
    return answer


def host(server: ReviewServer) -> str:
    return f"127.0.0.1:{server.server_port}"


def content(*decisions: dict[str, Any], **changes: Any) -> bytes:
    own = {"train": train_images().fingerprint, "test": held_out_images().fingerprint}
    return json.dumps(own | {"decisions": decisions} | changes).encode()


def put(server: ReviewServer, body: bytes, path: str = "/decisions", **headers: Any) -> Answer:
    """Save decisions as the page does."""
    as_page = {
        "Origin": f"http://{host(server)}",
        "Content_Type": "application/json",
        "If_Match": '"none"',
        "Content_Length": str(len(body)),
    }
    return ask(server, "PUT", path, body, **(as_page | headers))


def test_the_page_is_served_as_it_is_in_the_folder(server: ReviewServer, folder: Path) -> None:
    for path in ("/", "/audit.html"):
        answer = ask(server, "GET", path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.body == (folder / "audit.html").read_bytes()


def test_before_the_first_decision_there_is_none(server: ReviewServer, folder: Path) -> None:
    answer = ask(server, "GET", "/decisions")
    assert answer.status == 200
    assert answer.headers["ETag"] == '"none"'
    assert answer.json["decisions"] == []
    assert not (folder / "decisions.json").exists()


def test_saved_decisions_are_in_the_file_and_come_back(server: ReviewServer, folder: Path) -> None:
    saved = put(server, content(KEEP))
    again = ask(server, "GET", "/decisions")
    assert saved.status == again.status == 200
    assert saved.headers["ETag"] == again.headers["ETag"] != '"none"'
    assert again.json["decisions"] == [KEEP]
    assert json.loads((folder / "decisions.json").read_text())["decisions"] == [KEEP]


def test_decisions_are_there_after_the_server_was_ended(folder: Path) -> None:
    with ReviewServer(folder, 0) as first:
        put(first, content(KEEP))
    with ReviewServer(folder, 0) as second:
        assert ask(second, "GET", "/decisions").json["decisions"] == [KEEP]


def test_one_version_can_be_replaced_once(server: ReviewServer, folder: Path) -> None:
    version = put(server, content(KEEP)).headers["ETag"]
    late = put(server, content())
    assert late.status == 412
    assert "changed elsewhere" in late.json["error"]
    assert len(load_decisions(folder / "decisions.json").decisions) == 1
    assert put(server, content(), If_Match=version).status == 200
    assert load_decisions(folder / "decisions.json").decisions == []


def test_of_many_writers_at_once_one_wins(server: ReviewServer) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(put(server, content(KEEP)).status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [412] * 7


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1", "evil.example:{port}", "localhost:1", "", None]
)
def test_a_request_for_another_host_is_refused(server: ReviewServer, name: str | None) -> None:
    called = None if name is None else name.format(port=server.server_port)
    for answer in (
        ask(server, "GET", "/", Host=called),
        put(server, content(KEEP), Host=called, Origin=f"http://{called}"),
    ):
        assert answer.status == 403
        assert answer.json == {"error": f"This server answers at {server.address} only."}


def test_localhost_is_the_same_machine(server: ReviewServer) -> None:
    name = f"localhost:{server.server_port}"
    assert ask(server, "GET", "/", Host=name).status == 200
    assert put(server, content(KEEP), Host=name, Origin=f"http://{name}").status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
def test_other_pages_can_not_save(server: ReviewServer, folder: Path, origin: str | None) -> None:
    answer = put(server, content(KEEP), Origin=origin)
    assert answer.status == 403
    assert not (folder / "decisions.json").exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": None}, 415),
        ({"If_Match": None}, 428),
        ({"Content_Length": None}, 411),
        ({"Content_Length": "-1"}, 411),
        ({"Content_Length": "9" * 5000}, 411),
        ({"Transfer_Encoding": "chunked"}, 411),
        ({"Content_Length": str(MAXIMUM_BYTES + 1)}, 413),
    ],
)
def test_a_body_that_can_not_be_taken_is_refused(
    server: ReviewServer, folder: Path, headers: dict[str, Any], status: int
) -> None:
    answer = put(server, b"", **headers)
    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert not (folder / "decisions.json").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "invalid JSON"),
        (b"\xff\xfe", "invalid JSON"),
        (b"[" * 100_000, "recursion limit"),
        (b"{}", "train: field required"),
        (content(KEEP | {"action": "burn"}), "decisions.0.action"),
        (content(KEEP, train="0" * 64), "other images"),
        (content(KEEP, test=None), "other images"),
        (content(KEEP | {"index": 8}), "only 8 images"),
        (content(KEEP | {"id": "other.png"}), "the audit calls it"),
        (content(KEEP | {"action": "relabel", "label": "Z"}), "no class Z"),
        (content(KEEP, KEEP), "decided twice"),
    ],
)
def test_decisions_that_can_not_be_used_are_refused_in_one_sentence(
    server: ReviewServer, folder: Path, body: bytes, reason: str
) -> None:
    answer = put(server, body)
    assert answer.status == 400
    assert reason in answer.json["error"]
    assert "Traceback" not in answer.json["error"]
    assert not (folder / "decisions.json").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/audit.json",
        "/decisions.json",
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "//etc/passwd",
        "/decisions/../audit.json",
        "http://evil.example/",
        "/decisions?x",
    ],
)
def test_nothing_else_is_served_or_written(server: ReviewServer, folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    before = sorted(file.name for file in folder.iterdir())
    assert ask(server, "GET", path).status == 404
    assert put(server, content(KEEP), path).status == 404
    assert sorted(file.name for file in folder.iterdir()) == before


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(server: ReviewServer, method: str) -> None:
    assert ask(server, method, "/decisions").status == 501


def test_what_is_no_http_gets_an_answer_without_markup(server: ReviewServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(b"<script>alert(1)</script> / nonsense\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert b"Bad Request" in answer
    assert b"<" not in answer


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/decisions"), ("GET", "/none"), ("POST", "/")]
)
def test_every_answer_has_the_headers_that_protect_it(
    server: ReviewServer, method: str, path: str
) -> None:
    headers = ask(server, method, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "Python" not in headers["Server"]
    assert "Access-Control-Allow-Origin" not in headers


def test_the_server_listens_on_this_machine_alone(server: ReviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


def test_requests_leave_no_noise(server: ReviewServer, capsys: pytest.CaptureFixture[str]) -> None:
    ask(server, "GET", "/")
    ask(server, "POST", "/")
    put(server, b"{}")
    with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(b"GET / HT")
    ask(server, "GET", "/none")
    assert capsys.readouterr() == ("", "")


def test_a_taken_port_is_named(server: ReviewServer, folder: Path) -> None:
    with pytest.raises(InputError, match=rf"port {server.server_port} .* choose another --port"):
        ReviewServer(folder, server.server_port)


def test_a_port_out_of_range_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"port 65536 .* between 0 and 65535"):
        ReviewServer(folder, 65_536)


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("audit.html", None, "Can't read the audit's page"),
        ("audit.html", "<html>", "not written by this version"),
        ("audit.json", None, "Can't read the audit"),
        ("audit.json", "{", "is no JSON"),
        ("decisions.json", "{", "no usable decisions"),
        ("decisions.json", '{"train": "0", "decisions": []}', "other images"),
    ],
)
def test_a_folder_that_can_not_be_reviewed_is_refused(
    folder: Path, file: str, text: str | None, reason: str
) -> None:
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text)
    with pytest.raises(InputError, match=reason):
        ReviewServer(folder, 0)


def test_a_file_broken_while_the_server_runs_is_told(server: ReviewServer, folder: Path) -> None:
    (folder / "decisions.json").write_text("{")
    answer = ask(server, "GET", "/decisions")
    assert answer.status == 500
    assert "decisions.json holds no usable decisions" in answer.json["error"]


def test_waiting_ends_at_ctrl_c(server: ReviewServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(server._thread, "join", interrupted)
        server.wait()
    assert ask(server, "GET", "/").status == 200


def test_a_connection_opened_before_the_end_is_not_served_after_it(folder: Path) -> None:
    with ReviewServer(folder, 0) as server:
        opened = socket.create_connection(("127.0.0.1", server.server_port), timeout=10)
        ask(server, "GET", "/")  # was accepted after the one that is open, so that one was, too
        request = f"GET / HTTP/1.1\r\nHost: {host(server)}\r\n\r\n".encode()
    answer = b""
    with opened, contextlib.suppress(ConnectionError):
        opened.sendall(request)
        answer = opened.recv(1_000)
    assert answer == b""
