"""The only place that touches what Textual keeps private; tests/tui/test_textual_private.py fails when it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.binding import NoBinding
from textual.screen import Screen

from models.errors import FeldbuchError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import Binding
    from textual.message import Message
    from textual.widget import Widget

Result = TypeVar("Result")


class TellingApp(App[Result]):
    """An app that goes on after an error that it could tell its user.

    Textual stops the message loop in which an error came up: an app that ended so would stand still. What can be told is
    therefore caught before the loop sees it, in the app as in its screens; what comes up in a widget gets here last.
    """

    def tell(self, error: FeldbuchError) -> None:
        """Tell the user of `error`."""
        raise NotImplementedError

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except FeldbuchError as error:
            self.tell(error)

    def _handle_exception(self, error: Exception) -> None:
        if isinstance(error, FeldbuchError):
            self.tell(error)
        else:
            super()._handle_exception(error)


class TellingScreen(Screen[Result]):
    """A screen of a `TellingApp`, which goes on as well."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except FeldbuchError as error:
            app = self.app
            assert isinstance(app, TellingApp)  # noqa: S101 - for the type checker
            app.tell(error)


def own_bindings(widget: Widget, key: str) -> list[Binding]:
    """Return the bindings that a widget's own class declares for `key`, without those of its parents."""
    try:
        return widget._bindings.get_bindings_for_key(key)  # noqa: SLF001
    except NoBinding:
        return []


def all_screens(app: App[Any]) -> list[Screen[Any]]:
    """Return the screens of all modes, those that lie below others included."""
    return [screen for stack in app._screen_stacks.values() for screen in stack]  # noqa: SLF001


def give_up_keys(widget: Widget, keys: Iterable[str]) -> None:
    """Take `keys` from a widget's own bindings, so that the screen's commands get them."""
    for key in keys:
        widget._bindings.key_to_bindings.pop(key, None)  # noqa: SLF001
