"""The API: what it answers, and what it refuses."""

import re
import socket
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from json import dumps
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.exporting.networks import run_of_built
from tests.serving.running import Server, form, png, served
from tests.toys import bars

import glyphlab
from glyphlab.serving.guard import HEADERS
from glyphlab.serving.limits import Limits
from glyphlab.serving.served import ServedModel
from glyphlab.training.run import WEIGHTS

PREDICT = "/api/predict"
UNSEEN = bars(12, seed=7)


def test_each_way_to_send_an_image_gives_what_predict_says(
    running: Server, runs: list[Path]
) -> None:
    content = png(UNSEEN.images[1])
    expected = glyphlab.predict(runs[0], content)
    body, kind = form({"a.png": content})
    ways = [
        running.ask(f"{PREDICT}?model=logistic", content, Content_Type="image/png"),
        running.ask(f"{PREDICT}?model=logistic", body, Content_Type=kind),
        running.ask(
            f"{PREDICT}?model=logistic",
            dumps({"images": [b64encode(content).decode()]}).encode(),
            Content_Type="application/json",
        ),
    ]
    for answer in ways:
        assert answer.status == 200
        (image,) = answer.json["images"]
        (said,) = image["predictions"]
        assert said["class"] == expected.labels[0] == "bar1"
        assert said["probabilities"] == pytest.approx(expected.probabilities[0], abs=1e-5)
        assert said["probability"] == max(said["probabilities"])
    names = [answer.json["images"][0]["name"] for answer in ways]
    assert names == ["image", "a.png", "images.0"]


def test_runs_of_modules_built_before_and_imported_ones_are_served(
    runs: list[Path], tmp_path: Path
) -> None:
    built = run_of_built(tmp_path / "built", "conv-pool", pooling="mean")
    imported = glyphlab.import_weights(runs[0] / WEIGHTS, tmp_path / "imported")
    content = png(UNSEEN.images[1])
    with served([built.path, imported.path]) as server:
        answer = server.ask(f"{PREDICT}?explain=true&raw=true", content, Content_Type="image/png")
        models = server.ask("/api/models").json["models"]
    assert answer.status == 200
    said = answer.json["images"][0]["predictions"]
    for run, each in zip((built, imported), said, strict=True):
        expected = run.classifier.probabilities(UNSEEN.images[1:2])[0]
        assert each["probabilities"] == pytest.approx(expected, abs=1e-5)
    assert [model["examples"] > 0 for model in models] == [True, False]


def test_many_images_and_models_are_answered_in_their_order(running: Server) -> None:
    body, kind = form({f"{k}.png": png(image) for k, image in enumerate(UNSEEN.images)})
    images = running.ask(PREDICT, body, Content_Type=kind).json["images"]
    assert [image["name"] for image in images] == [f"{k}.png" for k in range(12)]
    expected = [UNSEEN.classes[label] for label in UNSEEN.labels]
    for place, model in enumerate(("logistic", "conv-pool")):
        assert [image["predictions"][place]["model"] for image in images] == [model] * 12
        assert [image["predictions"][place]["class"] for image in images] == expected


def test_a_photograph_is_brought_to_the_form_unless_it_is_wanted_raw(running: Server) -> None:
    large = cv2.resize(255 - UNSEEN.images[0], (280, 280), interpolation=cv2.INTER_LINEAR)
    seen = {}
    for raw in ("false", "true"):
        path = f"{PREDICT}?model=logistic&explain=true&raw={raw}"
        said = running.ask(path, png(large)).json["images"][0]["predictions"][0]
        seen[raw] = pixels(said["seen"])
        assert seen[raw].shape == (28, 28)
        assert pixels(said["looked"]).shape == (28, 28, 3)
    assert np.median(seen["false"][0]) < 64
    assert np.median(seen["true"][0]) > 192


def test_the_nearest_training_images_are_shown_with_their_classes(
    running: Server, runs: list[Path]
) -> None:
    said = running.ask(f"{PREDICT}?explain=true", png(UNSEEN.images[1])).json["images"][0]
    for prediction, run in zip(said["predictions"], runs, strict=True):
        assert [near["class"] for near in prediction["nearest"]] == ["bar1"] * 5
        examples = glyphlab.Run(run).examples
        assert examples is not None
        for near in prediction["nearest"]:
            place = list(examples.ids).index(near["id"])
            np.testing.assert_array_equal(pixels(near["image"]), examples.images[place, :, :, 0])


def pixels(address: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(b64decode(address.partition("base64,")[2]))))


