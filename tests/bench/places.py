"""Places: the folders that the benchmark keeps between runs, and what the programs in them are started with."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS = Path(__file__).with_name("small_apps.py")


def cache() -> Path:
    """Return the folder for fieldbooks and peers; it may be deleted at any time."""
    return user_cache_path("feldbuch-bench", appauthor=False)


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a measured program: a terminal in full colour, and a home that is not the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "FELDBUCH", "PYTHON"))}
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    return {**kept, **folders, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def feldbuch(folder: Path) -> list[str]:
    """Return the command that starts the program on a fieldbook, as a user starts it."""
    return [str(Path(sys.executable).with_name("feldbuch")), "--dir", str(folder)]


def small_app(name: str) -> list[str]:
    """Return the command that starts one of the small Textual apps beside which Feldbuch is measured."""
    return [sys.executable, str(APPS), name]


@contextmanager
def home() -> Iterator[Path]:
    """Give an empty home to measured programs."""
    with tempfile.TemporaryDirectory(prefix="feldbuch-bench-") as name:
        yield Path(name)


@contextmanager
def copy_of(folder: Path) -> Iterator[Path]:
    """Give a copy of a fieldbook, for a program that writes into it."""
    with tempfile.TemporaryDirectory(prefix="feldbuch-bench-") as name:
        copy = Path(name) / "feldbuch"
        shutil.copytree(folder, copy)
        yield copy
