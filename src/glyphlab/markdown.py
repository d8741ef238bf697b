"""Text of strangers in Markdown, in which it is no markup."""

import re


def plain(text: str) -> str:
    """Text in which Markdown finds no markup, on one line."""
    flat = re.sub(r"\s+", " ", text.replace("\u202f", "\u00a0")).strip(" \n")
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", flat)


def code(text: str) -> str:
    """Text as code, on one line, whatever backticks and bars it holds."""
    flat = re.sub(r"\s+", " ", text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    return f"{fence} {flat} {fence}" if "`" in flat else f"`{flat}`"
