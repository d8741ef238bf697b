"""Files changed by somebody who knows their form: lengths and checksums fit again afterwards.

Blind changes of a PNG, a tar or a JSON header are refused by a checksum or a parser, and never
reach what reads the values. Here single values are put in the place of others.
"""

import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from blind import LARGE, mutated

Reshape = Callable[[bytes, random.Random], bytes]

STRANGE: list[Any] = [
    *(None, True, False, -1, 0, 1, 2, -0.0, 0.5, 1e308, float("nan"), float("inf")),
    *(2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, 10**400),
    *("", "a", "\0", "\ud800", "é", "../x", "/x", "a" * 300, "1", "nan", "\x1b[2J", "<script>"),
    *([], {}, [[]], [None], {"a": []}, [0, 0], [1e999], ["a", "b"], ["a", "a"]),
]
_TOML = [
    *("1e999", "nan", "-1", "true", '""', "[]", "{}", "{a.b.c = 1}", "1979-05-27", "0xffff"),
    *("9" * 25, "9" * 5_000, "[" * 2_000, "[" * 300 + "]" * 300, '"\\ud800"', "'''", '"\\u0000"'),
]


def reshape_json(content: bytes, chance: random.Random) -> bytes:
    """JSON with another value somewhere, a value less, or one in another's place."""
    return json.dumps(_changed(json.loads(content), chance)).encode("utf-8", "surrogatepass")


def reshape_json_line(content: bytes, chance: random.Random) -> bytes:
    """The same of one line of JSON Lines."""
    lines = content.splitlines()
    place = chance.randrange(len(lines))
    lines[place] = reshape_json(lines[place], chance)
    return b"\n".join(lines) + b"\n"


def reshape_json_body(content: bytes, chance: random.Random) -> bytes:
    """The same of a JSON body after the line that says its type."""
    kind, _, body = content.partition(b"\n")
    return kind + b"\n" + reshape_json(body, chance)


def reshape_safetensors(content: bytes, chance: random.Random) -> bytes:
    """The same of the header of safetensors, whose texts can be JSON in turn."""
    size = int.from_bytes(content[:8], "little")
    header = reshape_json(content[8 : 8 + size], chance)
    return len(header).to_bytes(8, "little") + header + content[8 + size :]


def reshape_toml(content: bytes, chance: random.Random) -> bytes:
    """TOML with another value after one key, or a key with dots."""
    lines = content.splitlines()
    place = chance.randrange(len(lines))
    key, _, _ = lines[place].partition(b" = ")
    if chance.random() < 0.2:
        key += b".a" * chance.choice([1, 3, 150, 5_000])
    lines[place] = key + b" = " + chance.choice(_TOML).encode()
    return b"\n".join(lines) + b"\n"


