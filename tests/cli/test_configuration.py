"""Options from files and environment, in the order that is stated."""

import json
import re
from pathlib import Path

import pytest
from tests.command import status
from tests.toys import bars

from glyphlab.data.formats import save_dataset

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project(text: str) -> None:
    Path("glyphlab.toml").write_text(text, "utf-8")


def users(text: str, monkeypatch: pytest.MonkeyPatch, here: Path) -> str:
    file = here / "users.toml"
    file.write_text(text, "utf-8")
    monkeypatch.setenv("GLYPHLAB_CONFIG", str(file))
    return str(file)


def listed(capsys: Capture, *command: str) -> dict[str, tuple[object, str]]:
    """Value and origin of each option that `glyphlab config` lists, by command and option."""
    capsys.readouterr()
    assert status("config", *command, "--json", "-") == 0
    options = json.loads(capsys.readouterr().out)["options"]
    return {
        f"{each['command']} {each['option']}".strip(): (each["value"], each["from"])
        for each in options
    }


def size_of(capsys: Capture, *words: str) -> int:
    """Parameters of the logistic model: 10 classes of so many pixels and a bias each."""
    capsys.readouterr()
    assert status("summary", "logistic", "--json", "-", *words) == 0
    parameters: int = json.loads(capsys.readouterr().out)["parameters"]
    return parameters // 10 - 1


def test_a_table_of_other_tools_that_is_none_is_their_business(capsys: Capture) -> None:
    Path("pyproject.toml").write_text("tool = 1\n")
    assert size_of(capsys) == 28**2


