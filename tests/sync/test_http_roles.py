"""Every call and every role, from the server's own description: allowed, forbidden, or not there at all."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from sync.protocol import Push, cursor_of, make_op, sha_of
from tests.sync.served import task

if TYPE_CHECKING:
    from tests.sync.served import Badge, Served

ROLES = ("adviser", "lead", "overseer", "support", "administrator")
TEAM = {
    "read": {"adviser", "lead"},
    "write": {"adviser", "lead"},
    "history": {"adviser", "lead"},
    "invite": {"lead", "administrator"},
    "devices": {"lead", "administrator"},
    "revoke": {"lead", "administrator"},
}
"""Which roles may what in their team, as it was decided; written here once more so that a slip in the server's table shows."""


class Told(NamedTuple):
    """A call as the description tells it."""

    name: str
    method: str
    path: str
    verb: str
    signed: bool


def calls_of(served: Served) -> list[Told]:
    """Return all calls of the description."""
    return [
        Told(call["operationId"], method.upper(), path, call.get("x-verb", ""), "security" in call)
        for path, methods in served.app.openapi()["paths"].items()
        for method, call in methods.items()
    ]


async def ask(served: Served, call: Told, badge: Badge | None, team: str, device: str) -> tuple[int, str]:
    """Ask for a call with what it needs; returns the status and the code of a problem."""
    path = call.path.replace("{team}", team).replace("{record}", "t1").replace("{device}", device)
    # Not the epoch of the team: whoever may not is told so before anything else is looked at.
    path += f"?since={cursor_of('e', 0)}" if call.name == "feed" else ""
    said: dict[str, Any] = {
        "push": Push(device=badge.device if badge else "d", epoch="e", ops=[task(1, "t9")]).model_dump(),
        "invite_somebody": {"role": "adviser", "name": "Clara"},
        "enrol": {"code": "AAAA-BBBB-CCCC", "name": "Laptop"},
    }
    answer = await served.ask(call.method, path, badge, said.get(call.name))
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


async def test_every_call_answers_every_role_as_the_table_says(served: Served) -> None:
    anna = served.badge(served.koeln, name="Anna")
    await served.push(served.koeln, anna, task(1))
    allowed = {200, 201, 204, 409}
    seen: set[str] = set()
    for role in ROLES:
        badge = served.badge(served.koeln, role, role)
        for call in calls_of(served):
            victim = served.badge(served.koeln).device if call.verb == "revoke" else ""
            status, code = await ask(served, call, badge, served.koeln, victim)
            if call.name == "enrol":
                assert (status, code) == (404, "unknown_code")
            elif not call.verb or role in TEAM[call.verb]:
                assert status in allowed, (role, call, status, code)
            else:
                assert (status, code) == (403, "forbidden"), (role, call, status, code)
            seen.add(call.verb)
    assert seen == {"", *TEAM}
    assert [document["id"] for document in await served.records(served.koeln, anna)] == ["t1"]


async def test_without_a_token_only_hello_and_enrolling_are_open(served: Served) -> None:
    for call in calls_of(served):
        status, code = await ask(served, call, None, served.koeln, "d1")
        assert call.signed == (call.name not in ("hello", "enrol"))
        assert not call.signed or (status, code) == (401, "unknown_token"), call


async def test_another_team_does_not_exist_and_stays_as_it_was(served: Served) -> None:
    bernd = served.badge(served.bonn, name="Bernd")
    await served.push(served.bonn, bernd, task(1))
    badges = {role: served.badge(served.koeln, role) for role in ROLES}
    for role, call in product(ROLES, calls_of(served)):
        if call.verb and role != "administrator":
            badge = badges[role]
            assert await ask(served, call, badge, served.bonn, bernd.device) == (404, "not_found"), call
            assert await ask(served, call, badge, "no-such-team", bernd.device) == (404, "not_found"), call
    assert [document["rev"] for document in await served.records(served.bonn, bernd)] == [1]
    assert (await served.ask("GET", "/v1/scopes", bernd)).status_code == 200


async def test_an_administrator_knows_of_teams_and_reads_nothing_in_them(served: Served) -> None:
    administrator = served.badge("", "administrator")
    for call in calls_of(served):
        if call.verb in ("read", "write", "history"):
            assert await ask(served, call, administrator, served.koeln, "d") == (403, "forbidden")
            assert await ask(served, call, administrator, "no-such-team", "d") == (404, "not_found")


async def test_a_record_of_another_team_is_reached_neither_by_its_id_nor_by_changing_the_team(served: Served) -> None:
    bernd, anna = served.badge(served.bonn, name="Bernd"), served.badge(served.koeln)
    await served.push(served.bonn, bernd, task(1, "secret", text="Von Bonn"))
    (theirs,) = await served.records(served.bonn, bernd)
    by_id = await served.ask("GET", f"/v1/teams/{served.koeln}/records/secret/history", anna)
    assert (by_id.status_code, by_id.json()) == (404, {"code": "not_found"})
    edit = make_op(1, "secret", "task", theirs, {"text": "Von Köln", "team": served.bonn})
    (result,) = (await served.push(served.koeln, anna, edit)).json()["results"]
    assert (result["status"], result["reason"]) == ("rejected", "unknown_base")
    assert await served.records(served.bonn, bernd) == [theirs]


