"""Person: somebody who works with the app in a test: presses keys, types, and looks at what the screen says."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.keys import _character_to_key

from tui.widgets.fields.row import FieldRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot
    from textual.widget import Widget

    from tui.app import FeldbuchApp

PATIENCE = 30.0
"""Seconds that a person waits for something to appear; it is there at once, on a busy machine a little later."""


class Person:
    """One person at the keyboard. Keys are counted, text is not: it has to be typed in any program."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        """Sit down at the app that `pilot` drives."""
        self._pilot = pilot
        self.keys_pressed = 0

    @property
    def app(self) -> FeldbuchApp:
        """The app."""
        return cast("FeldbuchApp", self._pilot.app)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each once its effect can be seen."""
        for key in keys:
            self.keys_pressed += 1
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await self._pilot.pause()

    async def press_in_one_go(self, keys: str) -> None:
        """Press single-character keys faster than the screen can follow."""
        self.keys_pressed += len(keys)
        for character in keys:
            self.app.post_message(events.Key(_character_to_key(character), character))
        await self._pilot.pause()

    async def type(self, text: str) -> None:
        """Type text, as fast as it goes: all its characters are there before the first one is shown."""
        for character in text:
            key = "enter" if character == "\n" else _character_to_key(character)
            self.app.post_message(events.Key(key, character))
        await self._pilot.pause()

    async def paste(self, text: str) -> None:
        """Put in text from the clipboard."""
        assert self.app.screen.focused is not None
        self.app.screen.focused.post_message(events.Paste(text))
        await self._pilot.pause()

    def screen_text(self) -> str:
        """Return what stands on the uppermost screen, line by line."""
        # Textual has no public way to a screen's text; the compositor is what it draws from.
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def messages(self) -> list[str]:
        """Return what was said at the top right and is still there."""
        return [str(message.message) for message in self.app._notifications]

    def sees_now(self, text: str) -> bool:
        """Tell whether `text` is on the screen or among the messages at this moment, whatever its line breaks."""
        wanted = " ".join(text.split())
        return any(wanted in " ".join(said.split()) for said in (self.screen_text(), *self.messages()))

    async def sees(self, *texts: str) -> None:
        """Wait until all texts are there; fails with the whole screen where one does not come."""
        for text in texts:
            await self.until(lambda text=text: self.sees_now(text), f"„{text}“")  # type: ignore[misc]

    async def sees_no_more(self, text: str) -> None:
        """Wait until a text is gone."""
        await self.until(lambda: not self.sees_now(text), f"no „{text}“")

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait for a condition."""
        end = monotonic() + PATIENCE
        while not condition():
            if monotonic() > end:
                raise AssertionError(f"{what} did not come. On the screen:\n{self.screen_text()}\n{self.messages()}")
            await self._pilot.pause()

    async def leaves(self) -> None:
        """Wait until the program has ended by itself."""
        await self.until(lambda: not self.app.is_running, "The end")

    async def goes_to_field(self, label: str) -> None:
        """Go with Tab, or with Shift and Tab where that is nearer, to the field with this label."""
        screen = self.app.screen
        await self.until(lambda: screen.focused is not None, "The first field")
        await self.until(lambda: label in map(_label, screen.focus_chain), f"The field „{label}“")
        chain = screen.focus_chain
        here = chain.index(screen.focused) if screen.focused in chain else 0
        way = [_label(widget) for widget in chain].index(label) - here
        key = "tab" if way > 0 else "shift+tab"
        self.keys_pressed += abs(way)
        for _ in range(abs(way)):
            self.app.post_message(events.Key(key, None))
        await self.until(lambda: self.field() == label, f"The cursor in „{label}“")

    def field(self) -> str:
        """Return the label of the field in use; empty where none is."""
        return _label(self.app.screen.focused)

    def entered(self) -> str:
        """Return what stands in the field in use."""
        focused = self.app.screen.focused
        entered = getattr(focused, "entered", None)
        return str(entered()) if entered is not None else ""

    async def fills_in(self, label: str, text: str) -> None:
        """Go to a field and replace what stands there."""
        await self.goes_to_field(label)
        if self.entered():
            await self.press("home", "shift+end", "delete")
        await self.type(text)


def _label(widget: Widget | None) -> str:
    row = widget.parent if widget is not None else None
    return row.kind.label if isinstance(row, FieldRow) else ""