def test_command_line_before_environment_before_project_before_user_before_default(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert size_of(capsys) == 28**2
    users("[summary]\nimage-size = 2\n", monkeypatch, here)
    assert size_of(capsys) == 2**2
    project("[summary]\nimage-size = 3\n")
    assert size_of(capsys) == 3**2
    monkeypatch.setenv("GLYPHLAB_SUMMARY_IMAGE_SIZE", "4")
    assert size_of(capsys) == 4**2
    assert size_of(capsys, "--image-size", "5") == 5**2


def test_a_users_option_stays_where_the_project_sets_another(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = users("[lab]\nseeds = 5\nlang = 'ru'\n", monkeypatch, here)
    project("[lab]\nseeds = 2\n")
    assert listed(capsys) == {"lab seeds": ("2", "glyphlab.toml"), "lab lang": ("ru", file)}


def test_pyproject_has_a_table_for_it(capsys: Capture) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n[tool.glyphlab.lab]\nseeds = 4\n")
    assert listed(capsys) == {"lab seeds": ("4", "pyproject.toml")}
    project("[lab]\nseeds = 5\n")
    assert status("models") == 2
    assert "both set options; keep one" in capsys.readouterr().err
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert listed(capsys) == {"lab seeds": ("5", "glyphlab.toml")}


def test_values_are_written_as_toml_writes_them(capsys: Capture) -> None:
    project(
        "[lab]\nmodels = ['logistic', 'mlp']\ndata = 'mnist'\naudit = false\n"
        "[lab.set]\nepochs = 3\noptimizer = 'adam'\n"
        "[train]\ndata = ['a b', 'c']\narg = {hidden = [30, 20]}\nallow_unreadable = true\n"
        "[data.clean]\ndrop = ['leaks']\n"
    )
    assert {key: value for key, (value, _) in listed(capsys).items()} == {
        "lab models": "logistic,mlp",
        "lab data": ["mnist"],
        "lab audit": False,
        "lab set": ["epochs=3", 'optimizer="adam"'],
        "train data": ["a b", "c"],
        "train arg": ["hidden=[30, 20]"],
        "train allow-unreadable": True,
        "data clean drop": "leaks",
    }


def test_the_example_in_the_documents_is_taken(capsys: Capture) -> None:
    page = (Path(__file__).parents[2] / "docs" / "command.md").read_text("utf-8")
    project(page.split("```toml\n")[1].split("```")[0])
    assert {key: value for key, (value, _) in listed(capsys).items()} == {
        "verbose": True,
        "lab data": ["mnist"],
        "lab models": "logistic,lenet5",
        "lab seeds": "5",
        "lab audit": False,
        "lab set": ["epochs=3", "label_smoothing=0.1"],
        "data clean drop": "duplicates,leaks",
    }


def test_variables_give_words_and_flags(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("GLYPHLAB_LAB_DATA", r"'my pictures' C:\mnist")
    monkeypatch.setenv("GLYPHLAB_LAB_SET", "epochs=3 seed=1")
    monkeypatch.setenv("GLYPHLAB_LAB_AUDIT", "no")
    monkeypatch.setenv("GLYPHLAB_DATA_CLEAN_RELABEL", "1")
    monkeypatch.setenv("GLYPHLAB_LAB_SEEDS", "")
    assert listed(capsys) == {
        "lab data": (["my pictures", r"C:\mnist"], "GLYPHLAB_LAB_DATA"),
        "lab set": (["epochs=3", "seed=1"], "GLYPHLAB_LAB_SET"),
        "lab audit": (False, "GLYPHLAB_LAB_AUDIT"),
        "data clean relabel": (True, "GLYPHLAB_DATA_CLEAN_RELABEL"),
    }


def test_other_variables_of_ours_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("GLYPHLAB_TEST_DATA", "/somewhere")
    assert listed(capsys) == {}


def test_config_shows_that_a_token_is_set_and_not_which(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("GLYPHLAB_SERVE_TOKEN", "s3cret")
    assert listed(capsys) == {"serve token": ("(hidden)", "GLYPHLAB_SERVE_TOKEN")}
    assert status("config", "serve") == 0
    assert "s3cret" not in "".join(capsys.readouterr())


def test_config_of_a_command_lists_its_defaults_too(capsys: Capture) -> None:
    project("[evaluate]\nsize = 32\n")
    found = listed(capsys, "evaluate")
    assert found["evaluate size"] == ("32", "glyphlab.toml")
    assert found["evaluate mode"] == ("grey", "default")
    assert found["evaluate data"] == (None, "default")
    assert status("config") == 0
    said = capsys.readouterr()
    assert re.search(r"evaluate +size +32 +glyphlab\.toml", said.out)
    assert "glyphlab.toml" in said.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lab]\nsedes = 3\n", "lab.sedes in glyphlab.toml is no option of glyphlab lab; did you"),
        ("[lab]\nsedes = 3\n", "did you mean seeds?"),
        ("[lba]\nseeds = 3\n", "did you mean lab?"),
        ("epochs = 3\n", "epochs in glyphlab.toml is no option of glyphlab; there are quiet"),
        ("[train]\nmodel = 'mlp'\n", "train.model in glyphlab.toml is no option"),
        ("lab = 3\n", "lab in glyphlab.toml is no table of options; write [lab]"),
        ("[lab]\nseeds = true\n", "lab.seeds in glyphlab.toml = True can't be"),
        ("[lab]\nseeds = {a = 1}\n", "give text or a number"),
        ("[lab]\naudit = 'no'\n", "use true or false"),
        ("[lab]\nseeds = 0\n", "--seeds (from glyphlab.toml) should be greater than or equal to 1"),
        ("[lab]\nmode = 'blue'\n", "'blue' is not one of 'grey', 'rgb'"),
        ("[lab\n", "glyphlab.toml is no TOML"),
        ("[lab]\nset = {seed = 2020-01-01}\n", "give text or a number"),
        ("[evaluate]\nmodel = 'evil:make'\n", "names code"),
        ("[lab]\nmodels = ['mlp', 'evil:make']\n", "names code"),
        (f"[lab]\nout = '{'x' * 1_000_000}'\n", "above 1 MB"),
        ("x = " + "[" * 50_000, "is no TOML"),
    ],
)
def test_what_cannot_be_is_one_sentence_with_the_file_and_the_key(
    text: str, said: str, capsys: Capture
) -> None:
    project(text)
    assert status("config") == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GLYPHLAB_LAB_SEDES", "3", "did you mean GLYPHLAB_LAB_SEEDS?"),
        ("GLYPHLAB_LAB_SEEDS", "many", "--seeds (from GLYPHLAB_LAB_SEEDS) should be a valid"),
        ("GLYPHLAB_LAB_AUDIT", "perhaps", "GLYPHLAB_LAB_AUDIT = 'perhaps' can't be"),
        ("GLYPHLAB_LAB_DATA", "'open", "GLYPHLAB_LAB_DATA"),
        ("GLYPHLAB_CONFIG", "nowhere.toml", "Can't read the configuration nowhere.toml"),
    ],
)
def test_wrong_variables_are_named(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(variable, value)
    assert status("config") == 2
    assert said in capsys.readouterr().err


def test_a_command_refuses_a_wrong_value_with_its_origin(capsys: Capture) -> None:
    project("[lab]\nseeds = 0\n")
    assert status("lab") == 2
    assert "--seeds (from glyphlab.toml) should be" in capsys.readouterr().err


def test_help_and_version_need_no_configuration(capsys: Capture) -> None:
    project("[lab\n")
    assert status("--help") == 0
    assert status("lab", "--help") == 0
    assert status("--version") == 0
    assert status("models") == 2


def test_options_that_nobody_wrote_are_said(capsys: Capture) -> None:
    project("[summary]\nclasses = 3\n")
    assert status("summary", "logistic") == 0
    assert "Options not on the command line: --classes from glyphlab.toml." in (
        capsys.readouterr().err
    )
    assert status("summary", "logistic", "--classes", "4") == 0
    assert "not on the command line" not in capsys.readouterr().err


def test_quiet_from_a_file_yields_to_verbose_on_the_command_line(capsys: Capture) -> None:
    project("quiet = true\n[summary]\nclasses = 3\n")
    assert status("summary", "logistic") == 0
    assert capsys.readouterr().err == ""
    for words in (["-v", "summary", "logistic"], ["summary", "logistic", "--verbose"]):
        assert status(*words) == 0
        assert "Took" in capsys.readouterr().err


def test_the_command_in_a_report_holds_what_files_gave(here: Path) -> None:
    save_dataset(bars(120), here / "train.safetensors")
    save_dataset(bars(45, seed=1), here / "test.safetensors")
    project(
        "[lab]\ndata = 'train.safetensors'\ntest = 'test.safetensors'\nmodels = ['logistic']\n"
        "out = 'here'\n[lab.set]\nsteps = 4\n"
    )
    assert status("lab", "--set", "steps=3") == 0
    assert (
        "glyphlab lab --data train.safetensors --test test.safetensors --models logistic "
        "--set steps=3"
    ) in (here / "here" / "report.md").read_text("utf-8")
