"""Restoring: a backup becomes what the server has, in a new epoch, so that every device brings what was made since."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update

from models.errors import NotFound, StoreDamaged
from models.store.backup import stamp
from sync.server.access import SERVER
from sync.server.audit import Audit
from sync.server.backup import back_up, unpacked
from sync.server.folder import SECRET, sync_file, sync_folder
from sync.server.refusal import Actor
from sync.server.schema import state, upgrade
from sync.server.snapshot import copy, opened, put_snapshot, sqlite, take_snapshot
from sync.server.tables import device, invitation, membership, person, team, team_feed, token

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from sync.server.backup import Manifest, Unpacked
    from sync.server.folder import ServerFolder

PEOPLE = (person, membership, device, token, invitation)
"""Who may come in. What was closed since a backup is not opened again by putting it back."""
OPERATOR = Actor("operator", "", SERVER, "administrator")


class Restored(NamedTuple):
    """What a restore did: the state before it lies in `kept`; `people` tells whether rights and devices are today's.

    `gone` are the names of the teams that were made since the backup.
    """

    manifest: Manifest
    kept: Path | None
    people: bool
    gone: list[str]


def restore(folder: ServerFolder, file: Path, moment: datetime) -> Restored:
    """Put a backup in the place of what the server has; `moment` is local. No other server may run in the folder.

    Where the state before it can still be read and is of the same server, its people and devices stay as they are today.
    Raises `ImportRefused` for a file that is no backup or not whole; nothing was changed then.
    """
    with unpacked(file, folder.path) as backup:
        upgrade(sqlite(backup.database))
        gone = _todays_people(folder, backup) if _same_server(folder, backup) else None
        with opened(backup.database) as connection:
            _new_epochs(connection, moment)
        kept = _keep(folder, moment)
        folder.keep_secret(backup.secret, replace=True)
        if folder.own_database:
            sync_file(backup.database)
            folder.hand_over(backup.database)
            backup.database.replace(folder.sqlite)
            sync_folder(folder.path)
        else:
            put_snapshot(backup.database, folder.address())
        return Restored(backup.manifest, kept, gone is not None, gone or [])


def _same_server(folder: ServerFolder, backup: Unpacked) -> bool:
    with suppress(NotFound, StoreDamaged):
        return secrets.compare_digest(folder.secret(), backup.secret)
    return False


def _todays_people(folder: ServerFolder, backup: Unpacked) -> list[str] | None:
    """Put today's people into a backup; returns the names of teams that it lacks, `None` where today cannot be read."""
    if folder.own_database and not folder.sqlite.exists():
        return None
    today = backup.database.with_name("today.db")
    try:
        take_snapshot(folder.address(), folder.sqlite, today)
        upgrade(sqlite(today))
    except (StoreDamaged, OSError):
        return None
    with opened(today) as now, opened(backup.database) as then:
        for table in PEOPLE:
            then.execute(delete(table))
            copy(table, now, then)
        # A team made since is not in the backup, and with it nobody's place in it.
        teams = list(then.execute(select(team.c.team_id)).scalars())
        for table in (membership, invitation):
            then.execute(delete(table).where(table.c.team_id.not_in([SERVER, *teams])))
        made_since = select(team.c.name).where(team.c.team_id.not_in(teams)).order_by(team.c.name)
        return list(now.execute(made_since).scalars())


def _new_epochs(connection: Connection, moment: datetime) -> None:
    at = moment.astimezone(UTC).isoformat(timespec="seconds")
    for name in connection.execute(select(team_feed.c.team_id)).scalars().all():
        epoch = secrets.token_hex(8)
        connection.execute(update(team_feed).where(team_feed.c.team_id == name).values(epoch=epoch))
        audit = Audit(connection, name)
        audit.note(OPERATOR, at, "restore", {"epoch": epoch})
        audit.write()


def _keep(folder: ServerFolder, moment: datetime) -> Path | None:
    """Put aside what the server has now, in whatever state it is; returns where."""
    name = f"before-restore-{stamp(moment)}"
    if not folder.own_database:
        if state(folder.address()) == "missing":
            return None
        return back_up(folder, folder.path / f"{name}.zip", moment)[0]
    if not folder.sqlite.exists():
        return None
    place = folder.path / name
    place.mkdir(mode=0o700)
    # Its journal goes into the file first, where it still can: the file alone is then all of it.
    with suppress(sqlite3.Error), closing(sqlite3.connect(folder.sqlite)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # A second name rather than another one: until the backup takes its place there is always a database.
    os.link(folder.sqlite, place / folder.sqlite.name)
    with suppress(NotFound, StoreDamaged):
        (place / SECRET).write_bytes(folder.secret())
        (place / SECRET).chmod(0o600)
    for ending in ("-wal", "-shm"):
        journal = folder.sqlite.with_name(folder.sqlite.name + ending)
        if journal.exists():
            journal.rename(place / journal.name)
    sync_folder(place)
    return place
