"""The three lines around every screen: places, title, and keys with the state of sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.content import Content
from textual.widget import Widget

from models.i18n import _
from models.text import cells, clean, cut
from tui.places import PLACES
from tui.show import assemble, line

if TYPE_CHECKING:
    from textual import events

    from tui.app import FeldbuchApp
    from tui.bare_app import BareApp
    from tui.screens.room import Room


SEPARATOR = " · "
"""Stands between the parts of a title."""

LEAST_PART = 12
"""Cells below which the longest part of a title is not cut any further."""


class NavLine(Widget):
    """The top line: the function keys and the place that is open; a click opens a place."""

    DEFAULT_CSS = """
    NavLine { height: 1; background: $panel; color: $text-muted; }
    """
    ALLOW_SELECT = False

    def __init__(self, place: str) -> None:
        """Show `place` as the open one."""
        super().__init__()
        self._place = place

    def _labels(self) -> list[tuple[str, str]]:
        wide = self.size.width >= 110
        spaced = " " if wide else ""
        return [(p.name, f" {p.key.upper()} {_(p.short)}{spaced}") for p in PLACES]

    def render(self) -> Content:
        """Draw the places, the open one marked by reverse video and bold."""
        return assemble(*((text, "bold reverse" if name == self._place else "") for name, text in self._labels()))

    def on_click(self, event: events.Click) -> None:
        """Open the place under the mouse."""
        end = 0
        for name, text in self._labels():
            end += cells(text)
            if event.x < end:
                cast("FeldbuchApp", self.app).action_place(name)
                return


class TitleLine(Widget):
    """The line that says where one is, drawn out to the full width."""

    DEFAULT_CSS = """
    TitleLine { height: 1; color: $primary; text-style: bold; }
    """
    ALLOW_SELECT = False
    _text = ""

    def show(self, text: str) -> None:
        """Say `text`."""
        text = clean(text, lines=False)
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Content:
        """Draw the text into a rule."""
        text = fit_parts(self._text, max(self.size.width - 4, 1))
        return line(f"─ {text} ".ljust(self.size.width, "─") if text else "─" * self.size.width)


def fit_parts(text: str, width: int) -> str:
    """Return `text` in at most `width` cells: of its parts between ` · ` the longest one is cut, the others stay whole."""
    parts = text.split(SEPARATOR)
    longest = max(range(len(parts)), key=lambda number: cells(parts[number]))
    room = width - cells(text) + cells(parts[longest])
    if room < LEAST_PART:
        return cut(text, width)
    parts[longest] = cut(parts[longest], room)
    return SEPARATOR.join(parts)


class StatusLine(Widget):
    """The bottom line: the keys of the screen at the left, the state of sync at the right."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $panel; color: $foreground; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    ALLOW_SELECT = False
    _state = ""

    def update_state(self) -> None:
        """Compute the state anew: from the outbox, never from the last attempt."""
        note = cast("Room", self.screen).status_note()
        state = " · ".join(filter(None, (note, *cast("BareApp", self.app).sync_state())))
        if state != self._state:
            self._state = state
            self.refresh()

    def _keys(self) -> list[tuple[str, str]]:
        screen = cast("Room", self.screen)
        return [(c.key_name, _(c.label)) for c in screen.all_keys() if c.footer and c.key_name]

    def _all_keys(self) -> tuple[str, str]:
        wanted = "help" if cast("Room", self.screen).TAKES_TEXT else "keys"
        return next((c.key_name, _(c.label)) for c in cast("BareApp", self.app).EVERYWHERE if c.action == wanted)

    def render(self) -> Content:
        """Draw as many keys as fit, and always the one that shows all of them."""
        all_keys = self._all_keys()
        reserved = _key_width(*all_keys)
        state = f" {cut(clean(self._state, lines=False), max(self.size.width - reserved - 2, 1))} "
        room = self.size.width - cells(state)
        parts: list[tuple[str, str]] = []
        used = 0
        for key, label in self._keys():
            width = _key_width(key, label)
            if used + width + reserved > room:
                break
            parts += _key_parts(key, label)
            used += width
        parts += _key_parts(*all_keys)
        used += reserved
        gap = " " * max(room - used, 0)
        return assemble(*parts, (gap, ""), (state, "$text-muted"))


def _key_parts(key: str, label: str) -> list[tuple[str, str]]:
    return [(f" {key}", "bold $primary"), (f" {label} ", "")]


def _key_width(key: str, label: str) -> int:
    return sum(cells(text) for text, _style in _key_parts(key, label))
