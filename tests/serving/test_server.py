"""`glyphlab serve` as a process: it starts, warns, and ends without losing an answer."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from PIL import Image
from tests.serving.running import Answer, Server, form, png
from tests.toys import bars

from glyphlab import Run, build, default_recipe, fit, predict
from glyphlab.cli import main
from glyphlab.serving.server import is_loopback

CONTENT = png(bars(3, seed=9).images[2])


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], Server, list[str]]]:
    """The command, its server, and what it said until it listened."""
    process = subprocess.Popen(
        [sys.executable, "-m", "glyphlab", "serve", *words, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "500"},
    )
    try:
        assert process.stderr is not None
        said = []
        while not (found := re.search(r"Open http://\S+:(\d+)/", said[-1] if said else "")):
            line = process.stderr.readline()
            assert line, said
            said.append(line)
        yield process, Server(int(found[1]), None), said
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_with_every_answer_given(
    runs: list[Path], sent: signal.Signals
) -> None:
    answers: list[Answer] = []
    body, kind = form({f"{k}.png": CONTENT for k in range(64)})
    with started(str(runs[0])) as (process, server, _):

        def ask() -> None:
            path = "/api/predict?explain=true"
            answers.append(server.ask(path, body, Content_Type=kind))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        process.send_signal(sent)
        for thread in threads:
            thread.join()
        assert process.wait(30) == 0
    assert [len(answer.json["images"]) for answer in answers] == [64] * 4


def test_it_warns_where_others_can_reach_it_and_hands_the_token_to_the_page(
    runs: list[Path],
) -> None:
    with started(str(runs[0]), "--host", "0.0.0.0", "--token", "s3cret") as (_, server, said):
        assert said[0].startswith("Warning: at 0.0.0.0 others than this machine can reach")
        assert said[-1].endswith("#token=s3cret in a browser. Ctrl-C ends.\n")
        assert server.ask("/api/models").status == 401
        assert server.ask("/api/models", Authorization="Bearer s3cret").status == 200


def test_a_model_of_the_users_own_is_served_beside_others_by_the_name_of_its_factory(
    runs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n"
        "def flat(image_shape, classes, width):\n"
        "    h, w, c = image_shape\n"
        "    return nn.Sequential(\n"
        "        nn.Flatten(), nn.Linear(h * w * c, width), nn.ReLU(), nn.Linear(width, classes)\n"
        "    )\n"
    )
    monkeypatch.chdir(tmp_path)
    recipe = default_recipe("logistic").replace(steps=40, batch_size=64, precision="float32")
    module = build("mine:flat", (28, 28, 1), 3, width=8)
    own = fit(module, bars(600), recipe, out=tmp_path / "own").path
    factory = ("--model", "mine:flat", "--arg", "width=8")
    with started(str(own), str(runs[0]), *factory) as (_, server, _):
        (image,) = server.ask("/api/predict?explain=true", CONTENT).json["images"]
        described = server.ask("/api/models").json["models"]
    assert [model["name"] for model in described] == ["own", "logistic"]
    expected = predict(Run(own, module), CONTENT, precision="float32").probabilities[0]
    assert image["predictions"][0]["probabilities"] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(SystemExit) as left:
        main(["serve", str(own)])
    assert left.value.code == 2
    assert "give its factory by --model" in " ".join(capsys.readouterr().err.split())


def test_damaged_images_of_strangers_do_not_fill_the_log(runs: list[Path]) -> None:
    buffer = BytesIO()
    Image.new("L", (40, 40)).save(buffer, "TIFF")
    planes = 284, 3  # a tag, and its type: one short number, here two thousand million
    lying = buffer.getvalue().replace(pack("<HHI", *planes, 1), pack("<HHI", *planes, 2**31 - 1))
    with pytest.warns(UserWarning), Image.open(BytesIO(lying)) as opened:
        opened.load()
    with started(str(runs[0])) as (process, server, _):
        server.ask("/api/predict", lying, Content_Type="image/tiff")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30)[1] == ""


def test_a_port_that_is_taken_is_a_sentence(
    runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as left:
        main(["serve", str(runs[0]), "--port", str(taken.getsockname()[1])])
    assert left.value.code == 2
    assert "choose another --host or --port" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "There is no run in nowhere"),
        (["{run}", "--token", ""], "An empty token protects nothing"),
        (["{run}", "--host", "no.such.host.invalid"], "Can't listen at no.such.host.invalid"),
    ],
)
def test_what_can_not_be_served_is_a_sentence(
    runs: list[Path], words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", *(word.format(run=runs[0]) for word in words)])
    assert left.value.code == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("example.org", False)],
)  # fmt: skip
def test_loopback_is_what_only_this_machine_reaches(host: str, only_here: bool) -> None:
    assert is_loopback(host) is only_here
