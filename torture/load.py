"""A server under load, among clients that misbehave, and restarted meanwhile.

Usage: python torture/load.py [--minutes 15] [--clients 32 256] [--restarts 20] [--seed 0]
    [--out FILE]
For each number of clients: `glyphlab serve` of a small run is asked for `--minutes` by so many
clients, each again as soon as it is answered, and every answer is held to what `glyphlab.predict`
says. Beside them others misbehave (`bad_clients.py`). Then, without these, the server is ended by
SIGTERM and started again at the same port `--restarts` times, while the clients go on.

Told are latency, memory, what came of each misdeed, and how many requests had to be sent again.
The exit status is 1 if a good request failed, an answer was wrong or half, a connection that the
server had taken ended without an answer, a misdeed did harm, or memory grew by more than
`GROWN_MEGABYTES` from 10 % of the time to its end.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from bad_clients import MISDEEDS, Target, harm, pestering
from glyphlab.files import write_json
from good_clients import Tally, clients
from questions import SINGLE, Question, questions
from served_process import ServedProcess, trained

GROWN_MEGABYTES = 20
MORE_FILES = 16
"""Files and connections that the server may hold open after the load, beside those before."""
BAD_OF_EACH = 2
"""Clients for each misdeed."""
SETTLE_SECONDS = 2.0


async def under_load(
    server: ServedProcess, asked: Sequence[Question], number: int, seconds: float, seed: int
) -> dict[str, Any]:
    """Let so many clients ask, and others misbehave; what came of it."""
    tally, ends = Tally(), {name: Counter[str]() for name in MISDEEDS}
    target, files = Target(server.port), server.open_files()
    began = time.perf_counter()
    until = began + seconds
    megabytes: list[float] = []
    watching = asyncio.create_task(watch_memory(server, megabytes))
    bad = pestering(target, BAD_OF_EACH, seed, ends)
    good = clients(number, server.port, asked, tally, seed)
    await asyncio.gather(*(client.run(lambda: time.perf_counter() >= until) for client in good))
    lasted = time.perf_counter() - began
    for task in (*bad, watching):
        task.cancel()
    for ended in await asyncio.gather(*bad, watching, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended  # a defect of ours; being cancelled is none
    await asyncio.sleep(SETTLE_SECONDS)
    return {
        **seen_by(tally, number, lasted),
        "misdeeds": {name: dict(counts) for name, counts in ends.items()},
        "harm": harm(ends),
        "memory": memory_of(megabytes),
        "megabytes": megabytes,
        "files_before": files,
        "files_after": server.open_files(),
        "tracebacks": server.tracebacks(),
    }


async def restarted(
    server: ServedProcess, asked: Sequence[Question], number: int, times: int, seed: int
) -> dict[str, Any]:
    """Restart a server while so many clients ask; what came of it."""
    tally, chance, ended = Tally(), random.Random(seed), []
    over = asyncio.Event()
    began = time.perf_counter()
    good = clients(number, server.port, asked, tally, seed)
    asking = asyncio.gather(*(client.run(over.is_set) for client in good))
    for _ in range(times):
        await asyncio.sleep(chance.uniform(1, 3))
        ended.append(await asyncio.to_thread(server.end))
        server.start()
        await asyncio.to_thread(server.wait_until_ready)
    await asyncio.sleep(1)
    over.set()
    await asking
    return {
        **seen_by(tally, number, time.perf_counter() - began),
        "restarts": times,
        "statuses": [status for status, _ in ended],
        "seconds_to_end": [seconds for _, seconds in ended],
        "longest_wait": max(max(waits) for waits in tally.waits.values()),
        "tracebacks": server.tracebacks(),
    }


async def watch_memory(server: ServedProcess, megabytes: list[float]) -> None:
    """Note a server's memory each second, until this is cancelled."""
    while True:
        megabytes.append(server.megabytes())
        await asyncio.sleep(1)


def seen_by(tally: Tally, number: int, seconds: float) -> dict[str, Any]:
    """What the clients saw."""
    return {
        "clients": number,
        "seconds": seconds,
        "requests": tally.answered,
        "requests_per_second": tally.answered / seconds,
        "milliseconds": {kind: milliseconds(waits) for kind, waits in tally.waits.items()},
        "told": dict(tally.told),
        "failed": dict(tally.failed),
        "examples": tally.examples,
    }


def milliseconds(waits: Sequence[float]) -> dict[str, float]:
    """Of the waits for one kind of question."""
    p50, p95, p99 = np.quantile(np.array(waits), (0.5, 0.95, 0.99)) * 1_000
    return {"n": len(waits), "p50": float(p50), "p95": float(p95), "p99": float(p99)}


