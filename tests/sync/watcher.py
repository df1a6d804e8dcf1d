"""A watcher: sees every request and every answer of a world, and each laptop's cursor, and says what must not have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import read_cursor
from tests.sync.world import OTHER, TEAM, WORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.engine import Answer, Request
    from tests.sync.hands import Hands
    from tests.sync.laptop import Laptop
    from tests.sync.world import Server

_TEXTS = "SELECT document FROM history"


class Watcher:
    """Watches one world. `broken` is the first thing that must not have been; `taken` are all pushes of this epoch.

    `plain` says that no side forgot anything yet, so that nothing may go to a team which another one has.
    """

    def __init__(self, server: Server, hands: Hands) -> None:
        self.broken = ""
        self.plain = True
        self.taken: list[tuple[str, str, Request]] = []
        self._server = server
        self._hands = hands
        self._stood: dict[str, tuple[str, str, int]] = {}
        self._known: dict[str, set[bytes]] = {TEAM: set(), OTHER: set()}
        self._gone: dict[str, set[str]] = {TEAM: set(), OTHER: set()}

    def asks(self, user: str, device: str, request: Request) -> None:
        """Look at a request before the server answers it, or dies of it."""
        team = request.path.split("/")[3] if request.method == "POST" else ""
        if team and self._server.team_of(user) == team and device not in self._server.revoked:
            self._pushed(team, user, request)

    def saw(self, user: str, device: str, request: Request, answer: Answer) -> None:
        """Look at a request and what the server answered."""
        if answer.status != 200:
            return
        words = set(WORD.findall(answer.body))
        if request.path == "/v1/scopes":
            return
        team = request.path.split("/")[3]
        if self._server.team_of(user) != team or device in self._server.revoked:
            self._say(f"I11: {device} is told of {team}, which it has no right to")
        if request.method == "POST":
            self.taken.append((user, device, request))
        if words - self._known[team]:
            self._say(f"I11: {device} of {team} is told {sorted(words - self._known[team])}")
        told = [key for key in self._gone[team] if b'"id":"%s"' % key.encode() in answer.body]
        if told:
            self._say(f"I11: {device} of {team} is told of {told}, which left it")

    def _pushed(self, team: str, user: str, request: Request) -> None:
        words = set(WORD.findall(request.body))
        if words & self._hands.secret:
            self._say(f"I11: {sorted(words & self._hands.secret)} should stay on the device")
        # What somebody typed is theirs, and follows them where the other team has that record as well.
        foreign = words - self._known[team] - self._hands.typed.get(user, set())
        if foreign & self._known[OTHER if team == TEAM else TEAM] and self.plain:
            self._say(f"I11: {sorted(foreign)} go to {team}, and belong to the other one")
        self._known[team] |= words

    def stands(self, laptop: Laptop) -> None:
        """Look at a laptop's cursor: I6, it never goes back within an epoch, but to the beginning."""
        standing = laptop.exchange.standing
        if not standing.cursor:
            self._stood.pop(laptop.name, None)
            return
        epoch, position = read_cursor(standing.cursor)
        team, told, reached = self._stood.get(laptop.name, (standing.team, epoch, 0))
        if (team, told) == (standing.team, epoch) and position < reached:
            self._say(f"I6: {laptop.name} went back from {reached} to {position}")
        self._stood[laptop.name] = (standing.team, epoch, position)

    def forget(self, laptop: Laptop) -> None:
        """Hear that a laptop is back where it once was."""
        self.plain = False
        self._stood.pop(laptop.name, None)

    def handed(self, ids: Iterable[str], source: str, target: str) -> None:
        """Hear that records went from one team to another."""
        self._gone[source].update(ids)
        self._gone[target].difference_update(ids)
        texts = [text for (text,) in self._server.ask(f"{_TEXTS} WHERE team_id = ?", target)]
        self._known[target] |= set(WORD.findall("".join(texts).encode()))

    def gone(self, team: str) -> set[str]:
        """Return the ids of what left a team."""
        return self._gone.get(team, set())

    def restored(self) -> None:
        """Hear that the server went back to a backup."""
        self.plain = False
        self.taken.clear()
        for team in self._gone:
            here = {key for (key,) in self._server.ask("SELECT record_id FROM record WHERE team_id = ?", team)}
            left = {key for (key,) in self._server.ask("SELECT record_id FROM out_entry WHERE team_id = ?", team)}
            self._gone[team] = left - here

    def kept_by_server(self) -> set[bytes]:
        """Return all words that the server ever took over and still has."""
        return set(WORD.findall("".join(text for (text,) in self._server.ask(_TEXTS)).encode()))

    def _say(self, what: str) -> None:
        self.broken = self.broken or what
