"""People and their devices: how one comes in, and how that ends."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import select, text

from models.clock import FixedClock
from sync.server.access import SERVER
from sync.server.audit import Entry, first_break
from sync.server.devices import admit, devices, identify, revoke, rotate
from sync.server.people import CONSOLE, add_team, members, redeem, remove, scopes_of, set_role, teams
from sync.server.refusal import Refused
from sync.server.tables import audit, invitation, metadata
from tests.sync.office import SECRET, actor_of, enrolled, invited, make_actor, make_team

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from sync.server.database import Database
    from sync.server.people import Joined


def refused(work: Callable[[], object]) -> tuple[int, str]:
    """Return with what `work` is refused."""
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.status, caught.value.code


def told(database: Database, team: str) -> list[tuple[str, dict[str, object]]]:
    """Return what a team's audit says, and that its chain is whole."""
    columns = (
        audit.c.number,
        audit.c.at,
        audit.c.user_id,
        audit.c.device_id,
        audit.c.verb,
        audit.c.subject,
        audit.c.chain,
    )
    rows = database.read(
        lambda connection: connection.execute(
            select(*columns).where(audit.c.team_id == team).order_by(audit.c.number)
        ).all()
    )
    assert first_break(Entry(*row) for row in rows) is None
    return [(row.verb, orjson.loads(row.subject)) for row in rows]


def later(database: Database, **span: float) -> None:
    """Let time pass."""
    assert isinstance(database.clock, FixedClock)
    database.clock.advance(timedelta(**span))


def who(database: Database, token: str) -> str:
    """Return whose token it is, or why it is refused."""
    try:
        return admit(database, SECRET, token).user
    except Refused as refusal:
        return f"{'' if refusal.status == 401 else refusal.status}{refusal.code}"


@pytest.fixture
def team(database: Database) -> str:
    """A team."""
    return make_team(database)


@pytest.fixture
def anna(database: Database, team: str) -> Joined:
    """A person with a device in it."""
    return enrolled(database, invited(database, team))


def test_a_team_has_a_name_of_its_own(database: Database, team: str) -> None:
    assert [(one.name, one.district, one.members) for one in database.read(teams)] == [("Köln", "382", 0)]
    assert refused(lambda: make_team(database, "  Köln ")) == (409, "name_taken")
    assert refused(lambda: make_team(database, " ")) == (422, "malformed")
    now = database.clock.now()
    work = lambda: database.write(lambda connection: add_team(connection, "Bonn", "3" * 300, now))  # noqa: E731
    assert refused(work) == (422, "malformed")
    assert told(database, SERVER) == [("add_team", {"team": team})]


def test_only_administrators_make_teams(database: Database, team: str) -> None:
    lead = make_actor(database, team, "lead")
    now = database.clock.now()
    work = lambda: database.write(lambda connection: add_team(connection, "Bonn", "382", now, lead))  # noqa: E731
    assert refused(work) == (404, "not_found")


def test_a_code_makes_a_person_a_device_and_a_role(database: Database, team: str) -> None:
    joined = enrolled(database, invited(database, team, "lead"))
    assert database.read(lambda connection: members(connection, team)) == [(joined.user, "Anna Ast", "lead")]
    (device,) = database.read(lambda connection: devices(connection, team))
    assert (device.device, device.name, device.person, device.seen_at) == (joined.device, "Laptop", "Anna Ast", "")
    (scope,) = database.read(lambda connection: scopes_of(connection, joined.user))
    assert (scope.team, scope.name, scope.role) == (team, "Köln", "lead")
    assert who(database, joined.token) == joined.user


def test_a_code_may_be_typed_as_people_type(database: Database, team: str) -> None:
    code = invited(database, team)
    assert enrolled(database, f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'L')} ").team == team


def test_a_code_is_used_once(database: Database, team: str) -> None:
    code = invited(database, team)
    enrolled(database, code)
    assert refused(lambda: enrolled(database, code)) == (410, "used")
    assert len(database.read(lambda connection: members(connection, team))) == 1