def memory_of(megabytes: Sequence[float]) -> dict[str, float]:
    """Of one sample a second: medians around 10 % and at the end, slope after 10 %, and peak.

    A median, because a body of 17 MiB that is just being refused is no growth.
    """
    samples = np.array(megabytes)
    tenth = max(1, len(samples) // 10)
    settled = samples[tenth:] if len(samples) > tenth + 1 else samples
    slope = np.polyfit(np.arange(len(settled)), settled, 1)[0] if len(settled) > 1 else 0.0
    return {
        "at_10_percent": float(np.median(samples[tenth // 2 : tenth // 2 + tenth])),
        "at_end": float(np.median(samples[-tenth:])),
        "per_minute": float(slope * 60),
        "peak": float(samples.max()),
    }


def faults(found: Mapping[str, Any], grown_megabytes: float = GROWN_MEGABYTES) -> list[str]:
    """What is wrong, in words; nothing where all is well."""
    wrong = [f"{what}, {times} times" for what, times in found["failed"].items()]
    wrong += [
        f"{what}, {times} times"
        for what, times in found["told"].items()
        if what.startswith("sent again")
    ]
    wrong += found.get("harm", [])
    wrong += [f"exit status {status}" for status in found.get("statuses", []) if status]
    if found["tracebacks"]:
        wrong.append(f"{found['tracebacks']} tracebacks in the log")
    if "memory" in found:
        grown = found["memory"]["at_end"] - found["memory"]["at_10_percent"]
        if grown > grown_megabytes:
            wrong.append(f"memory grew by {grown:.0f} MB")
        more = found["files_after"] - found["files_before"]
        if more > MORE_FILES:
            wrong.append(f"{more} more files and connections are open after the load")
    return wrong


def row(*cells: object) -> str:
    """A row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def load_lines(loads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How the server fared, a row for each number of clients, and what came of the misdeeds."""
    yield row(
        *("clients", "s", "requests", "requests/s", "p50 ms", "p95 ms", "p99 ms", "failed"),
        *("429, asked again", "MB at 10 %", "MB at the end", "MB a minute", "MB at most"),
    )
    yield row("---:", *["---:"] * 12)
    for found in loads:
        waits, memory = found["milliseconds"][SINGLE], found["memory"]
        yield row(
            found["clients"],
            f"{found['seconds']:.0f}",
            f"{found['requests']:,}",
            f"{found['requests_per_second']:,.0f}",
            *(f"{waits[part]:.0f}" for part in ("p50", "p95", "p99")),
            sum(found["failed"].values()),
            found["told"].get("busy", 0),
            *(f"{memory[part]:.0f}" for part in ("at_10_percent", "at_end")),
            f"{memory['per_minute']:+.2f}",
            f"{memory['peak']:.0f}",
        )
    yield ""
    yield row("misdeed", *(f"{found['clients']} clients beside" for found in loads))
    yield row("---", *["---"] * len(loads))
    for name in MISDEEDS:
        yield row(name, *(_counts(found["misdeeds"][name]) for found in loads))


def _counts(ends: Mapping[str, int]) -> str:
    return ", ".join(f"{end}: {times:,}" for end, times in sorted(ends.items()))


def restart_lines(restarts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the clients saw of the restarts, a row for each number of clients."""
    yield row(
        *("clients", "restarts", "requests", "wrong, half or lost", "sent again, used connection"),
        *("sent again, new connection", "closed as the answer said", "s to end, median", "most"),
        "longest wait, s",
    )
    yield row("---:", *["---:"] * 9)
    for found in restarts:
        told, seconds = found["told"], found["seconds_to_end"]
        yield row(
            found["clients"],
            found["restarts"],
            f"{found['requests']:,}",
            sum(found["failed"].values()),
            told.get("sent again: a used connection", 0),
            told.get("sent again: a new connection", 0),
            f"{told.get('closed after an answer that said so', 0):,}",
            f"{np.median(seconds):.1f}",
            f"{max(seconds):.1f}",
            f"{found['longest_wait']:.1f}",
        )


def main() -> None:
    """Load, restart, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--clients", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/torture/load.json"))
    options = parser.parse_args()
    loads: list[dict[str, Any]] = []
    restarts: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        run = trained(Path(name) / "lenet5")
        asked = questions(run, options.seed)
        for number in options.clients:
            with ServedProcess(run, Path(name) / f"home-{number}") as server:
                these = (server, asked, number)
                print(f"{number} clients for {options.minutes:g} minutes", file=sys.stderr)
                seconds = options.minutes * 60
                loads.append(uvloop.run(under_load(*these, seconds, options.seed)))
                write_json(options.out, {"loads": loads, "restarts": restarts})
                print(f"{number} clients, {options.restarts} restarts", file=sys.stderr)
                restarts.append(uvloop.run(restarted(*these, options.restarts, options.seed)))
                write_json(options.out, {"loads": loads, "restarts": restarts})
    print("\n".join([*load_lines(loads), "", *restart_lines(restarts)]))
    wrong = [
        f"{found['clients']} clients: {fault}"
        for found in (*loads, *restarts)
        for fault in faults(found)
    ]
    print("\n".join(["", *wrong]) if wrong else "\nNothing failed.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
