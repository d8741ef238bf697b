"""The modules of the folder torture, which is no package."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

TORTURE = Path(__file__).parents[1] / "torture"


def torture_module(name: str) -> ModuleType:
    """A module by its name; it finds the others of the folder."""
    if str(TORTURE) not in sys.path:
        sys.path.append(str(TORTURE))
    return import_module(name)
