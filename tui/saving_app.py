"""SavingApp: an app that writes in a thread of its own, and keeps keys in their order around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual import events

from tui.bare_app import BareApp
from tui.saving import Saving

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.timer import Timer

BLINK = 0.2
"""Seconds that a save may take before it is spoken of; for as long, keys that were typed after it wait for its end."""

AT_MOST = 3.0
"""Seconds after which keys go on even if nobody has said that the key before them has had its effect."""


@dataclass(slots=True)
class Held:
    """Keys that were typed after one that saves; `acted` says that it has had its effect."""

    timer: Timer
    acted: bool = False
    events: list[events.Key | events.Paste] = field(default_factory=list)


class SavingApp(BareApp):
    """Writes with `saving`; what is typed after a key that saves waits for the end of it, for a blink.

    To a person a save is over at once: what is typed next is meant for what lies below. Where the disk hangs, the screen
    stays in sight, and from then on keys act on it. None is lost, and none gets into the record that was being saved.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing to write."""
        super().__init__(*args, **kwargs)
        self.saving = Saving(self)
        self.saving_lasts = False
        self._saving_timer: Timer | None = None
        self._held: Held | None = None

    async def on_unmount(self) -> None:
        """Write what was asked for before the fieldbook is closed."""
        await self.saving.close()

    def saving_changed(self) -> None:
        """Speak of what is being saved after a blink, and no more once it is written."""
        if self.saving.busy:
            if self._saving_timer is None:
                self._saving_timer = self.set_timer(BLINK, self._speak_of_saving)
            return
        if self._saving_timer is not None:
            self._saving_timer.stop()
            self._saving_timer = None
        if self.saving_lasts:
            self.saving_lasts = False
            self.show_state()
        self.call_later(self._release)

    def _speak_of_saving(self) -> None:
        self.saving_lasts = True
        self.show_state()

    def show_state(self) -> None:
        """Say anew on the screens in sight where saving stands."""
        raise NotImplementedError

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Hold back what is typed after a key that saves."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._held is not None:
                self._held.events.append(event)
                return
            if isinstance(event, events.Key) and self._holds(event.key):
                held = self._hold()
                target: DOMNode = self.focused or self.screen
                await super().on_event(event)
                target.call_later(self._follow_up, held, target)
                return
        await super().on_event(event)

    def _holds(self, key: str) -> bool:
        return bool(self.screen_stack) and key in getattr(self.screen, "HOLDING_KEYS", ())

    def hold_keys(self, *, until_written: bool = False) -> None:
        """Hold back keys until what was asked for is written, for a blink at most if it is not worth a longer wait."""
        held = self._hold()
        self._has_acted(held)
        if until_written:
            held.timer.stop()

    def _hold(self) -> Held:
        if self._held is None:
            self._held = Held(self.set_timer(AT_MOST, self._let_go))
        return self._held

    def _has_acted(self, held: Held) -> None:
        if held is self._held and not held.acted:
            held.acted = True
            held.timer.stop()
            held.timer = self.set_timer(BLINK, self._let_go)
            self.call_later(self._release)

    def _follow_up(self, held: Held, here: DOMNode) -> None:
        # The key goes from parent to parent, and this comes after it: at the end one of them has acted on it, or none does.
        if here.parent is not None:
            here.parent.call_later(self._follow_up, held, here.parent)
        else:
            self._has_acted(held)

    async def _release(self) -> None:
        if self._held is not None and self._held.acted and not self.saving.busy:
            await self._let_go()

    async def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.timer.stop()
            for event in held.events:
                await self.on_event(event)
