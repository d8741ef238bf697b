"""Serving: whether malformed and hostile bodies harm the server, beside a plain handler.

    python benchmarks/serving_fuzz.py [--bodies 10000] [--seed 0] [--out FILE] [--quick]

Bodies are made from good ones (images of several formats, forms, JSON) by a seeded fuzzer: bytes
flipped, cut, repeated and put together from two bodies; claimed sizes of a billion pixels; JSON
nested deeply; forms of many parts; headers that lie. After every hundred of them a good request
must be answered, the same as before. A plain FastAPI handler gets the same bodies in the same run.
"""

import argparse
import collections
import contextlib
import http.client
import io
import json
import os
import random
import re
import struct
import sys
import tempfile
import zlib
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from measuring import machine, publish, table
from serving import OURS, ours, peer, running, trained, write_images

FORM, JSON = "multipart/form-data; boundary=b0undary", "application/json"
PATH = "/api/predict"
CHECK_EACH = 100
SHOWN_AFTER = (1_000, 2_500, 5_000, 10_000)
"""Bodies after which the memory is shown that came since the first `CHECK_EACH`."""
GROWN_MEGABYTES = 40


class Sent(NamedTuple):
    """One request: its body, and its headers beside the usual."""

    body: bytes
    headers: dict[str, str]
    path: str = PATH


def main() -> None:
    """Send the same bodies to our server and to a plain one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/serving_fuzz.json"))
    parser.add_argument("--quick", action="store_true", help="300 bodies")
    asked = parser.parse_args()
    bodies = 300 if asked.quick else asked.bodies
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["GLYPHLAB_HOME"] = str(folder / "home")
        images = [file.read_bytes() for file in write_images(folder / "images").iterdir()]
        run = trained("lenet5", folder / "lenet5")
        starts = {OURS: partial(ours, run), "plain, PyTorch": partial(peer, "PyTorch", "lenet5")}
        found = {
            name: attack(start, hostile(sorted(images), bodies, asked.seed), good_form(images[0]))
            for name, start in starts.items()
        }
    facts = {"machine": machine(), "bodies": bodies, "seed": asked.seed, "found": found}
    publish("Do hostile bodies harm the server?", facts, list(lines(found)), asked.out)
    sound = found[OURS]
    grown = max(sound["grown"].values())
    if sound["5xx"] or sound["lost"] or sound["harmed"] or grown > GROWN_MEGABYTES:
        sys.exit("The server was harmed.")


def lines(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A row for each server."""
    yield from table(
        (
            *("server", "bodies", "2xx", "4xx", "5xx", "no answer", "harmed"),
            *(f"MB grown after {number:,}" for number in SHOWN_AFTER),
            "statuses",
        ),
        [
            [
                name,
                *(f"{seen[key]:,}" for key in ("bodies", "2xx", "4xx", "5xx", "lost", "harmed")),
                *(f"{seen['grown'][n]:,.0f}" if n in seen["grown"] else "" for n in SHOWN_AFTER),
                " ".join(f"{status}: {count:,}" for status, count in seen["statuses"].items()),
            ]
            for name, seen in found.items()
        ],
    )


