"""What the server's tests begin with: a team, people with devices in it, edits that they send, and the feed that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.protocol import PAGE, make_op, read_cursor
from sync.server.access import actor_in, judge
from sync.server.feed import look_at_feed, read_page
from sync.server.people import CONSOLE, Joined, add_team, invite, redeem
from sync.server.push import Push

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.protocol import Op, Page, Result
    from sync.server.database import Database
    from sync.server.refusal import Actor

SECRET = b"a secret of the tests' own, 32 by"


def make_team(database: Database, name: str = "Köln") -> str:
    """Make a team and return its id."""
    now = database.clock.now()
    return database.write(lambda connection: add_team(connection, name, "382", now))


def invited(database: Database, team: str, role: str = "adviser", by: Actor = CONSOLE, user: str = "") -> str:
    """Return an invitation's code."""
    now = database.clock.now()
    return database.write(lambda connection: invite(connection, SECRET, team, role, "Anna Ast", by, now, user=user))


def enrolled(database: Database, code: str) -> Joined:
    """Redeem a code."""
    now = database.clock.now()
    return database.write(lambda connection: redeem(connection, SECRET, code, "Laptop", now))


def make_actor(database: Database, team: str, role: str = "adviser") -> Actor:
    """Make a person with a device in a team and return both as who asks."""
    joined = enrolled(database, invited(database, team, role))
    return actor_of(database, joined)


def actor_of(database: Database, joined: Joined, team: str = "") -> Actor:
    """Return who asks from an enrolled device; raises `Refused` where the person has no role."""
    return database.read(lambda connection: actor_in(connection, joined.user, joined.device, team or joined.team))


def an_edit(n: int, record: str = "t1", **changes: Any) -> Op:
    """Return an edit that makes a task."""
    return make_op(n, record, "task", None, {"text": "Aufgabe"} | changes)


def send(database: Database, actor: Actor, ops: Sequence[Op], epoch: str = "") -> list[Result]:
    """Push edits as a device does; in the present epoch unless told otherwise. Raises `Refused`."""
    now = database.clock.now().isoformat()
    epoch = epoch or database.read(lambda connection: look_at_feed(connection, actor.team).epoch)
    return database.write(lambda connection: Push(connection, actor, now, judge).take(epoch, ops))


def page_of(database: Database, team: str, cursor: str = "", **options: Any) -> Page:
    """Return a page of a team's feed behind a cursor; raises `Refused`."""
    since = read_cursor(cursor)[1] if cursor else 0
    return PAGE.validate_json(
        database.read(lambda connection: read_page(connection, team, look_at_feed(connection, team), since, **options))
    )


def whole_feed(database: Database, team: str, **options: Any) -> list[Page]:
    """Return all pages of a team's feed."""
    pages = [page_of(database, team, **options)]
    while pages[-1].more:
        pages.append(page_of(database, team, pages[-1].cursor, **options))
    return pages
