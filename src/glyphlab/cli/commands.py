"""Commands and groups of commands: all take the global options, all explain wrong words alike."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from glyphlab.cli.caches import writable_caches
from glyphlab.cli.console import console
from glyphlab.cli.details import details
from glyphlab.cli.options import EVERYWHERE
from glyphlab.cli.usage import comes_from, one_sentence, unknown_command

Function = TypeVar("Function", bound=Callable[..., Any])

WITHOUT_CONFIGURATION = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
"""Words that are answered whatever a configuration file holds."""


class Command(TyperCommand):
    """A command that takes the global options, too, and says which options others gave it."""

    def get_params(self, ctx: Any) -> Any:
        """Its own options and arguments, and the global ones."""
        return [*super().get_params(ctx), *_shared(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read its words; what is wrong with them is one sentence."""
        with one_sentence(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        _tell_of_configured(ctx)
        with one_sentence(ctx), details(), writable_caches():
            return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands that does the same."""

    def get_params(self, ctx: Any) -> Any:
        """Its own options, and the global ones."""
        return [*super().get_params(ctx), *_shared(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words before the command's name; without any, Typer prints the help."""
        with one_sentence(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command; of a name that is not there the nearest is suggested."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise unknown_command(args[0], ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command named."""
        with one_sentence(ctx):
            return super().invoke(ctx)


class Root(Group):
    """`glyphlab` itself, which reads files and environment for options that have no word."""

    def make_context(
        self, info_name: Any, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the words, with defaults from the configuration."""
        asked_for_help = not WITHOUT_CONFIGURATION.isdisjoint(args)
        if not asked_for_help and not extra.get("resilient_parsing"):
            from glyphlab.cli.configuration import defaults, settings

            extra["default_map"] = defaults(settings(self))
        return super().make_context(info_name, args, parent, **extra)


class App(typer.Typer):
    """A Typer whose commands are of the class above."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Give a decorator that adds a command."""
        return super().command(name, **{"cls": Command, **settings})


def _shared(context: Any) -> list[Any]:
    """The global options, which belong to the root."""
    root = context.find_root().command
    if root is context.command:
        return []
    return [parameter for parameter in root.params if parameter.name in EVERYWHERE]


def _tell_of_configured(context: Any) -> None:
    """Say which options come from files and environment: nothing works unseen."""
    if context.default_map is None:
        return
    told = [
        f"{parameter.opts[0]} from {context.default_map.origins[parameter.name]}"
        for parameter in context.command.get_params(context)
        if comes_from(context, parameter.name, "DEFAULT_MAP")
    ]
    if told:
        console.print(f"Options not on the command line: {', '.join(told)}.")