async def test_what_is_the_servers_to_say_nobody_sets(served: Served) -> None:
    anna = served.badge(served.koeln)
    op = task(1).model_dump()
    for name, how in product(["rev", "updated_by", "updated_at", "device", "id", "kind"], ["changes", "removed"]):
        said = make_op_anyway(op | {how: {name: 7} if how == "changes" else [name]})
        answer = await served.push(served.koeln, anna, task(1), ops=[said])
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert await served.records(served.koeln, anna) == []


async def test_a_message_with_more_than_it_may_say_is_refused(served: Served) -> None:
    anna, op = served.badge(served.koeln), task(1).model_dump()
    for extra in ({"role": "lead"}, {"seq": 1}, {"team": "x"}, {"device": "other"}):
        for changed in (extra, {"ops": [make_op_anyway(op | extra)]}):
            assert (await served.push(served.koeln, anna, task(1), **changed)).status_code == 422
    assert await served.records(served.koeln, anna) == []


def make_op_anyway(op: dict[str, Any]) -> dict[str, Any]:
    """Return an edit with the checksum that belongs to it, whatever it says."""
    said = {name: value for name, value in op.items() if name != "sha"}
    return said | {"sha": sha_of(said)}


async def test_a_private_note_is_taken_from_nobody_and_is_nowhere(served: Served) -> None:
    anna, lead = served.badge(served.koeln), served.badge(served.koeln, "lead", "Lena")
    answer = await served.push(
        served.koeln, anna, task(1, confidentiality="privat", text="Nur für mich"), task(2, "t2")
    )
    assert [result["status"] for result in answer.json()["results"]] == ["rejected", "applied"]
    page = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={served.beginning(served.koeln)}", lead)
    assert (page.json()["total"], [document["id"] for document in page.json()["records"]]) == (1, ["t2"])
    assert "Nur für mich" not in page.text
    assert (await served.ask("GET", f"/v1/teams/{served.koeln}/records/t1/history", lead)).status_code == 404


async def test_what_looks_like_a_statement_or_a_pattern_is_a_name_and_nothing_else(served: Served) -> None:
    lead = served.badge(served.koeln, "lead")
    await served.push(served.koeln, lead, task(1))
    team = f"/v1/teams/{served.koeln}"
    for said in ("'; DROP TABLE record; --", "%", "_", "\\", "%25", "t%", "..%2f..", "\0", "t1' OR '1'='1", "x" * 201):
        name = quote(said, safe="")
        for method, path in (
            ("GET", f"{team}/records/{name}/history"),
            ("DELETE", f"{team}/devices/{name}"),
            ("GET", f"/v1/teams/{name}/devices"),
            ("GET", f"/v1/teams/{name}/feed?since=e:0"),
        ):
            answer = await served.ask(method, path, lead)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert len(await served.records(served.koeln, lead)) == 1


CURSORS = (
    ("{epoch}:999", 409, "cursor_ahead"),
    ("{other}:0", 409, "epoch_changed"),
    ("before:1", 409, "epoch_changed"),
    ("{epoch}:-1", 422, "since"),
    ("{epoch}:1e3", 422, "since"),
    ("{epoch}:99999999999999999999", 422, "since"),
    ("{epoch}:9999999999999999", 422, "cursor"),
    ("{epoch}:²", 422, "since"),
    ("text", 422, "since"),
    ("", 422, "since"),
)


async def test_a_cursor_that_this_feed_never_gave_is_refused_with_a_code(served: Served) -> None:
    anna = served.badge(served.koeln)
    await served.push(served.koeln, anna, task(1))
    for cursor, status, code in CURSORS:
        said = cursor.format(epoch=served.epoch(served.koeln), other=served.epoch(served.bonn))
        answer = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={said}", anna)
        assert (answer.status_code, answer.json()["code"]) == (status, code), cursor


async def test_an_id_that_a_database_cannot_keep_is_refused(served: Served) -> None:
    lead = served.badge(served.koeln, "lead")
    for record in ("a\0b", "\x1b[2J", "\u202eabc", ""):
        op = make_op_anyway(task(1).model_dump() | {"record": record})
        assert (await served.push(served.koeln, lead, task(1), ops=[op])).status_code == 422
    message = {"role": "adviser", "name": "Clara", "user": "\0"}
    answer = await served.ask("POST", f"/v1/teams/{served.koeln}/invitations", lead, message)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert await served.records(served.koeln, lead) == []


async def test_a_push_for_another_epoch_or_another_device_changes_nothing(served: Served) -> None:
    anna, bernd = served.badge(served.koeln), served.badge(served.koeln, name="Bernd")
    for changed, status, code in (
        ({"epoch": served.epoch(served.bonn)}, 409, "epoch_changed"),
        ({"device": bernd.device}, 422, "other_device"),
    ):
        answer = await served.push(served.koeln, anna, task(1), **changed)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await served.records(served.koeln, anna) == []
