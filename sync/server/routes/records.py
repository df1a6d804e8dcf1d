"""The hot calls: edits come in, the feed goes out; and the history of a single record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import History, Page, Push, Pushed, read_cursor
from sync.server.access import judge
from sync.server.answers import Answer
from sync.server.calls import Asked, Call, Parameter
from sync.server.feed import look_at_feed, read_page, take_feed
from sync.server.history import history_of
from sync.server.push import Push as Taking
from sync.server.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.protocol import Result


def push(asked: Asked) -> Answer:
    """Take the edits of a device in one transaction; the answer is made once that is committed."""
    sent: Push = asked.body
    now = asked.now.isoformat(timespec="milliseconds")

    def work(connection: Connection) -> list[Result]:
        # Rights are read behind the counter row, which every change of rights takes too.
        take_feed(connection, asked.path["team"])
        actor = asked.actor(connection, "write")
        if sent.device != actor.device:
            raise Refused(422, "other_device")
        return Taking(connection, actor, now, judge).take(sent.epoch, sent.ops)

    return Answer.of(Pushed(results=asked.database.write(work)))


def feed(asked: Asked) -> Answer:
    """Return what changed in a team since a cursor, or 304."""
    try:
        epoch, since = read_cursor(asked.query["since"])
    except ValueError:
        raise Refused(422, "cursor") from None

    def work(connection: Connection) -> Answer:
        team = asked.actor(connection, "read").team
        now = look_at_feed(connection, team)
        tag = {"etag": f'"{now.cursor}"'}
        if epoch != now.epoch:
            raise Refused(409, "epoch_changed")
        if since == now.seq:
            return Answer(304, headers=tag)
        page = read_page(
            connection, team, now, since, most_bytes=asked.limits.page_bytes, lineage="lineage" in asked.query
        )
        return Answer(200, page, tag)

    return asked.read(work)


def history(asked: Asked) -> Answer:
    """Return who changed which fields of a record, and when."""

    def work(connection: Connection) -> History:
        return history_of(connection, asked.actor(connection, "history").team, asked.path["record"])

    return Answer.of(asked.read(work))


RECORDS = (
    Call(
        "POST",
        "/v1/teams/{team}/push",
        "Takes edits of a device; says of each what became of it",
        push,
        Pushed,
        takes=Push,
        verb="write",
    ),
    Call(
        "GET",
        "/v1/teams/{team}/feed",
        "Gives a page of what changed since a cursor; 304 where nothing did",
        feed,
        Page,
        asks={"since": Parameter(r"^.{1,180}:[0-9]{1,16}$"), "lineage": Parameter("^1$", needed=False)},
        unchanged=True,
        verb="read",
    ),
    Call(
        "GET",
        "/v1/teams/{team}/records/{record}/history",
        "Tells who changed which fields of a record, and when",
        history,
        History,
        verb="history",
    ),
)
