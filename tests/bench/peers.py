"""Peers: other people's Textual apps, each installed from the package index into an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.places import cache

if TYPE_CHECKING:
    from pathlib import Path


class Peer(NamedTuple):
    """An app, what is installed for it, and words by which its first full screen is known."""

    name: str
    packages: tuple[str, ...]
    words: tuple[str, ...]


PEERS = (
    # Later versions of the parser crash the process.
    Peer("posting", ("posting", "tree-sitter<0.26"), ("Collection", "Response", "Quit")),
    Peer("harlequin", ("harlequin",), ("Query Results", "Data Catalog", "Quit")),
    Peer("hike", ("hike",), ("Local", "Quit")),
)


class NotInstalled(Exception):
    """A peer could not be installed; carries the reason."""


def installed(peer: Peer) -> Path:
    """Return the peer's command, installing it first where that was not done yet; raises `NotInstalled`."""
    folder = cache() / "peers" / peer.name
    command = folder / "bin" / peer.name
    if not command.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *peer.packages]
            subprocess.run(pip, check=True, capture_output=True, timeout=900)
        except (OSError, subprocess.SubprocessError) as error:
            raise NotInstalled(type(error).__name__) from error
    if not command.exists():
        raise NotInstalled("no command of this name")
    return command


def version_of(peer: Peer) -> str:
    """Return the installed version of a peer and of the Textual that it runs on."""
    code = f"from importlib.metadata import version as v; print(v({peer.name!r}), 'mit Textual', v('textual'))"
    python = cache() / "peers" / peer.name / "bin" / "python"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()
