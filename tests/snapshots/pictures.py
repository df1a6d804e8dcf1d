"""The pictures that are kept beside the tests: one text per scene and size, one SVG per themed scene and theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "__snapshots__"


class TextPicture(SingleFileSnapshotExtension):
    """A picture as plain text, one file each, so that a change reads as a difference of lines."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


class SvgPicture(SingleFileSnapshotExtension):
    """A picture with its colours."""

    _file_extension = "svg"
    _write_mode = WriteMode.TEXT


def text_pictures(size: tuple[int, int]) -> Iterator[tuple[str, list[str]]]:
    """Yield name and lines of each kept text picture of one size, without what is said below the screen."""
    for path in sorted(FOLDER.rglob("*.txt")):
        if f"{size[0]}x{size[1]}" in path.stem:
            yield path.stem, path.read_text(encoding="utf-8").split("\n")[: size[1]]
