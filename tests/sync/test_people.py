"""People and their devices: how one comes in, what one may do, and how that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.server.people import CONSOLE, add_team, teams

if TYPE_CHECKING:
    from sync.server.database import Database


def test_a_team_is_made_once(database: Database) -> None:
    now = database.clock.now()
    database.write(lambda connection: add_team(connection, "Köln", "382", now, CONSOLE))
    (team,) = database.read(teams)
    assert (team.name, team.district, team.members) == ("Köln", "382", 0)