def test_models_are_described(running: Server) -> None:
    described = running.ask("/api/models").json
    assert [model["name"] for model in described["models"]] == ["logistic", "conv-pool"]
    assert described["models"][0] | {"validation_accuracy": None} == {
        "name": "logistic",
        "architecture": "logistic",
        "dataset": "bars",
        "classes": ["bar0", "bar1", "bar2"],
        "image_shape": [28, 28, 1],
        "parameters": 28 * 28 * 3 + 3,
        "validation_accuracy": None,
        "form": True,
        "examples": 450,
        "computed_by": "PyTorch",
    }
    assert described["limits"]["images"] == Limits().images


PNG = "image/png"
BAD = png(UNSEEN.images[0])[:-20]


@pytest.mark.parametrize(
    ("path", "sent", "status", "words"),
    [
        (PREDICT, (b"nonsense", PNG), 422, "'image' can't be read as an image"),
        (PREDICT, (BAD, PNG), 422, "truncated|damaged"),
        (PREDICT, form({"x.png": BAD}), 422, "'x.png' can't be read"),
        (f"{PREDICT}?explain=true", (BAD, PNG), 422, "can't be read"),
        (f"{PREDICT}?model=none", (b"x", PNG), 404, "There is no model 'none'; use logistic"),
        (f"{PREDICT}?explain=perhaps", (b"x", PNG), 422, "explain is true or false"),
        (PREDICT, (b"x" * 300_001, PNG), 413, "300,000 bytes at most"),
        (PREDICT, (png(np.zeros((300, 300), np.uint8)), PNG), 422, "more than 80,000"),
        ("/api/nothing", (b"x", PNG), 404, "not served here"),
        ("/healthz", (b"x", PNG), 405, "not served here"),
    ],
)
def test_what_can_not_be_served_is_refused_in_a_sentence(
    bounded: Server, path: str, sent: tuple[bytes, str], status: int, words: str
) -> None:
    answer = bounded.ask(path, sent[0], Content_Type=sent[1])
    assert (answer.status, list(answer.json)) == (status, ["error"])
    assert re.search(words, answer.json["error"])
    assert answer.json["error"].endswith(".")


@pytest.fixture(scope="module")
def bounded(runs: list[Path]) -> object:
    with served(runs[:1], Limits(body_bytes=300_000, pixels=80_000)) as server:
        yield server


@pytest.mark.parametrize(
    ("path", "sent", "sentence"),
    [
        (PREDICT, BAD, "'image' не читается как изображение: файл "),
        (PREDICT, png(np.zeros((300, 300), np.uint8)), "в нём больше 80\u00a0000 пикселей."),
        (PREDICT, b"", "В запросе нет изображения"),
        (PREDICT, b"x" * 300_001, "не больше 300\u00a0000 байт"),
        (f"{PREDICT}?model=none", BAD, "Модели 'none' нет; есть logistic."),
    ],
)
def test_what_a_person_brings_is_refused_in_the_language_of_the_page(
    bounded: Server, path: str, sent: bytes, sentence: str
) -> None:
    in_russian = bounded.ask(path, sent, Content_Type=PNG, Accept_Language="ru").json["error"]
    assert sentence in in_russian
    in_english = bounded.ask(path, sent, Content_Type=PNG, Accept_Language="en").json["error"]
    assert not re.search("[А-я]", in_english)


def test_a_head_is_answered_as_a_get_without_its_content(running: Server) -> None:
    got, head = (running.ask("/api/models", method=method) for method in ("GET", "HEAD"))
    assert (head.status, head.headers, head.body) == (200, got.headers, b"")


def test_other_methods_are_told_which_are_allowed(running: Server) -> None:
    for path, allowed in (("/api/models", "GET, HEAD"), (PREDICT, "POST")):
        answer = running.ask(path, method="DELETE")
        assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_a_damaged_image_spoils_no_other_request(running: Server) -> None:
    good = png(UNSEEN.images[0])
    damaged = good[:60] + bytes([good[60] ^ 255]) + good[61:]
    answers: list[tuple[bytes, int]] = []

    def ask(content: bytes) -> None:
        answers.append((content, running.ask(PREDICT, content).status))

    threads = [threading.Thread(target=ask, args=[c]) for c in [good, damaged] * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer for answer in answers if answer[0] == good} == {(good, 200)}
    assert {answer for answer in answers if answer[0] == damaged} == {(damaged, 422)}


