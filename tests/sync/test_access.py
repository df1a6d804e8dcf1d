"""Who may do what: the table of roles, and that whatever is not in it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, strategies as st

from sync.protocol import Scope
from sync.server.access import INVITES, ROLES, SERVER, Verb, actor_in, authorize, judge, may_invite
from sync.server.refusal import Actor, Refused
from tests.sync.office import actor_of, enrolled, invited, make_actor, make_team

if TYPE_CHECKING:
    from sync.server.database import Database

VERBS = get_args(Verb)

MAY = {
    "adviser": "read write history count",
    "lead": "read write history count invite revoke devices hand_over",
    "overseer": "inspect count assign",
    "support": "",
    "administrator": "invite revoke devices teams audit",
}
"""The table as sync.md tells it, written down a second time: a role that grows by a slip is noticed."""


def answer(actor: Actor, verb: Verb, scope: str, reason: str = "because") -> int:
    """Return 200 where something is allowed, and else with what it is refused."""
    try:
        authorize(actor, verb, scope, reason=reason)
    except Refused as refused:
        return refused.status
    return 200


def someone(role: str, team: str = "a") -> Actor:
    return Actor("u", "d", SERVER if role == "administrator" else team, role)


def test_the_roles_are_those_of_the_wire() -> None:
    assert set(get_args(Scope.model_fields["role"].annotation)) == set(ROLES) == set(MAY)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", MAY)
def test_a_role_may_what_the_table_says_and_nothing_else(role: str, verb: Verb) -> None:
    assert answer(someone(role), verb, "a") == (200 if verb in MAY[role].split() else 403)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [role for role in MAY if role != "administrator"])
def test_of_another_team_nobody_learns_even_that_it_is_there(role: str, verb: Verb) -> None:
    assert answer(someone(role), verb, "b") == 404


@pytest.mark.parametrize("role", MAY)
def test_whoever_runs_the_server_reads_no_content(role: str) -> None:
    content = {"read", "write", "history", "inspect", "count", "hand_over", "assign"}
    assert not content & ROLES["administrator"]
    # And a role of a team does not become one of the server by its name.
    assert answer(Actor("u", "d", SERVER, role), "read", "a") in {403, 404}


@given(role=st.text(), verb=st.sampled_from(VERBS), scope=st.text())
def test_what_is_no_role_may_nothing(role: str, verb: Verb, scope: str) -> None:
    if role not in ROLES:
        assert answer(Actor("u", "d", scope, role), verb, scope) == 403


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_single_record_is_looked_at_for_a_reason_only(reason: str) -> None:
    assert answer(someone("overseer"), "inspect", "a", reason) == 403


@pytest.mark.parametrize("wanted", MAY)
@pytest.mark.parametrize("role", MAY)
def test_nobody_makes_more_of_somebody_than_they_are(role: str, wanted: str) -> None:
    scope = SERVER if wanted == "administrator" else "a"
    try:
        may_invite(someone(role), wanted, scope)
        allowed = True
    except Refused:
        allowed = False
    assert allowed == (wanted in INVITES.get(role, ()))
    assert not allowed or role == "administrator" or ROLES[wanted] <= ROLES[role]


def test_administrators_are_of_the_server_and_nobody_else_is() -> None:
    for role, scope in (("administrator", "a"), ("adviser", SERVER), ("lead", SERVER)):
        with pytest.raises(Refused):
            may_invite(someone("administrator"), role, scope)


@pytest.mark.parametrize(
    ("role", "kind", "reason"),
    [
        ("adviser", "visit", ""),
        ("lead", "conflict", ""),
        ("overseer", "deployment", ""),
        ("overseer", "visit", "forbidden"),
        ("support", "visit", "forbidden"),
        ("administrator", "visit", "forbidden"),
        ("administrator", "deployment", "forbidden"),
        ("nobody", "visit", "forbidden"),
    ],
)
def test_which_records_a_role_writes(role: str, kind: str, reason: str) -> None:
    assert judge(someone(role), {"id": "x", "kind": kind}) == reason


def test_a_role_is_read_from_the_database_for_the_team_that_is_asked_for(database: Database) -> None:
    team, other = make_team(database), make_team(database, "Bonn")
    joined = enrolled(database, invited(database, team, "lead"))
    assert actor_of(database, joined) == Actor(joined.user, joined.device, team, "lead")
    for scope in (other, SERVER, "", "%", f"{team}'", "nowhere"):
        with pytest.raises(Refused) as refused:
            actor_of(database, joined, scope or "_")
        assert refused.value.status == 404


def test_a_device_is_its_owners_alone(database: Database) -> None:
    team = make_team(database)
    one, other = make_actor(database, team), make_actor(database, team, "lead")
    with pytest.raises(Refused) as refused:
        database.read(lambda connection: actor_in(connection, other.user, one.device, team))
    assert refused.value.status == 401


def test_an_administrator_reaches_each_team_that_there_is(database: Database) -> None:
    team = make_team(database)
    joined = enrolled(database, invited(database, SERVER, "administrator"))
    assert actor_of(database, joined, team) == Actor(joined.user, joined.device, SERVER, "administrator")
    with pytest.raises(Refused):
        actor_of(database, joined, "nowhere")
