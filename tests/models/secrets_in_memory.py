"""A system's keyring in memory, for tests: it can be empty, and it can refuse."""

from __future__ import annotations


class SecretsInMemory:
    """Keeps secrets as long as the test runs; one that is `locked` gives nothing out and takes nothing."""

    def __init__(self) -> None:
        """Begin empty and open."""
        self.kept: dict[str, str] = {}
        self.locked = False

    def available(self) -> bool:
        """Tell whether it is open."""
        return not self.locked

    def get(self, name: str) -> str | None:
        """Return a secret."""
        return None if self.locked else self.kept.get(name)

    def set(self, name: str, secret: str) -> bool:
        """Keep a secret."""
        if not self.locked:
            self.kept[name] = secret
        return not self.locked

    def delete(self, name: str) -> None:
        """Forget a secret."""
        if not self.locked:
            self.kept.pop(name, None)
