"""The history of a record: who changed which fields when. Names of fields, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, select

from sync.merge import changed
from sync.protocol import Change, History
from sync.server.refusal import Refused
from sync.server.tables import history, person, record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records import Document

MOST_CHANGES = 500
FETCHED = 20
"""Revisions that are in memory at a time."""


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
        # Never all at once: a record's revisions may be large and many.
        .execution_options(yield_per=FETCHED)
    )
    changes: list[Change] = []
    newer: tuple[Any, Document] | None = None
    for row in rows:
        document: Document = orjson.loads(row.document)
        if newer is not None:
            changes.append(_change(*newer, document))
        newer = row, document
    more = len(changes) == most
    if newer is not None and not more:
        changes.append(_change(*newer, {}))
    return History(changes=changes, more=more)


def _change(row: Any, document: Document, before: Document) -> Change:
    return Change(
        rev=int(row.rev),
        at=row.at,
        user=row.user_id,
        name=row.name or "",
        device=row.device_id,
        fields=changed(before, document),
    )