@pytest.mark.parametrize(
    "path", ["/", "/api/models", "/healthz", "/metrics", "/nothing", "/api/openapi.json"]
)
def test_every_answer_carries_the_security_headers(running: Server, path: str) -> None:
    answer = running.ask(path)
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/page//etc/passwd",
        "/run.json",
    ],
)
def test_no_file_beside_the_page_is_served(running: Server, path: str) -> None:
    assert running.ask(path).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:1"}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:80"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost.evil.example:80"}, 403),
        ({"Host": "localhost:80", "Origin": "http://localhost:80"}, 200),
        ({"Host": "localhost:80", "Origin": "http://localhost:81"}, 403),
        ({"Host": "localhost:80", "Origin": "http://evil.example"}, 403),
        ({"Host": "localhost:80", "Origin": "null"}, 403),
    ],
)
def test_pages_of_others_get_no_answer(
    running: Server, headers: dict[str, str], status: int
) -> None:
    assert running.ask(PREDICT, png(UNSEEN.images[0]), **headers).status == status


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/api/models", "Bearer secret", 200),
        ("/api/models", "bearer secret", 200),
        ("/api/models", "Bearer secre", 401),
        ("/api/models", "Basic secret", 401),
        ("/api/models", "", 401),
        ("/metrics", "", 401),
        ("/healthz", "", 200),
    ],
)
def test_a_token_is_wanted_where_there_is_one(
    guarded: Server, path: str, authorization: str, status: int
) -> None:
    assert guarded.ask(path, Authorization=authorization).status == status


@pytest.fixture(scope="module")
def guarded(runs: list[Path]) -> object:
    with served(runs[:1], token="secret") as server:
        yield server


def slowed(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], object]) -> None:
    quick = ServedModel.answers

    def slow(self: ServedModel, images: object) -> object:
        wait()
        return quick(self, images)  # type: ignore[arg-type]

    monkeypatch.setattr(ServedModel, "answers", slow)


def test_who_comes_when_the_queue_is_full_is_sent_away(
    runs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    slowed(monkeypatch, lambda: gate.wait(10))
    content, statuses = png(UNSEEN.images[0]), []
    with served(runs[:1], Limits(waiting=2)) as server:
        ask = lambda: statuses.append(server.ask(PREDICT, content).status)  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        while len(statuses) < 2 and any(thread.is_alive() for thread in threads):
            time.sleep(0.01)
        answer = server.ask(PREDICT, content)
        assert (answer.status, answer.headers["retry-after"]) == (429, "1")
        assert "glyphlab_images_waiting 2.0" in server.ask("/metrics").body.decode()
        gate.set()
        for thread in threads:
            thread.join()
    assert sorted(set(statuses)) == [200, 429]


def test_what_takes_too_long_is_given_up(runs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    slowed(monkeypatch, lambda: gate.wait(10))
    with served(runs[:1], Limits(seconds=0.2)) as server:
        answer = server.ask(PREDICT, png(UNSEEN.images[0]))
        gate.set()
    assert (answer.status, answer.json["error"][:22]) == (504, "No answer within 0.2 s")


def test_a_defect_is_logged_and_told_without_a_trace(
    runs: list[Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a secret")

    slowed(monkeypatch, fail)
    with served(runs[:1]) as server:
        answer = server.ask(PREDICT, png(UNSEEN.images[0]))
        assert server.ask("/healthz").status == 200
    expected = {"error": "The server failed; what happened is in its log."}
    assert (answer.status, answer.json) == (500, expected)
    assert "a secret" in caplog.text


def test_a_body_that_does_not_come_is_given_up(runs: list[Path]) -> None:
    with (
        served(runs[:1], Limits(seconds=0.2)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
    ):
        head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_a_body_without_a_length_is_bounded_too(bounded: Server) -> None:
    with socket.create_connection(("127.0.0.1", bounded.port), timeout=10) as connection:
        head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        piece = b"%x\r\n" % 65_536 + b"x" * 65_536 + b"\r\n"
        connection.sendall(piece * 5)
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_requests_and_batches_are_counted(runs: list[Path]) -> None:
    with served(runs[:1]) as server:
        for _ in range(3):
            server.ask(PREDICT, png(UNSEEN.images[0]))
        server.ask(PREDICT, b"x")
        counted = server.ask("/metrics").body.decode()
    assert 'glyphlab_requests_total{path="/api/predict",status="200"} 3.0' in counted
    assert 'glyphlab_requests_total{path="/api/predict",status="422"} 1.0' in counted
    assert 'glyphlab_batch_images_sum{model="logistic"} 3.0' in counted
    assert "glyphlab_prediction_seconds_count 4.0" in counted


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/", "", "en"),
        ("/", "de-DE,ru;q=0.5", "en"),
        ("/", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("/?lang=en", "ru", "en"),
        ("/?lang=ru", "en", "ru"),
        ("/?lang=xx", "ru", "en"),
    ],
)
def test_the_page_speaks_the_language_of_its_reader(
    running: Server, path: str, accepted: str, language: str
) -> None:
    page = running.ask(path, Accept_Language=accepted)
    assert page.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in page.body.decode()


def test_what_the_page_loads_is_served(running: Server) -> None:
    page = running.ask("/").body.decode()
    loaded = re.findall(r'(?:href|src)="(page/[^"]+)"', page)
    assert len(loaded) == 2
    for path in loaded:
        assert running.ask(f"/{path}").status == 200