def test_of_many_who_use_a_code_at_once_one_comes_in(database: Database, team: str) -> None:
    code, now = invited(database, team), database.clock.now()
    start = threading.Barrier(6, timeout=20)

    def attempt(number: int) -> str:
        start.wait()
        try:
            database.write(lambda connection: redeem(connection, SECRET, code, f"Laptop {number}", now))
        except Refused as refusal:
            return refusal.code
        return "in"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["in", *["used"] * 5]
    assert len(database.read(lambda connection: devices(connection, team))) == 1


def test_a_code_lasts_72_hours(database: Database, team: str) -> None:
    in_time, too_late = invited(database, team), invited(database, team)
    later(database, hours=71, minutes=59)
    enrolled(database, in_time)
    later(database, minutes=1)
    assert refused(lambda: enrolled(database, too_late)) == (410, "expired")


@pytest.mark.parametrize(
    "code",
    ["", "0000-0000-0000", "x", "AAAA-AAAA-AAAU", "%' OR 1=1", "\0" * 12],
    ids=["empty", "other", "short", "no letter of ours", "sql", "nul"],
)
def test_a_wrong_code_is_not_known(database: Database, team: str, code: str) -> None:
    invited(database, team)
    assert refused(lambda: enrolled(database, code)) == (404, "unknown_code")


def test_a_device_needs_a_name_and_loses_what_would_harm_a_screen(database: Database, team: str) -> None:
    code, now = invited(database, team), database.clock.now()

    def redeemed(name: str) -> Joined:
        return database.write(lambda connection: redeem(connection, SECRET, code, name, now))

    for name in ("", " ", "x" * 81):
        assert refused(lambda name=name: redeemed(name)) == (422, "malformed")  # type: ignore[misc]
    redeemed("Lap\x1b[2Jtop\n\u202e")
    (device,) = database.read(lambda connection: devices(connection, team))
    assert not set(device.name) & {"\x1b", "\n", "\u202e"}


def test_nothing_that_opens_a_door_lies_in_the_database(database: Database, team: str) -> None:
    code = invited(database, team)
    joined = enrolled(database, code)
    fresh = database.write(lambda connection: rotate(connection, SECRET, joined.token, database.clock.now()))
    whole = database.read(
        lambda connection: repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    )
    for secret in (code, code.replace("-", ""), joined.token, fresh, SECRET.decode()):
        assert secret not in whole


def test_a_token_is_256_bits_and_no_two_are_alike(database: Database, team: str) -> None:
    tokens = {enrolled(database, invited(database, team)).token for _number in range(5)}
    assert len(tokens) == 5
    assert all(len(token) - len("fbt_") == 43 for token in tokens)


@pytest.mark.parametrize(
    "token",
    ["", "x", "fbt_", "x" * 5000, "\0", "ä" * 40, "' OR 1=1 --", "\ud800"],
    ids=["empty", "short", "beginning", "long", "nul", "umlauts", "sql", "surrogate"],
)
def test_a_wrong_token_is_nobodys(database: Database, anna: Joined, token: str) -> None:
    assert who(database, token) == "unknown_token"


def test_a_token_of_another_server_is_nobodys(database: Database, anna: Joined) -> None:
    work = lambda: admit(database, b"another server's secret", anna.token)  # noqa: E731
    assert refused(work) == (401, "unknown_token")


def renewed(database: Database, token: str) -> str:
    """Return a new token for the device of an old one."""
    return database.write(lambda connection: rotate(connection, SECRET, token, database.clock.now()))


def test_an_old_token_lives_until_the_new_one_is_used(database: Database, anna: Joined) -> None:
    fresh = renewed(database, anna.token)
    assert who(database, anna.token) == anna.user
    assert who(database, fresh) == anna.user
    assert who(database, anna.token) == "superseded"


def test_an_old_token_lives_24_hours_at_most(database: Database, anna: Joined) -> None:
    fresh = renewed(database, anna.token)
    later(database, hours=23, minutes=59)
    assert who(database, anna.token) == anna.user
    later(database, minutes=1)
    assert who(database, anna.token) == "expired"
    assert who(database, fresh) == anna.user


