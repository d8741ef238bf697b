"""What the code can do at all, read from its imports and calls; SECURITY.md promises it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import glyphlab

SOURCE = Path(glyphlab.__file__).parent

UNPICKLING = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
UNPICKLERS = {"places/processes_place.py"}
"""It speaks with processes that it started itself, through pipes."""

NETWORK = {
    *("socket", "socketserver", "ssl", "http.client", "http.server", "urllib.request"),
    *("ftplib", "smtplib", "xmlrpc", "requests", "httpx", "aiohttp", "fsspec", "uvicorn"),
}
CONNECTED = {
    "data/transfer.py": "data get",
    "data/stores": "addresses that a user gives",
    "places/cluster.py": "--on ray",
    "serving/connection.py": "serve",
    "serving/server.py": "serve",
    "serving/protocol.py": "serve: what comes by its connections",
    "serving/review.py": "data review",
    "training/launching.py": "--workers: a free port of the loopback interface",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """The path of each module in the package, and what it says."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported, at the top or within a function, by word or by name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{each.name}" for each in names)
            case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(value=str(name))]):
                yield name


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call of something with a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def is_of(name: str, modules: set[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in modules)


def test_nothing_is_unpickled_but_by_processes_among_themselves() -> None:
    found = {path for path, tree in modules() if any(is_of(n, UNPICKLING) for n in imported(tree))}
    assert found == UNPICKLERS


def test_no_array_or_weights_are_loaded_in_a_way_that_runs_code() -> None:
    wrong = []
    for path, tree in modules():
        for name, call in calls(tree):
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if name in ("np.load", "numpy.load") and given.get("allow_pickle") != "False":
                wrong.append(f"{path}: {name}")
            if name in ("torch.load", "pd.read_pickle", "yaml.load", "torch.hub.load"):
                wrong.append(f"{path}: {name}")
    assert wrong == []


def test_no_text_is_run_as_code_and_no_shell_is_started() -> None:
    wrong = []
    for path, tree in modules():
        for name, call in calls(tree):
            shell = any(w.arg == "shell" and ast.unparse(w.value) != "False" for w in call.keywords)
            if name in ("eval", "exec", "os.system", "os.popen") or shell:
                wrong.append(f"{path}: {name}")
    assert wrong == []


def test_only_what_a_user_asks_for_by_name_reaches_the_network() -> None:
    found = {path for path, tree in modules() if any(is_of(n, NETWORK) for n in imported(tree))}
    strays = {p for p in found if not any(p == c or p.startswith(f"{c}/") for c in CONNECTED)}
    assert strays == set()
    unused = {c for c in CONNECTED if not any(p == c or p.startswith(f"{c}/") for p in found)}
    assert unused == set()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import pickle", {"pickle"}),
        ("def f():\n    from pickle import loads", {"pickle", "pickle.loads"}),
        ("import_module('dill')", {"dill"}),
        ("from urllib import request", {"urllib", "urllib.request"}),
    ],
)
def test_imports_are_found_wherever_they_stand(code: str, names: set[str]) -> None:
    assert set(imported(ast.parse(code))) == names


SETTABLE_CLOCKS = {"time.time", "datetime.now", "datetime.datetime.now", "time.time_ns"}
DATED = {
    "data/stores/cache.py": "files of a cache are older or younger than a minute",
    "data/stores/holding.py": "the same",
    "tracking/mlflow.py": "its records have dates",
}


def test_nothing_is_timed_by_a_clock_that_can_be_set() -> None:
    """Durations and turns are taken from clocks that a step of the system's time does not move."""
    using = {path for path, tree in modules() for name, _ in calls(tree) if name in SETTABLE_CLOCKS}
    assert using == set(DATED)
