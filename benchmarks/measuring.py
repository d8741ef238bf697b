"""What every benchmark shares: peers in an environment of their own, turns, tables and JSON."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from glyphlab.files import write_json

PEERS = Path(".venv-peers")
FOLDER = Path(__file__).parent
Measured = TypeVar("Measured")
OWN_PACKAGES = ("glyphlab", "torch", "numpy", "opencv-python-headless")


def peer_python() -> Path:
    """Python of the peers' environment, made from peers/requirements.txt where it is absent."""
    python, installed = PEERS / "bin" / "python", PEERS / "installed"
    requirements = FOLDER / "peers" / "requirements.txt"
    if installed.exists() and installed.read_text() == requirements.read_text():
        return python
    print(f"Installing the peers into {PEERS} …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)],
        check=True,
    )
    installed.write_text(requirements.read_text())
    return python


def run_script(python: Path | str, script: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run benchmarks/SCRIPT with options as one JSON argument; its last line of output is JSON.

    Raises
    ------
    RuntimeError
        If the script fails, with the end of what it said.
    """
    done = subprocess.run(
        [str(python), str(FOLDER / script), json.dumps(options)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONWARNINGS": "ignore"},
    )
    if done.returncode:
        raise RuntimeError(f"{script} {dict(options)} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def run_command(arguments: Sequence[str], home: Path) -> dict[str, float]:
    """Run `glyphlab` with these arguments in a process of its own, with `home` for its Datasets.

    Returns
    -------
    dict
        `seconds` from its start to its end, `cpu_seconds` with its children's, and
        `peak_megabytes`, the most that it, or one of its children, had resident.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *arguments],
        env={**os.environ, "GLYPHLAB_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise RuntimeError(f"glyphlab {' '.join(arguments)} failed.")
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_megabytes": usage.ru_maxrss / 1024,
    }


def take_turns(
    ways: Mapping[str, Callable[[], Measured]], repeats: int
) -> dict[str, list[Measured]]:
    """Call each way `repeats` times, one after the other, so that a slow minute hits all."""
    taken: dict[str, list[Measured]] = {name: [] for name in ways}
    for turn in range(repeats):
        for name, way in ways.items():
            print(f"  {turn + 1}/{repeats} {name}", file=sys.stderr)
            taken[name].append(way())
    return taken


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Median and range, as 5,120 (4,980–5,300)."""
    middle = statistics.median(values)
    return f"{middle:{form}} ({min(values):{form}}–{max(values):{form}})"


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median over the turns of ours by theirs: both of a turn met the same machine."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def machine(packages: Sequence[str] = OWN_PACKAGES) -> dict[str, str]:
    """Processor, cores, system, date, and the versions of packages of this environment."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _processor() -> str:
    """Name of the processor, and what it multiplies fastest, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): fact.strip() for name, fact in facts.items()}
    units = [unit for unit in ("amx_bf16", "avx512_bf16", "avx2") if unit in facts.get("flags", "")]
    return f"{facts.get('model name', platform.processor())} ({units[0] if units else 'no AVX2'})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table: first column to the left, the others to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"| --- |{' ---: |' * (len(header) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def publish(question: str, facts: Mapping[str, Any], lines: Sequence[str], out: Path) -> None:
    """Print the table for a person, and write the same as JSON for a machine."""
    print("\n".join(lines))
    write_json(out, {"question": question, **facts})
    print(f"Written to {out}.", file=sys.stderr)
