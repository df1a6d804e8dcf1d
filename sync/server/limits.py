"""What the server takes of one request, of one device and of one address. Sizes in bytes, spans in seconds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from sync.protocol import MOST_BYTES, PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once, and `a_second` more with every second."""

    burst: float
    a_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server. `at_once` requests are worked on or wait; more are told to come back."""

    body_bytes: int = MOST_BYTES
    body_seconds: float = 120.0
    chunk_seconds: float = 15.0
    page_bytes: int = PAGE_BYTES
    held_bytes: int = 256 * 1024 * 1024
    """Of all bodies that are being read or wait for their turn, together."""
    at_once: int = 1000
    at_once_device: int = 8
    threads: int = 8
    """That read, and as many that write."""
    device: Rate = field(default=Rate(1000, 50))
    wrong_codes: Rate = field(default=Rate(10, 1 / 90))
    """Invitation codes that were not right, by address: ten, then one every minute and a half."""
    wrong_tokens: Rate = field(default=Rate(200, 2))


class Buckets:
    """Counts what each key took. Knows the keys that were used last, so that inventing keys does not fill the memory."""

    def __init__(self, rate: Rate, *, most_keys: int = 10_000) -> None:
        """Give every key its own allowance."""
        self._rate = rate
        self._most = most_keys
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Return 0, or after how many seconds there is one again; `now` is in seconds of any clock."""
        left = self._left_of(key, now)
        return 0.0 if left >= 1 else (1 - left) / self._rate.a_second

    def take(self, key: str, now: float) -> float:
        """Take one where there is one; returns what `wait` would have."""
        wait = self.wait(key, now)
        self._left[key] = (self._left_of(key, now) - (0 if wait else 1), now)
        self._left.move_to_end(key)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait

    def _left_of(self, key: str, now: float) -> float:
        left, then = self._left.get(key, (self._rate.burst, now))
        # A clock that was set back gives nothing and takes nothing.
        return min(self._rate.burst, left + max(0.0, now - then) * self._rate.a_second)


class Lately:
    """The keys that were noted last."""

    def __init__(self, most: int = 10_000) -> None:
        """Know at most `most` keys."""
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def note(self, key: str) -> None:
        """Remember a key."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)

    def forget(self, key: str) -> None:
        """Forget a key."""
        self._keys.pop(key, None)