def test_a_device_that_never_heard_of_its_new_token_gets_another_one(database: Database, anna: Joined) -> None:
    lost = renewed(database, anna.token)
    later(database, hours=20)
    fresh = renewed(database, anna.token)
    assert who(database, lost) == "unknown_token"
    later(database, hours=4)
    assert who(database, anna.token) == "expired", "asking again does not make an old token live longer"
    assert who(database, fresh) == anna.user


def test_a_token_that_is_no_longer_good_gets_no_other_one(database: Database, anna: Joined) -> None:
    who(database, renewed(database, anna.token))
    assert refused(lambda: renewed(database, anna.token)) == (401, "superseded")


def test_rotating_again_and_again_leaves_one_token_that_is_good(database: Database, anna: Joined) -> None:
    used = [anna.token]
    for _round in range(4):
        used.append(renewed(database, used[-1]))
        assert who(database, used[-1]) == anna.user
    assert [who(database, token) for token in used] == [*["superseded"] * 4, anna.user]


def test_a_revoked_device_is_out_at_once_with_all_its_tokens(database: Database, team: str, anna: Joined) -> None:
    lead = make_actor(database, team, "lead")
    fresh, now = renewed(database, anna.token), database.clock.now()
    database.write(lambda connection: revoke(connection, lead, team, anna.device, now))
    assert who(database, anna.token) == who(database, fresh) == "revoked"
    assert refused(lambda: renewed(database, anna.token)) == (401, "revoked")
    assert refused(lambda: actor_of(database, anna)) == (401, "revoked")
    revoked = {
        device.device: device.revoked_at for device in database.read(lambda connection: devices(connection, team))
    }
    assert revoked[anna.device]
    assert not revoked[lead.device]
    verbs = [verb for verb, _subject in told(database, team)]
    assert verbs == ["invite", "enrol", "invite", "enrol", "revoke"]


def test_a_lead_ends_the_access_of_the_own_teams_devices_only(database: Database, team: str, anna: Joined) -> None:
    bonn = make_team(database, "Bonn")
    stranger, now = make_actor(database, bonn, "lead"), database.clock.now()
    for named in (team, bonn):
        work = lambda named=named: database.write(  # noqa: E731
            lambda connection: revoke(connection, stranger, named, anna.device, now)
        )
        assert refused(work) == (404, "not_found")
    assert who(database, anna.token) == anna.user


def test_what_a_lost_device_invited_does_not_come_in(database: Database, team: str) -> None:
    lead = enrolled(database, invited(database, team, "lead"))
    by = actor_of(database, lead)
    code, now = invited(database, team, by=by), database.clock.now()
    database.write(lambda connection: revoke(connection, CONSOLE, team, lead.device, now))
    assert refused(lambda: enrolled(database, code)) == (404, "unknown_code")


def test_the_audit_tells_once_an_hour_that_a_token_was_refused(database: Database, team: str, anna: Joined) -> None:
    now = database.clock.now()
    database.write(lambda connection: revoke(connection, CONSOLE, team, anna.device, now))

    def times() -> int:
        return sum(verb == "refused" for verb, _subject in told(database, SERVER))

    for _round in range(3):
        who(database, anna.token)
    assert times() == 1
    later(database, minutes=61)
    who(database, anna.token)
    assert times() == 2


def test_when_a_device_was_last_there_is_known_to_ten_minutes(database: Database, team: str, anna: Joined) -> None:
    def seen() -> str:
        return database.read(lambda connection: devices(connection, team))[0].seen_at

    who(database, anna.token)
    first = seen()
    assert first
    later(database, minutes=9)
    who(database, anna.token)
    assert seen() == first
    later(database, minutes=2)
    who(database, anna.token)
    assert seen() > first


def test_asking_whose_a_token_is_changes_nothing(database: Database, anna: Joined) -> None:
    fresh, now = renewed(database, anna.token), database.clock.now()
    assert database.read(lambda connection: identify(connection, SECRET, fresh, now)).user == anna.user
    assert who(database, anna.token) == anna.user


def test_a_person_in_two_teams_sees_both_from_every_device(database: Database, team: str, anna: Joined) -> None:
    bonn = make_team(database, "Bonn")
    second = enrolled(database, invited(database, bonn, "lead", user=anna.user))
    assert second.user == anna.user
    scopes = database.read(lambda connection: scopes_of(connection, anna.user))
    assert [(scope.name, scope.role) for scope in scopes] == [("Bonn", "lead"), ("Köln", "adviser")]
    assert actor_of(database, anna, bonn).role == "lead"
    assert actor_of(database, second, team).role == "adviser"