def attack(start: Any, bodies: Iterator[Sent], good: Sent) -> dict[str, Any]:
    """Send bodies to a server one after the other; what it answered and how it fared."""
    statuses: collections.Counter[int] = collections.Counter()
    lost = harmed = 0
    grown: dict[int, float] = {}
    with running(start) as (process, port):
        expected = ask(port, good)
        first = megabytes(process.pid)
        for number, sent in enumerate(bodies, 1):
            answer = ask(port, sent)
            if answer is None:
                lost += 1
            else:
                statuses[answer[0]] += 1
            if number == CHECK_EACH:
                first = megabytes(process.pid)
            if number % CHECK_EACH == 0:
                harmed += ask(port, good) != expected or process.poll() is not None
                grown[number] = megabytes(process.pid) - first
    return {
        "bodies": number,
        **{
            f"{kind}xx": sum(statuses[s] for s in statuses if s // 100 == kind)
            for kind in (2, 4, 5)
        },
        "lost": lost,
        "harmed": harmed,
        "grown": grown,
        "statuses": dict(sorted(statuses.items())),
    }


def ask(port: int, sent: Sent) -> tuple[int, bytes] | None:
    """Status and body of the answer; None where the connection ended without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest("POST", sent.path)
        for name, value in ({"Content-Length": str(len(sent.body))} | sent.headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.suppress(OSError):  # it may be refused before it is whole
            connection.send(sent.body)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def megabytes(process: int) -> float:
    """Resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def hostile(images: list[bytes], count: int, seed: int) -> Iterator[Sent]:
    """So many bodies, always the same for a seed."""
    chance = random.Random(seed)
    good = list(goods(images))
    makers = [mutated] * 12 + [crafted] * 3 + [lying]
    for _ in range(count):
        yield chance.choice(makers)(chance, good)


def goods(images: list[bytes]) -> Iterator[Sent]:
    """Good requests of every kind."""
    for content in images[:4]:
        opened = Image.open(io.BytesIO(content))
        for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"):
            buffer = io.BytesIO()
            opened.resize((56, 40)).save(buffer, kind)
            yield Sent(buffer.getvalue(), {"Content-Type": f"image/{kind.lower()}"})
        yield Sent(content, {"Content-Type": "image/png"})
        yield good_form(content)
        encoded = b64encode(content).decode()
        yield Sent(json.dumps({"images": [encoded, encoded]}).encode(), {"Content-Type": JSON})
        yield Sent(content, {"Content-Type": "image/png"}, f"{PATH}?explain=true")


def good_form(content: bytes) -> Sent:
    """A form with one image, which the plain handler takes, too."""
    head = b'--b0undary\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
    body = head + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--b0undary--\r\n"
    return Sent(body, {"Content-Type": FORM})


def mutated(chance: random.Random, good: list[Sent]) -> Sent:
    """A good request with some of its bytes changed, and at times of another kind."""
    sent = chance.choice(good)
    body = bytearray(sent.body)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place, length = chance.randrange(len(body) + 1), chance.choice((1, 2, 4, 64))
        match chance.randrange(6):
            case 0:
                body[place : place + length] = chance.randbytes(length)
            case 1:
                del body[place:]
            case 2:
                del body[place : place + length]
            case 3:
                body[place:place] = body[place : place + length] * chance.choice((2, 50))
            case 4:
                body[place : place + 4] = chance.choice(
                    (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff")
                )
            case _:
                other = chance.choice(good).body
                body[place:] = other[chance.randrange(len(other)) :]
    kind = chance.choice(good).headers["Content-Type"]
    if chance.random() < 0.3:
        return good_form(bytes(body))
    return sent._replace(
        body=bytes(body), headers=sent.headers if chance.random() < 0.8 else {"Content-Type": kind}
    )


def crafted(chance: random.Random, good: list[Sent]) -> Sent:
    """What somebody who wants harm would write."""
    deep = chance.choice((1_000, 100_000))
    return chance.choice(
        (
            Sent(huge_png(chance), {"Content-Type": "image/png"}),
            Sent(b"[" * deep, {"Content-Type": JSON}),
            Sent(b'{"images":' * deep, {"Content-Type": JSON}),
            Sent(json.dumps({"images": ["AAAA"] * deep}).encode(), {"Content-Type": JSON}),
            Sent(b'{"images": ["' + b"A" * 1_000_000 + b'"]}', {"Content-Type": JSON}),
            Sent(b'{"images": [1e999, NaN, "\\ud800"]}', {"Content-Type": JSON}),
            Sent((b"--b0undary\r\n\r\n\r\n" * deep) + b"--b0undary--", {"Content-Type": FORM}),
            Sent(b"--b0undary\r\n" + b"x: y\r\n" * deep, {"Content-Type": FORM}),
            Sent(b"--b0undary\r\nx: " + b"y" * deep, {"Content-Type": FORM}),
            Sent(b"\r\n" * deep, {"Content-Type": f"multipart/form-data; boundary={'b' * 70}"}),
            Sent(b"x", {"Content-Type": "multipart/form-data; boundary=" + "é" * 3}),
            Sent(b"x", {"Content-Type": "/" * 5_000}),
            Sent(chance.randbytes(chance.choice((0, 1, 20_000))), {"Content-Type": "image/png"}),
            Sent(b"x" * 20_000_000, {"Content-Type": "image/png"}),
            Sent(chance.choice(good).body, {}, f"{PATH}?model={'%00' * 200}"),
            Sent(chance.choice(good).body, {}, f"{PATH}?explain=%ff&raw=maybe&model=&model="),
            Sent(b"\x1f\x8b" + chance.randbytes(500), {"Content-Encoding": "gzip"}),
        )
    )


def lying(chance: random.Random, good: list[Sent]) -> Sent:
    """A good body under headers that say otherwise."""
    sent = chance.choice(good)
    more = chance.choice(
        (
            {"Content-Length": str(max(0, len(sent.body) - chance.randrange(1, 50)))},
            {"Content-Length": "-1"},
            {"Content-Length": "99999999999999999999"},
            {"Content-Length": "x"},
            {"Transfer-Encoding": "chunked"},
            {"Host": "evil.example"},
            {"Origin": "http://evil.example"},
            {"Content-Type": "text/html"},
        )
    )
    return sent._replace(headers=sent.headers | more)


def huge_png(chance: random.Random) -> bytes:
    """A small file that claims many pixels, and may hold them, all of one level."""
    side = chance.choice((3_000, 30_000, 2**31 - 1))
    header = struct.pack(">IIBBBBB", side, side, 8, chance.choice((0, 2, 6)), 0, 0, 0)
    rows = zlib.compress(bytes(3_001) * 3_000 if side == 3_000 else bytes(1_000_000), 9)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


if __name__ == "__main__":
    main()
