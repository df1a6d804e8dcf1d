"""The history of a record: who changed which fields when. Names of fields, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlalchemy import and_, select

from sync.merge import changed
from sync.protocol import Change, History
from sync.server.refusal import Refused
from sync.server.tables import history, person, record

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_CHANGES = 500


def history_of(connection: Connection, team: str, record_id: str, *, most: int = MOST_CHANGES) -> History:
    """Return the latest changes of a record that a team has now, the newest one first; raises `Refused`."""
    here = and_(record.c.team_id == team, record.c.record_id == record_id)
    if connection.execute(select(record.c.rev).where(here)).first() is None:
        raise Refused(404, "not_found")
    rows = connection.execute(
        select(history.c.rev, history.c.at, history.c.user_id, history.c.device_id, history.c.document, person.c.name)
        .outerjoin_from(history, person, person.c.user_id == history.c.user_id)
        .where(and_(history.c.team_id == team, history.c.record_id == record_id))
        .order_by(history.c.rev.desc())
        .limit(most + 1)
    ).all()
    documents = [orjson.loads(row.document) for row in rows]
    before = [*documents[1:], {}]
    changes = [
        Change(
            rev=int(row.rev),
            at=row.at,
            user=row.user_id,
            name=row.name or "",
            device=row.device_id,
            fields=changed(old, new),
        )
        for row, new, old in zip(rows, documents, before, strict=True)
    ]
    return History(changes=changes[:most], more=len(changes) > most)