def test_a_lead_makes_no_device_for_somebody_of_another_team_too(database: Database, team: str, anna: Joined) -> None:
    bonn = make_team(database, "Bonn")
    lead = make_actor(database, team, "lead")
    assert enrolled(database, invited(database, team, by=lead, user=anna.user)).user == anna.user
    enrolled(database, invited(database, bonn, user=anna.user))
    assert refused(lambda: invited(database, team, by=lead, user=anna.user)) == (404, "not_found")
    stranger = make_actor(database, bonn, "lead")
    only_here = make_actor(database, team)
    assert refused(lambda: invited(database, bonn, by=stranger, user=only_here.user)) == (404, "not_found")
    assert refused(lambda: invited(database, bonn, user="nobody")) == (404, "not_found")


def changed_role(database: Database, team: str, user: str, role: str) -> None:
    """Change a person's role; without one, end it."""
    now = database.clock.now()

    def work(connection: Connection) -> None:
        if role:
            set_role(connection, CONSOLE, team, user, role, now)
        else:
            remove(connection, CONSOLE, team, user, now)

    database.write(work)


def test_a_change_of_role_holds_from_the_next_request_on(database: Database, team: str, anna: Joined) -> None:
    changed_role(database, team, anna.user, "lead")
    assert actor_of(database, anna).role == "lead"
    changed_role(database, team, anna.user, "")
    assert refused(lambda: actor_of(database, anna)) == (404, "not_found")
    assert database.read(lambda connection: scopes_of(connection, anna.user)) == []
    assert who(database, anna.token) == anna.user
    assert refused(lambda: changed_role(database, team, anna.user, "")) == (404, "not_found")


def test_no_code_undoes_a_change_of_role(database: Database, team: str) -> None:
    lead = enrolled(database, invited(database, team, "lead"))
    for_them = invited(database, team, "lead", user=lead.user)
    by_them = invited(database, team, "lead", by=actor_of(database, lead))
    changed_role(database, team, lead.user, "adviser")
    for code in (for_them, by_them):
        assert refused(lambda code=code: enrolled(database, code)) == (404, "unknown_code")  # type: ignore[misc]


def test_the_last_administrator_stays(database: Database) -> None:
    first = make_actor(database, SERVER, "administrator")
    assert refused(lambda: changed_role(database, SERVER, first.user, "")) == (409, "last_administrator")
    make_actor(database, SERVER, "administrator")
    changed_role(database, SERVER, first.user, "")


def test_a_name_is_kept_with_the_person_and_not_with_the_code(database: Database, team: str) -> None:
    enrolled(database, invited(database, team))
    forgotten = invited(database, team)
    assert names_of_codes(database) == ["", "Anna Ast"]
    later(database, days=34)
    invited(database, team)
    assert refused(lambda: enrolled(database, forgotten)) == (404, "unknown_code")


def names_of_codes(database: Database) -> list[str]:
    """Return the names that stand with invitations."""
    return sorted(database.read(lambda connection: connection.execute(select(invitation.c.name)).scalars().all()))


def test_every_event_is_in_the_audit_without_names_or_codes(database: Database, team: str, anna: Joined) -> None:
    who(database, renewed(database, anna.token))
    changed_role(database, team, anna.user, "lead")
    changed_role(database, team, anna.user, "")
    assert [verb for verb, _subject in told(database, team)] == ["invite", "enrol", "set_role", "remove"]
    assert [verb for verb, _subject in told(database, SERVER)] == ["add_team", "rotate"]
    said = repr((told(database, team), told(database, SERVER)))
    for private in ("Anna", "Laptop", "Köln", anna.token):
        assert private not in said


def test_a_changed_row_of_the_audit_is_found(database: Database, team: str, anna: Joined) -> None:
    database.write(lambda connection: connection.execute(text("UPDATE audit SET verb = 'nothing' WHERE number = 1")))
    with pytest.raises(AssertionError):
        told(database, team)
