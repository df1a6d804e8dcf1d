"""The feed: the changes of a team in the order of its counter row. A page is a state, so that resuming is asking again."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import and_, bindparam, exists, select, update

from sync.protocol import PAGE_BYTES, Check, Lineage, Out, Page, cursor_of, digest
from sync.server.refusal import Refused
from sync.server.tables import history, out_entry, record, team_feed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection


class Feed(NamedTuple):
    """Where a team's feed stands."""

    seq: int
    epoch: str
    records: int
    folded: str

    @property
    def cursor(self) -> str:
        """The cursor behind its last change."""
        return cursor_of(self.epoch, self.seq)


BLOCK = 200
"""Rows that are fetched at once."""
MOST_OUT = 2000
"""Records that left, on one page: a whole region may have been handed over."""

_COLUMNS = (team_feed.c.seq, team_feed.c.epoch, team_feed.c.records, team_feed.c.folded)

# Statements are built once: making them anew for each request costs more than the database does.
_HERE = team_feed.c.team_id == bindparam("of_team")
_TAKE = update(team_feed).where(_HERE).values(seq=team_feed.c.seq + 0).returning(*_COLUMNS)
_PUT = update(team_feed).where(_HERE)
_LOOK = select(*_COLUMNS).where(_HERE)
_CHANGES = (
    select(record.c.seq, record.c.record_id, record.c.document)
    .where(
        and_(
            record.c.team_id == bindparam("of_team"),
            record.c.seq > bindparam("since"),
            record.c.seq <= bindparam("reached"),
        )
    )
    .order_by(record.c.seq)
    .limit(BLOCK)
)
_GONE = (
    select(out_entry.c.seq, out_entry.c.record_id, out_entry.c.kind)
    .where(
        and_(
            out_entry.c.team_id == bindparam("of_team"),
            out_entry.c.seq > bindparam("since"),
            out_entry.c.seq <= bindparam("reached"),
            # One that came back stands in the feed as it is now; that it was away is no state of it.
            ~exists().where(and_(record.c.team_id == out_entry.c.team_id, record.c.record_id == out_entry.c.record_id)),
        )
    )
    .order_by(out_entry.c.seq)
    .limit(MOST_OUT + 1)
)
_REVISIONS = (
    select(history.c.record_id, history.c.epoch, history.c.document)
    .where(
        and_(
            history.c.team_id == bindparam("of_team"),
            history.c.record_id.in_(bindparam("ids", expanding=True)),
        )
    )
    .order_by(history.c.rev)
)


def take_feed(connection: Connection, team: str) -> Feed:
    """Take the team's counter row, so that its pushes come one after the other; raises `Refused`.

    Must be the first statement of the transaction: whoever read a record before could judge by an old state.
    """
    return _feed(connection.execute(_TAKE, {"of_team": team}).one_or_none())


def put_feed(connection: Connection, team: str, feed: Feed) -> None:
    """Write where the feed stands after the changes of this transaction."""
    moved = {"seq": feed.seq, "records": feed.records, "folded": feed.folded}
    connection.execute(_PUT, {"of_team": team} | moved)


def look_at_feed(connection: Connection, team: str) -> Feed:
    """Return where a team's feed stands; raises `Refused`."""
    return _feed(connection.execute(_LOOK, {"of_team": team}).one_or_none())


def _feed(row: object) -> Feed:
    if row is None:
        # The same answer as for a team of others: nobody learns which there are.
        raise Refused(404, "not_found")
    return Feed(*row)  # type: ignore[misc]


def _lineage(connection: Connection, team: str, ids: list[str]) -> dict[str, Lineage]:
    rows = connection.execute(_REVISIONS, {"of_team": team, "ids": ids})
    epochs: dict[str, str] = {}
    digests: dict[str, list[str]] = {}
    for key, epoch, text in rows:
        epochs[key] = epoch
        digests.setdefault(key, []).append(digest(orjson.loads(text)))
    return {key: Lineage(epoch=epoch, digests=digests[key]) for key, epoch in epochs.items()}


def read_page(
    connection: Connection, team: str, feed: Feed, since: int, *, most_bytes: int = PAGE_BYTES, lineage: bool = False
) -> bytes:
    """Return the changes behind a position up to where `feed` stood, cut by bytes, as the JSON of a `Page`.

    The records go out as the text in which they are stored. The bounds are those of `feed`: what is committed while the page is
    read belongs to the next one. Raises `Refused` for a position ahead of it.
    """
    if since > feed.seq:
        raise Refused(409, "cursor_ahead")
    documents: list[str] = []
    ids: list[str] = []
    positions: list[int] = []
    size, reached, more = 0, since, False
    for seq, key, text in _changes(connection, team, since, feed.seq):
        if documents and size + len(text) > most_bytes:
            more = True
            break
        documents.append(text)
        ids.append(key)
        positions.append(seq)
        size, reached = size + len(text), int(seq)
    reached = reached if more else feed.seq
    gone = connection.execute(_GONE, {"of_team": team, "since": since, "reached": reached}).all()
    if len(gone) > MOST_OUT:
        gone, more = gone[:MOST_OUT], True
        reached = int(gone[-1].seq)
        kept = bisect_right(positions, reached)
        documents, ids = documents[:kept], ids[:kept]
    around = Page(
        records=[],
        out=[Out(record=entry.record_id, kind=entry.kind) for entry in gone],
        lineage=_lineage(connection, team, ids) if lineage else {},
        cursor=cursor_of(feed.epoch, reached),
        more=more,
        total=feed.records if since == 0 else None,
        check=None if more else Check(count=feed.records, xor=feed.folded),
    )
    return orjson.dumps(around.model_dump() | {"records": [orjson.Fragment(text) for text in documents]})


def _changes(connection: Connection, team: str, since: int, reached: int) -> Iterator[tuple[int, str, str]]:
    """Yield position, id and text of the changes, in blocks: nobody fetches a million rows to send the first few hundred."""
    rows: Sequence[Any] = ()
    while not rows or len(rows) == BLOCK:
        rows = connection.execute(_CHANGES, {"of_team": team, "since": since, "reached": reached}).all()
        if not rows:
            return
        yield from ((row.seq, row.record_id, row.document) for row in rows)
        since = rows[-1].seq
