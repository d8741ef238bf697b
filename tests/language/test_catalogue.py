"""Every sentence exists in each language, and says the same figures there."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from glyphlab.errors import InputError
from glyphlab.language import LANGUAGES, Language, language, say, speak, speaking
from glyphlab.language.catalogue import catalogue_files

PLURALS: dict[Language, set[str]] = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}
NAMES = {"LeNet-5", "l1", "l2"}
"""Sentences that are the same in every language."""
USE = re.compile(r"""(?:say|marked)\(\s*f?["']([a-z0-9{}_.-]+)["']""")


class Parts(Visitor):
    """What a sentence says: its variables, its text, and the keys of its choices."""

    def __init__(self, sentence: ast.BaseNode) -> None:
        self.variables: set[str] = set()
        self.text = ""
        self.choices: list[set[str]] = []
        self.visit(sentence)

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.variables.add(node.id.name)

    def visit_TextElement(self, node: ast.TextElement) -> None:
        self.text += node.value

    def visit_SelectExpression(self, node: ast.SelectExpression) -> None:
        keys = {v.key.name for v in node.variants if isinstance(v.key, ast.Identifier)}
        self.choices.append(keys)
        self.generic_visit(node)


def sentences(name: Language) -> Iterator[tuple[str, ast.BaseNode]]:
    for file in catalogue_files(name):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert not isinstance(entry, ast.Junk), f"{name}/{file.name}: {entry.content}"
            if isinstance(entry, ast.Message):
                if entry.value is not None:
                    yield entry.id.name, entry.value
                for attribute in entry.attributes:
                    yield f"{entry.id.name}.{attribute.id.name}", attribute.value


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_sentence_stands_twice(name: Language) -> None:
    ids = [id_ for id_, _ in sentences(name)]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_each_language_has_every_sentence_with_all_its_figures(name: Language) -> None:
    english = {id_: Parts(node).variables for id_, node in sentences("en")}
    assert {id_: Parts(node).variables for id_, node in sentences(name)} == english


@pytest.mark.parametrize("name", LANGUAGES)
def test_files_of_a_catalogue_are_the_same_in_each_language(name: Language) -> None:
    assert [f.name for f in catalogue_files(name)] == [f.name for f in catalogue_files("en")]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_choice_by_number_has_every_plural_of_the_language(name: Language) -> None:
    every = {"one", "two", "few", "many", "other", "zero"}
    for id_, node in sentences(name):
        for keys in Parts(node).choices:
            if keys <= every:
                assert keys == PLURALS[name], id_


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_sentence_holds_markup(name: Language) -> None:
    for id_, node in sentences(name):
        assert not re.search("[<>&]", re.sub("[<>][ \u00a0]", "", Parts(node).text)), id_


def test_russian_sentences_are_russian() -> None:
    for id_, node in sentences("ru"):
        text = Parts(node).text
        assert re.search("[А-Яа-яЁё]", text) or not re.search("[a-z]", text) or text in NAMES, id_


def test_every_sentence_that_is_asked_for_is_there_and_each_is_asked_for() -> None:
    source = Path(str(resources.files("glyphlab")))
    asked = {
        found
        for path in (*source.rglob("*.py"), *source.rglob("*.j2"))
        for found in USE.findall(path.read_text("utf-8"))
    }
    # What is filled in, and what a template adds after a last hyphen, may be anything.
    open_ended = {re.sub(r"-$", "-{}", used) for used in asked}
    patterns = {re.compile(re.sub(r"\{[^}]*\}", "[a-z0-9_-]+", u) + r"$") for u in open_ended}
    ids = {id_ for id_, _ in sentences("en")}
    unknown = [p.pattern for p in patterns if not any(p.match(id_) for id_ in ids)]
    unused = [id_ for id_ in ids if not any(p.match(id_) for p in patterns)]
    assert (unknown, unused) == ([], [])


def test_a_language_is_spoken_until_another_one_is() -> None:
    with speaking("ru"):
        assert language() == "ru"
        assert say("seconds", seconds="1") == "1 с"
        speak("en")
        assert say("seconds", seconds="1") == "1 s"
    assert language() == "en"


def test_a_language_without_catalogue_is_refused() -> None:
    with pytest.raises(InputError, match=r"no language 'de'; choose from en, ru"):
        speak("de")  # type: ignore[arg-type]


def test_a_sentence_that_is_unknown_or_lacks_a_figure_is_an_error_of_ours() -> None:
    with pytest.raises(LookupError, match="has no nothing-like-this"):
        say("nothing-like-this")
    with pytest.raises(LookupError, match="seconds in en: Unknown external: seconds"):
        say("seconds")
