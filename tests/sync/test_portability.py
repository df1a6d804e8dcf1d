"""Portability: whatever the server says to a database, every SQL database of that kind understands, in parts or as one."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, schema
from sqlalchemy.dialects import postgresql, sqlite

from sync.protocol import make_op
from sync.server.access import SERVER, actor_in
from sync.server.database import Database
from sync.server.devices import admit, devices, revoke, rotate
from sync.server.handover import belongings, hand_over
from sync.server.history import history_of
from sync.server.people import CONSOLE, members, remove, scopes_of, set_role, teams
from sync.server.schema import state, upgrade
from sync.server.tables import metadata
from tests.sync.office import SECRET, an_edit, enrolled, invited, make_actor, make_team, page_of, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.clock import FixedClock

ONE_DATABASES_OWN = re.compile(
    r"nextval|currval|\bserial\b|bigserial|sequence|\bidentity\b|autoincrement|advisory|\blisten\b|\bnotify\b|trigger"
    r"|create (or replace )?function|->|@>|<@|#>|\?\||jsonb?|\barray\b|\bilike\b|lock table|\bctid\b|\browid\b|create temp"
    r"|date_trunc|now\(\)|current_timestamp|unlogged|without rowid",
    re.IGNORECASE,
)
OF_PEOPLE = {"person", "device", "token", "invitation"}
"""Tables that belong to no team: a person may be in several, and whoever redeems a code says nothing of a team."""


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect all statements that any engine runs."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def everything_once(database: Database) -> None:
    """Do whatever the server does with its database."""
    now = database.clock.now()
    koeln, bonn = make_team(database), make_team(database, "Bonn")
    joined = enrolled(database, invited(database, koeln, "lead"))
    anna, bernd = make_actor(database, koeln, "lead"), make_actor(database, bonn, "lead")
    fresh = database.write(lambda connection: rotate(connection, SECRET, joined.token, now))
    admit(database, SECRET, fresh)
    send(database, anna, [an_edit(1), an_edit(2, "t2")])
    page = page_of(database, koeln, lineage=True)
    base = next(document for document in page.records if document["id"] == "t1")
    send(database, anna, [an_edit(2, "t2"), make_op(3, "t1", "task", base, {"text": "neu"})])
    send(database, anna, [make_op(4, "t1", "task", base, {"text": "anders"})])
    send(database, bernd, [an_edit(1, "t2")])
    database.write(lambda connection: hand_over(connection, anna, ["t1", "t2"], bonn, now))
    page_of(database, koeln, lineage=True)
    database.write(lambda connection: set_role(connection, CONSOLE, bonn, joined.user, "adviser", now))
    database.write(lambda connection: remove(connection, CONSOLE, bonn, joined.user, now))
    database.write(lambda connection: revoke(connection, anna, koeln, joined.device, now))
    with pytest.raises(Exception, match="revoked"):
        admit(database, SECRET, fresh)
    enrolled(database, invited(database, SERVER, "administrator"))

    def look(connection: Any) -> None:
        teams(connection)
        members(connection, koeln)
        devices(connection, koeln)
        scopes_of(connection, joined.user)
        history_of(connection, bonn, "t1")
        belongings(connection, bonn, "900001")
        actor_in(connection, anna.user, anna.device, koeln)

    database.read(look)


def test_no_statement_needs_what_only_one_database_has(empty_url: str, clock: FixedClock) -> None:
    with listening() as said:
        upgrade(empty_url)
        state(empty_url)
        database = Database.open(empty_url, clock=clock)
        everything_once(database)
        database.close()
    # What the tools ask of the catalogue is their own business, and they know each database's.
    ours = [statement for statement in said if "pg_catalog" not in statement and "sqlite_master" not in statement]
    assert len(ours) > 150
    assert [statement for statement in ours if ONE_DATABASES_OWN.search(statement)] == []


def test_every_statement_about_what_a_team_has_names_the_team(database: Database) -> None:
    with listening() as said:
        everything_once(database)
    of_teams = re.compile(rf"\b({'|'.join(metadata.tables.keys() - OF_PEOPLE - {'team', 'membership'})})\b")
    about = [statement for statement in said if of_teams.search(statement)]
    assert len(about) > 50
    assert [statement for statement in about if "team_id" not in statement] == []


def test_whatever_a_team_has_is_found_by_the_team_first() -> None:
    for table in metadata.sorted_tables:
        key = [column.name for column in table.primary_key]
        assert (key[0] == "team_id") == (table.name not in OF_PEOPLE), table.name
    for table in metadata.sorted_tables:
        for index in table.indexes:
            names = [column.name for column in index.columns]
            assert table.name in OF_PEOPLE | {"membership"} or names[0] == "team_id", index.name


@pytest.mark.parametrize("dialect_of", [postgresql.dialect, sqlite.dialect])
def test_no_table_needs_what_only_one_database_has(dialect_of: Any) -> None:
    for table in metadata.sorted_tables:
        parts: list[schema.ExecutableDDLElement] = [
            schema.CreateTable(table),
            *(schema.CreateIndex(index) for index in table.indexes),
        ]
        for part in parts:
            compiled = str(part.compile(dialect=dialect_of()))
            assert not ONE_DATABASES_OWN.search(compiled)
            assert not re.search("foreign key|default|check", compiled, re.IGNORECASE), compiled


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT nextval('x')",
        "id SERIAL",
        "SELECT document->>'a'",
        "SELECT pg_advisory_lock(1)",
        "LISTEN x",
        "LOCK TABLE x",
    ],
)
def test_the_test_would_notice(statement: str) -> None:
    assert ONE_DATABASES_OWN.search(statement)
