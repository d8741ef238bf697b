"""A disk that fills up, by a limit on the size of files that the process may write."""

import subprocess
import sys
from pathlib import Path

from tests.toys import bars

from glyphlab.data.formats import save_dataset

LIMITED = (
    "import resource, signal, sys\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    "from glyphlab.cli import main\n"
    "main(sys.argv[1:])\n"
)


def limited(here: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", LIMITED, *words],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    save_dataset(bars(), tmp_path / "bars.safetensors")
    words = ("train", "conv-pool", "--data", "bars.safetensors", "--out", "run")
    done = limited(tmp_path, *words, "--set", "epochs=1")
    assert done.returncode == 2, done.stderr
    assert "Can't write" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "history.jsonl",
        "recipe.toml",
        "run.json",
    ]


def test_data_add_on_a_full_disk_keeps_what_was_there(tmp_path: Path, own_home: Path) -> None:
    save_dataset(bars(12), tmp_path / "bars.safetensors")
    assert limited(tmp_path, "data", "add", "bars.safetensors").returncode == 0
    stored = own_home / "datasets" / "bars"
    before = {path: path.read_bytes() for path in stored.rglob("*.safetensors")}
    save_dataset(bars(), tmp_path / "bars.safetensors")
    done = limited(tmp_path, "data", "add", "bars.safetensors", "--force")
    assert done.returncode == 2, done.stderr
    assert {path: path.read_bytes() for path in stored.rglob("*.safetensors")} == before
