"""Every screen as it is kept: as text in two sizes, and in the colours of the three themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.snapshots.pictures import SvgPicture, TextPicture
from tests.snapshots.scene import LOCKED, NEW, Scene
from tests.snapshots.scenes import SCENES
from tests.snapshots.stage import LARGE, SMALL, stage
from tui.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from models.fieldbook import Fieldbook


def _name(value: object) -> str:
    return value.name if isinstance(value, Scene) else "x".join(map(str, value)) if isinstance(value, tuple) else ""


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=_name)
@pytest.mark.parametrize("scene", SCENES, ids=_name)
async def test_a_screen_looks_as_it_did(
    scene: Scene, size: tuple[int, int], open_fieldbook: Callable[[str], Fieldbook], snapshot: SnapshotAssertion
) -> None:
    fieldbook, first, locked = open_fieldbook(scene.data), scene.data == NEW, scene.data == LOCKED
    async with stage(fieldbook, size, first_start=first, locked=locked) as played:
        await scene.play(played)
        await played.still()
        assert played.text() == snapshot(extension_class=TextPicture)
        for theme in THEMES if scene.themed and size == SMALL else ():
            assert await played.picture(theme) == snapshot(name=theme, extension_class=SvgPicture)
