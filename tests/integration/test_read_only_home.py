"""Commands of users who are not root, and whose home folder can't be written to."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import pytest
from tests.toys import bars

from glyphlab.data.formats import save_dataset

NAMELESS = 54_321
"""A user that the system has no name for, as in a container."""
READING = "-all,+dac_read_search"
"""The tests of root lie where nobody else may read, and so may Python."""
TROUBLE = ("warn", "error", "traceback", "permission", "mkdir", "writable")
OTHERS = ("GLYPHLAB_", "XDG_", "MPL", "IPYTHON", "TORCHINDUCTOR_", "HF_")


@dataclass
class User:
    """Somebody who types commands in a folder of theirs, and what comes before these."""

    folder: Path
    home: Path
    before: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    def types(self, *words: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: v for name, v in os.environ.items() if not name.startswith(OTHERS)}
        kept |= self.variables
        return subprocess.run(
            [*self.before, sys.executable, "-m", "glyphlab", *words],
            cwd=self.folder,
            env=kept | {"HOME": str(self.home), "TMPDIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *words: str) -> str:
        """Type a command that must do its work without a word of trouble, and give its results."""
        done = self.types(*words)
        assert done.returncode == 0, done.stderr
        told = done.stderr.lower()
        assert not any(word in told for word in TROUBLE), done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that others may enter, which those of pytest are not."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def user(place: Path) -> Iterator[User]:
    """A user whose home can be read, and no more."""
    before = _becoming("--reuid", str(NAMELESS), "--regid", str(NAMELESS), "--clear-groups")
    more = ("--inh-caps", READING, "--ambient-caps", READING) if before else ()
    user = _user(place / "nameless", (*before, *more))
    user.home.chmod(0o555)
    if before:
        os.chown(user.folder, NAMELESS, NAMELESS)
    yield user
    user.home.chmod(0o755)


@pytest.fixture(scope="module")
def stranger(place: Path) -> Iterator[User]:
    """A user in whose home nobody may even look, since it is another's."""
    before = _becoming("--bounding-set=-all", "--inh-caps=-all")  # root like anybody else
    user = _user(place / "stranger", before)
    user.home.chmod(0o000)
    if before:
        os.chown(user.home, NAMELESS, NAMELESS)
    yield user
    user.home.chmod(0o755)


def _becoming(*words: str) -> tuple[str, ...]:
    """What root types to become another; nothing where the tests are not run by root."""
    if os.name != "posix":
        pytest.skip("this system has no such users")
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None or subprocess.run([setpriv, *words, "true"], check=False).returncode != 0:
        pytest.skip("root can't become another user here by setpriv, which is of util-linux")
    return setpriv, *words


def _user(place: Path, before: tuple[str, ...]) -> User:
    user = User(place / "work", place / "home", before)
    user.folder.mkdir(parents=True)
    user.home.mkdir()
    save_dataset(bars(), user.folder / "bars.safetensors")
    assert cv2.imwrite(str(user.folder / "bar.png"), bars().images[0])
    return user


def test_help_and_the_description_of_the_installation(user: User) -> None:
    assert "Train, test and compare" in user.does("--help")
    described = user.does("doctor", "--no-test")
    assert "not root" in described
    assert "not writable" in described


def test_a_model_is_trained_tested_asked_and_exported(user: User) -> None:
    data = ("--data", "bars.safetensors")
    user.does("train", "logistic", *data, "--set", "epochs=2", "--out", "run")
    assert "accuracy" in user.does("evaluate", "run", *data).lower()
    assert "bar0" in user.does("predict", "run", "bar.png")
    user.does("export", "run", "--out", "exported")
    user.does("data", "show", "bars.safetensors", "--sheet", "sheet.png")
    assert (user.folder / "exported" / "model-card.md").exists()
    assert list(user.home.iterdir()) == []


def test_a_whole_lab_writes_its_report(user: User) -> None:
    words = ("--models", "logistic,mlp", "--set", "steps=20", "--format", "html,md,ipynb")
    user.does("lab", "--data", "bars.safetensors", *words, "--out", "lab")
    assert "<svg" in (user.folder / "lab" / "report.html").read_text()
    assert (user.folder / "lab" / "report.ipynb").exists()
    assert sorted(path.name for path in user.folder.glob("*matplotlib*")) == []


def test_the_built_in_images_are_there_and_leave_nothing(user: User) -> None:
    before = sorted(user.folder.iterdir())
    user.does("train", "logistic", "--data", "glyphs", "--set", "steps=2", "--out", "built-in")
    left = {path.name for path in user.folder.iterdir()} - {path.name for path in before}
    assert left == {"built-in"}


def test_a_search_goes_on_where_it_was(user: User) -> None:
    words = ("tune", "logistic", "--data", "bars.safetensors", "--set", "steps=5", "--trials", "2")
    user.does(*words, "--out", "search")
    user.does(*words, "--out", "search")


@pytest.mark.parametrize(
    "words",
    [
        ("data", "add", "bars.safetensors"),
        ("data", "add", "bars.safetensors", "--shard-size", "100"),
        ("data", "get", "mnist"),
    ],
)
@pytest.mark.parametrize("who", ["user", "stranger"])
def test_what_is_to_be_kept_asks_for_a_folder_in_one_sentence(
    words: tuple[str, ...], who: str, request: pytest.FixtureRequest
) -> None:
    done = request.getfixturevalue(who).types(*words)
    assert done.returncode == 2, done.stderr
    (sentence,) = [line for line in done.stderr.splitlines() if "Can't write" in line]
    assert "set GLYPHLAB_HOME to a folder of yours" in sentence
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_named_is_used(user: User) -> None:
    kept = user.folder / "kept"
    named = replace(user, variables={"GLYPHLAB_HOME": str(kept)})
    named.does("data", "add", "bars.safetensors")
    assert (kept / "datasets" / "bars" / "data.safetensors").exists()
    assert "bars" in named.does("data", "list")
    named.does("lab", "--data", "bars", "--models", "logistic", "--set", "steps=5")
    assert (kept / "cache" / "matplotlib").is_dir()


def test_a_home_that_nobody_may_look_into_is_none(stranger: User) -> None:
    assert "not writable" in stranger.does("doctor", "--no-test")
    words = ("--set", "epochs=1", "--out", "run")
    stranger.does("train", "logistic", "--data", "bars.safetensors", *words)
    done = stranger.types("train", "logistic", "--data", "barz", "--out", "other")
    assert done.returncode == 2
    assert "no file, folder or stored Dataset 'barz'" in done.stderr
    assert "glyphs" in stranger.does("data", "list")
