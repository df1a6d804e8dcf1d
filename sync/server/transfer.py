"""Transfer: a whole team as JSON lines, out of one server and into another. Readable with any tool, complete or refused.

The first line names the team, the last one counts and vouches for all before it. Between them, each line one object of one
name: `person`, `record` in the order of the feed, `revision` (the history), `out`, `audit`. Devices and codes stay behind.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import insert, select

from models.errors import ImportRefused
from models.i18n import _
from models.text import clean, clean_tree
from sync.check import NOTHING, fold
from sync.merge import canonical
from sync.protocol import RECORD_BYTES, Document, Name, Number
from sync.server.audit import Audit
from sync.server.refusal import Refused
from sync.server.tables import audit, history, membership, out_entry, person, record, team, team_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Row, Select, Table

    from sync.server.refusal import Actor

FORMAT = 1
ROWS = 500
LONGEST_LINE = 4 * 1024 * 1024


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Head(_Line):
    format: Number
    team: Name
    name: Annotated[str, Field(max_length=200)]
    district: Annotated[str, Field(max_length=200)]
    created_at: Annotated[str, Field(max_length=40)]
    epoch: Name
    made: Annotated[str, Field(max_length=40)]


class _Person(_Line):
    user_id: Name
    name: Annotated[str, Field(max_length=200)]
    created_at: Annotated[str, Field(max_length=40)]


class _Stored(_Line):
    record_id: Name
    rev: Annotated[int, Field(ge=1, le=2**53)]
    document: Document


class _Record(_Stored):
    kind: Name


class _Revision(_Stored):
    epoch: Annotated[str, Field(max_length=200)]
    user_id: Annotated[str, Field(max_length=200)]
    device_id: Annotated[str, Field(max_length=200)]
    at: Annotated[str, Field(max_length=40)]


class _Out(_Line):
    record_id: Name
    kind: Name


class _Audit(_Line):
    number: Number
    at: Annotated[str, Field(max_length=40)]
    user_id: Annotated[str, Field(max_length=200)]
    device_id: Annotated[str, Field(max_length=200)]
    verb: Annotated[str, Field(max_length=200)]
    subject: str
    chain: Annotated[str, Field(max_length=200)]


class _End(_Line):
    lines: Number
    sha256: str


_LINES: Final[dict[str, type[_Line]]] = {
    "head": _Head,
    "person": _Person,
    "record": _Record,
    "revision": _Revision,
    "out": _Out,
    "audit": _Audit,
    "end": _End,
}


class Moved(BaseModel):
    """What was written or brought in."""

    team: str
    name: str
    records: int
    revisions: int
    audit: int


def export_team(connection: Connection, team_id: str, now: str, write: Callable[[bytes], object]) -> Moved:
    """Write all lines of a team, as it stands at one moment; raises `Refused` where there is no such team."""
    digest, counts = hashlib.sha256(), dict.fromkeys(_LINES, 0)

    def put(name: str, said: Document) -> None:
        line = orjson.dumps({name: said}) + b"\n"
        digest.update(line)
        counts[name] += 1
        write(line)

    head = connection.execute(
        select(team.c.name, team.c.district, team.c.created_at, team_feed.c.epoch)
        .join(team_feed, team_feed.c.team_id == team.c.team_id)
        .where(team.c.team_id == team_id)
    ).one_or_none()
    if head is None:
        raise Refused(404, "no_such_team")
    put("head", {"format": FORMAT, "team": team_id, "made": now, **_named(head)})
    for name, chosen in _chosen(team_id):
        for row in _rows(connection, chosen):
            put(name, row)
    lines = sum(counts.values())
    write(orjson.dumps({"end": {"lines": lines, "sha256": digest.hexdigest()}}) + b"\n")
    return Moved(
        team=team_id, name=head.name, records=counts["record"], revisions=counts["revision"], audit=counts["audit"]
    )


def _chosen(team_id: str) -> list[tuple[str, Select[Any]]]:
    def of(table: Table, fields: Iterable[str], *order: str) -> Select[Any]:
        return (
            select(*(table.c[name] for name in fields))
            .where(table.c.team_id == team_id)
            .order_by(*(table.c[name] for name in order))
        )

    # Whoever wrote something, so that the history still has names when they left the team.
    writers = select(history.c.user_id).where(history.c.team_id == team_id)
    members = select(membership.c.user_id).where(membership.c.team_id == team_id)
    people = select(person.c.user_id, person.c.name, person.c.created_at).where(
        person.c.user_id.in_(writers.union(members))
    )
    return [
        ("person", people.order_by(person.c.user_id)),
        ("record", of(record, _Record.model_fields, "seq")),
        ("revision", of(history, _Revision.model_fields, "record_id", "rev")),
        ("out", of(out_entry, _Out.model_fields, "seq")),
        ("audit", of(audit, _Audit.model_fields, "number")),
    ]


def _rows(connection: Connection, chosen: Select[Any]) -> Iterator[Document]:
    with connection.execution_options(yield_per=ROWS).execute(chosen) as rows:
        for row in rows:
            said = _named(row)
            if "document" in said:
                said["document"] = orjson.loads(said["document"])
            yield said


def _named(row: Row[*tuple[Any, ...]]) -> Document:
    # SQLAlchemy's names are a kind of text of its own, which JSON does not take.
    return {str(name): value for name, value in row._asdict().items()}


def import_team(connection: Connection, lines: Iterable[bytes], now: str, actor: Actor) -> Moved:
    """Bring a team in, in a new epoch and without members; raises `ImportRefused` for a file that is not whole.

    The caller's transaction must end with the error, so that nothing of it stays.
    """
    return _Import(connection, now, actor).take(lines)


class _Import:
    """One import: rows are collected and written by hundreds."""

    def __init__(self, connection: Connection, now: str, actor: Actor) -> None:
        self._connection = connection
        self._now = now
        self._actor = actor
        self._team = ""
        self._seq = 0
        self._folded = NOTHING
        self._counts = dict.fromkeys(_LINES, 0)
        self._waiting: dict[str, list[Document]] = {}

    def take(self, lines: Iterable[bytes]) -> Moved:
        digest, head, ended = hashlib.sha256(), None, False
        for number, line in enumerate(lines, 1):
            name, said = _read(line, number)
            if ended or (number == 1) != isinstance(said, _Head):
                raise _refused(number)
            if isinstance(said, _End):
                if (said.lines, said.sha256) != (number - 1, digest.hexdigest()):
                    raise _refused(number)
                ended = True
                continue
            digest.update(line)
            self._counts[name] += 1
            if isinstance(said, _Head):
                head = said
                self._begin(said)
            else:
                self._put(name, said, number)
        if head is None or not ended:
            raise ImportRefused(_("Die Datei ist nicht vollständig. Nichts wurde übernommen."))
        self._end()
        return Moved(
            team=head.team,
            name=clean(head.name, lines=False),
            records=self._counts["record"],
            revisions=self._counts["revision"],
            audit=self._counts["audit"],
        )

    def _begin(self, head: _Head) -> None:
        if head.format > FORMAT:
            raise ImportRefused(
                _(
                    "Die Datei hat eine neuere Version geschrieben. Nichts wurde übernommen. Bitte Feldbuch aktualisieren."
                )
            )
        name = clean(head.name, lines=False)
        there = select(team.c.team_id).where((team.c.team_id == head.team) | (team.c.name == name))
        if self._connection.execute(there).first() is not None:
            raise ImportRefused(_("Das Team „{name}“ gibt es hier schon. Nichts wurde übernommen.").format(name=name))
        self._team = head.team
        values = {"name": name, "district": clean(head.district, lines=False), "created_at": head.created_at}
        self._connection.execute(insert(team).values(team_id=head.team, **values))

    def _put(self, name: str, said: _Line, number: int) -> None:
        row = said.model_dump()
        if isinstance(said, _Person):
            known = select(person.c.user_id).where(person.c.user_id == said.user_id)
            if self._connection.execute(known).first() is None:
                row["name"] = clean(said.name, lines=False)
                self._connection.execute(insert(person).values(**row))
            return
        row["team_id"] = self._team
        if isinstance(said, _Stored):
            row["document"] = orjson.dumps(_document(said, number)).decode()
        if isinstance(said, _Record | _Out):
            self._seq += 1
            row["seq"] = self._seq
        if isinstance(said, _Record):
            self._folded = fold(self._folded, said.record_id, said.rev)
        rows = self._waiting.setdefault(name, [])
        rows.append(row)
        if len(rows) >= ROWS:
            self._flush(name)

    def _flush(self, name: str) -> None:
        if rows := self._waiting.pop(name, []):
            self._connection.execute(insert(_TABLES[name]), rows)

    def _end(self) -> None:
        for name in list(self._waiting):
            self._flush(name)
        feed = {"seq": self._seq, "records": self._counts["record"], "folded": self._folded}
        self._connection.execute(insert(team_feed).values(team_id=self._team, epoch=secrets.token_hex(8), **feed))
        noted = Audit(self._connection, self._team)
        noted.note(self._actor, self._now, "import", {"records": self._counts["record"]})
        noted.write()


_TABLES = {"record": record, "revision": history, "out": out_entry, "audit": audit}


def _read(line: bytes, number: int) -> tuple[str, _Line]:
    if len(line) > LONGEST_LINE or not line.endswith(b"\n"):
        raise _refused(number)
    try:
        said = orjson.loads(line)
        ((name, content),) = said.items()
        return name, _LINES[name].model_validate(content)
    except (ValueError, AttributeError, KeyError, ValidationError) as error:
        raise _refused(number) from error


def _document(said: _Stored, number: int) -> Document:
    """Return a record's content as it may be stored; raises `ImportRefused` for what no device could have sent."""
    document: Document = clean_tree(said.document)
    fits = (document.get("id"), document.get("rev")) == (said.record_id, said.rev)
    if isinstance(said, _Record):
        fits = fits and document.get("kind") == said.kind
    private = document.get("confidentiality") == "privat"
    if not fits or private or len(canonical(document)) > RECORD_BYTES:
        raise _refused(number)
    return document


def _refused(number: int) -> ImportRefused:
    return ImportRefused(
        _("Zeile {number} ist nicht lesbar oder passt nicht zu den anderen. Nichts wurde übernommen.").format(
            number=number
        )
    )
