"""A scene: one screen in one state; who plays it, and on which fieldbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.snapshots.stage import Stage

DEMO, EMPTY, NEW, LOCKED = "demo", "empty", "new", "locked"
"""What the fieldbook of a scene holds: the demo region, nothing but its owner, or nothing at all (first start).

A locked one is encrypted and not open.
"""


@dataclass(frozen=True)
class Scene:
    """One screen in one state; `themed` ones are also drawn in every theme."""

    name: str
    play: Callable[[Stage], Awaitable[None]]
    data: str = DEMO
    themed: bool = False


ALL: list[Scene] = []


def scene(data: str = DEMO, *, themed: bool = False) -> Callable[[Callable[[Stage], Awaitable[None]]], None]:
    """Add a function as a scene."""

    def add(play: Callable[[Stage], Awaitable[None]]) -> None:
        ALL.append(Scene(play.__name__, play, data, themed))

    return add
