"""A server with something in it: two teams, people with devices, records with a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import func, select

from sync.check import check_of
from sync.protocol import make_op
from sync.server.access import judge
from sync.server.audit import Entry, first_break
from sync.server.database import Database
from sync.server.feed import look_at_feed
from sync.server.folder import ServerFolder
from sync.server.people import CONSOLE, add_team, invite, redeem
from sync.server.push import Push
from sync.server.refusal import Actor
from sync.server.tables import audit, history, metadata, receipt, record, team_feed

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from models.records import Document


SECRET = b"a secret of thirty-two bytes ..."


class Joined(NamedTuple):
    """A device of a test, with its token."""

    token: str
    user: str
    device: str


def folder_at(url: str, path: Path) -> ServerFolder:
    """Return a server's folder whose database is at `url`: SQLite's own file lies there as `server.db`."""
    folder = ServerFolder(path)
    folder.use("" if url.startswith("sqlite") else url)
    folder.keep_secret(SECRET)
    return folder


def join(database: Database, secret: bytes, team: str, name: str = "Anna") -> Joined:
    """Bring somebody with a device into a team."""
    now = database.clock.now()
    code = database.write(lambda connection: invite(connection, secret, team, "adviser", name, CONSOLE, now))
    joined = database.write(lambda connection: redeem(connection, secret, code, f"Laptop {name}", now))
    return Joined(joined.token, joined.user, joined.device)


def make_team(database: Database, name: str) -> str:
    """Make a team and return its id."""
    return database.write(lambda connection: add_team(connection, name, "05", database.clock.now()))


def write(database: Database, team: str, by: Joined, key: str, **changes: Any) -> Document:
    """Write a task as a device would, and return it as it stands."""

    def work(connection: Connection) -> Document:
        epoch = look_at_feed(connection, team).epoch
        mine = (receipt.c.team_id == team) & (receipt.c.device_id == by.device)
        number = int(connection.execute(select(func.max(receipt.c.n)).where(mine)).scalar() or 0) + 1
        base = _document(connection, team, key)
        said = {"text": "Aufgabe", **changes} if base is None else changes
        op = make_op(number, key, "task", base, said)
        (result,) = Push(connection, Actor(by.user, by.device, team, "adviser"), _now(database), judge).take(
            epoch, [op]
        )
        assert result.status == "applied", result
        document = _document(connection, team, key)
        assert document is not None
        return document

    return database.write(work)


def _now(database: Database) -> str:
    return database.clock.now().isoformat(timespec="milliseconds")


def _document(connection: Connection, team: str, key: str) -> Document | None:
    chosen = select(record.c.document).where((record.c.team_id == team) & (record.c.record_id == key))
    text = connection.execute(chosen).scalar()
    return None if text is None else orjson.loads(text)


def filled(database: Database, secret: bytes) -> dict[str, Joined]:
    """Put two teams into a database; returns their ids with a device of each."""
    there: dict[str, Joined] = {}
    for name in ("Paderborn", "Höxter"):
        team = make_team(database, name)
        there[team] = join(database, secret, team)
        for number in range(5):
            write(database, team, there[team], f"t{number}", notes=f"{name} {number} ž")
        write(database, team, there[team], "t0", text="Geändert")
    return there


def everything(database: Database, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, sorted."""
    tables = [table for table in metadata.sorted_tables if table.name not in but]

    def work(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {table.name: sorted(tuple(row) for row in connection.execute(select(table))) for table in tables}

    return database.read(work)


def is_sound(database: Database) -> bool:
    """Tell whether each team has what its counter row says, and an audit as it was written."""

    def work(connection: Connection) -> bool:
        return all(_team_is_sound(connection, team) for team in connection.scalars(select(team_feed.c.team_id)).all())

    return database.read(work)


def _team_is_sound(connection: Connection, team: str) -> bool:
    feed = look_at_feed(connection, team)
    rows = connection.execute(select(record.c.record_id, record.c.rev).where(record.c.team_id == team))
    check = check_of((key, int(rev)) for key, rev in rows)
    latest = select(func.count()).select_from(history).where(history.c.team_id == team)
    chosen = (
        select(*(audit.c[name] for name in ("number", "at", "user_id", "device_id", "verb", "subject", "chain")))
        .where(audit.c.team_id == team)
        .order_by(audit.c.number)
    )
    return (
        (check.count, check.xor) == (feed.records, feed.folded)
        and (connection.execute(latest).scalar() or 0) >= feed.records
        and first_break(Entry(*row) for row in connection.execute(chosen)) is None
    )