def reshape_png(content: bytes, chance: random.Random) -> bytes:
    """A PNG with a changed, doubled or missing chunk, all checksums right."""
    chunks, start = [], 8
    while start + 12 <= len(content):
        size = int.from_bytes(content[start : start + 4], "big")
        chunks.append((content[start + 4 : start + 8], content[start + 8 : start + 8 + size]))
        start += 12 + size
    place = chance.randrange(len(chunks))
    name, data = chunks[place]
    match chance.randrange(5):
        case 0:
            del chunks[place]
        case 1:
            chunks.insert(place, chunks[place])
        case 2 if name == b"IDAT":
            chunks[place] = name, zlib.compress(mutated(zlib.decompress(data), chance))
        case 3:
            more = chance.choice([b"PLTE", b"tRNS", b"gAMA", b"iCCP", b"zTXt", b"eXIf", b"acTL"])
            chunks.insert(1, (more, chance.randbytes(chance.choice([0, 1, 3, 6, 40]))))
        case _:
            chunks[place] = name, mutated(data, chance)
    return content[:8] + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def reshape_tar(content: bytes, chance: random.Random) -> bytes:
    """A tar with a change in one of its headers, or in what a header announces."""
    found = bytearray(content)
    heads = [at for at in range(0, len(found), 512) if found[at + 257 : at + 262] == b"ustar"]
    at = chance.choice(heads)
    header = found[at : at + 512]
    match chance.randrange(4):
        case 0:
            header[156:157] = chance.choice([b"0", b"\0", b"1", b"2", b"5", b"x", b"g", b"L", b"K"])
        case 1:
            number = chance.choice([*LARGE, 2**33, 2**80])
            header[124:136] = b"\x80" + number.to_bytes(11, "big")
        case 2 if header[156:157] == b"x":
            key, value = chance.choice([b"size", b"path"]), b"9" * chance.choice([1, 19, 4_500])
            body = b" " + key + b"=" + value + b"\n"
            length = len(body) + len(str(len(body) + 4))
            record = (str(length).encode() + body).ljust(-(-length // 512) * 512, b"\0")
            header[124:136] = b"%011o\0" % length
            found[at + 512 : at + 1024] = record
        case _:
            header[:345] = (mutated(bytes(header[:345]), chance) + bytes(345))[:345]
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    found[at : at + 512] = header
    return bytes(found)


def reshape_zip(content: bytes, chance: random.Random) -> bytes:
    """A zip with changed members, or with other numbers in its directory."""
    return (_reshape_members if chance.random() < 0.5 else _reshape_directory)(content, chance)


def _reshape_members(content: bytes, chance: random.Random) -> bytes:
    """Another content of one member, right in all else."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    chosen = chance.choice(list(held))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, mutated(data, chance) if name == chosen else data)
    return made.getvalue()


def _reshape_directory(content: bytes, chance: random.Random) -> bytes:
    """Other numbers in an entry; large ones stand in an extra field, as in zips above 4 GB."""
    found = bytearray(content)
    at = chance.choice([match.start() for match in re.finditer(b"PK\1\2", content)])
    if chance.random() < 0.5:
        field = at + chance.choice([8, 10, 16, 20, 24, 28, 30, 32, 38, 42])
        found[field : field + 2] = (chance.choice(LARGE) % 2**16).to_bytes(2, "little")
        return bytes(found)
    numbers = [chance.choice([8, 72, 500, *LARGE]) for _ in range(3)]
    extra = struct.pack("<2H3Q", 1, 24, *numbers)
    name_end = at + 46 + int.from_bytes(found[at + 28 : at + 30], "little")
    for field in (20, 24, 42):
        found[at + field : at + field + 4] = b"\xff" * 4
    found[at + 30 : at + 32] = len(extra).to_bytes(2, "little")
    found[name_end:name_end] = extra
    end = found.rfind(b"PK\5\6")
    size = int.from_bytes(found[end + 12 : end + 16], "little") + len(extra)
    found[end + 12 : end + 16] = size.to_bytes(4, "little")
    return bytes(found)


def reshape_gzip(inner: Reshape = mutated) -> Reshape:
    """What is packed by gzip, changed and packed again."""

    def reshape(content: bytes, chance: random.Random) -> bytes:
        changed = inner(zlib.decompress(content, 31), chance)
        packer = zlib.compressobj(1, wbits=31)
        packed = packer.compress(changed) + packer.flush()
        return packed * chance.choice([1, 1, 1, 2]) + b"\0" * chance.choice([0, 0, 9])

    return reshape


def _changed(value: Any, chance: random.Random) -> Any:
    """A value of JSON with something else at one of its places."""
    places = list(_places(value))
    if not places:
        return chance.choice(STRANGE)
    holder, key = chance.choice(places)
    old = holder[key]
    if isinstance(old, str) and chance.random() < 0.8:
        inner = _parsed(old)
        if inner is not None:
            holder[key] = json.dumps(_changed(inner, chance))
            return value
    match chance.randrange(5):
        case 0:
            del holder[key]
        case 1:
            other, name = chance.choice(places)
            holder[key] = other.get(name) if isinstance(other, dict) else old
        case 2 if isinstance(holder, dict):
            holder[chance.choice(["", "a", "more", f"{key}s"])] = holder.pop(key)
        case _:
            holder[key] = chance.choice(STRANGE)
    return value


def _parsed(text: str) -> Any:
    """The list or table that a text holds; None for all others."""
    try:
        inner = json.loads(text)
    except ValueError:
        return None
    return inner if isinstance(inner, dict | list) else None


def _places(value: Any) -> Any:
    """Every place of a value that holds another: what it is in, and its key or number."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
