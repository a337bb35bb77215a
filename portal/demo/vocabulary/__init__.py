"""Word lists of the demonstration city, kept as data so that they can be read and corrected without code."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def read(name: str) -> dict[str, Any]:
    """The word list ``name``; read once, and not to be changed by whoever reads it."""
    text = (resources.files("portal.demo.vocabulary") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
