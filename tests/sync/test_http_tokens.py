"""Who gets in: tokens and invitation codes, wrong ones above all."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import event, select

from models.clock import FixedClock
from sync.protocol import Push
from sync.server.access import SERVER
from sync.server.devices import revoke
from sync.server.limits import Limits, Rate
from sync.server.people import CONSOLE, remove
from sync.server.tables import audit
from tests.sync.served import task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection

    from tests.sync.served import Badge, Served

STRANGE = [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Bearer  x",
    "Basic YTpi",
    "Bearer " + "a" * 5000,
    "Bearer a b",
]


async def test_what_cannot_be_a_token_is_refused_in_the_same_words_and_without_a_query(served: Served) -> None:
    asked: list[str] = []
    for engine in {served.database._engines.reader, served.database._engines.writer}:
        event.listen(engine, "before_cursor_execute", lambda *all_of_it: asked.append(all_of_it[2]))
    answers = [await served.ask("GET", "/v1/scopes")]
    answers += [await served.ask("GET", "/v1/scopes", headers={"authorization": said}) for said in STRANGE]
    async with served.client() as client:
        twice = [("authorization", f"Bearer {'a' * 47}"), ("authorization", f"Bearer {'b' * 47}")]
        answers.append(await client.get("/v1/scopes", headers=twice))
    assert asked == []
    answers.append(await served.ask("GET", "/v1/scopes", "fbt_" + "A" * 43))
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {b'{"code":"unknown_token"}'}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


async def test_a_token_in_the_address_is_refused_and_never_logged(served: Served) -> None:
    anna = served.badge(served.koeln)
    for name in ("token", "access_token", "authorization"):
        answer = await served.ask("GET", f"/v1/scopes?{name}={anna.token}")
        assert answer.status_code == 422
        answer = await served.ask("GET", f"/v1/scopes?{name}={anna.token}", anna)
        assert (answer.status_code, answer.json()) == (422, {"code": "query"})
    await served.ask("GET", f"/v1/{anna.token}")
    assert anna.token not in served.log.getvalue()


async def test_a_revoked_a_superseded_and_an_expired_token_say_so_and_are_audited(served: Served) -> None:
    assert isinstance(served.clock, FixedClock)
    lead, anna, bernd = (
        served.badge(served.koeln, role, name) for role, name in (("lead", "L"), ("adviser", "A"), ("adviser", "B"))
    )
    await served.ask("DELETE", f"/v1/teams/{served.koeln}/devices/{anna.device}", lead)
    fresh = (await served.ask("POST", "/v1/devices/rotate", bernd)).json()["token"]
    await served.ask("GET", "/v1/scopes", fresh)
    await served.ask("POST", "/v1/devices/rotate", fresh)
    served.clock.advance(timedelta(hours=24))
    for token, code in ((anna.token, "revoked"), (bernd.token, "superseded"), (fresh, "expired")):
        answer = await served.ask("GET", "/v1/scopes", token)
        assert (answer.status_code, answer.json()) == (401, {"code": code})
    rows = served.database.read(
        lambda connection: connection.execute(
            select(audit.c.subject, audit.c.device_id).where(audit.c.team_id == SERVER, audit.c.verb == "refused")
        ).all()
    )
    assert [(row.device_id, row.subject) for row in rows] == [
        (anna.device, '{"reason":"revoked"}'),
        (bernd.device, '{"reason":"superseded"}'),
        (bernd.device, '{"reason":"expired"}'),
    ]


async def test_an_invitation_used_twice_at_once_makes_one_device(served: Served) -> None:
    code = served.code(served.koeln, "adviser")
    answers = await asyncio.gather(
        *(served.ask("POST", "/v1/devices", message={"code": code, "name": f"Laptop {n}"}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 410, 410, 410]
    again = await served.ask("POST", "/v1/devices", message={"code": code, "name": "Laptop"})
    assert (again.status_code, again.json()["code"]) == (410, "used")


async def test_an_invitation_ends_after_three_days(served: Served) -> None:
    assert isinstance(served.clock, FixedClock)
    code = served.code(served.koeln, "adviser")
    served.clock.advance(timedelta(hours=72))
    answer = await served.ask("POST", "/v1/devices", message={"code": code, "name": "Laptop"})
    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


async def test_the_eleventh_wrong_code_from_one_address_has_to_wait_and_so_has_a_right_one(served: Served) -> None:
    assert isinstance(served.clock, FixedClock)
    message = {"code": "AAAA-BBBB-CCCC", "name": "Laptop"}
    tries = [await served.ask("POST", "/v1/devices", message=message) for _try in range(11)]
    assert [answer.status_code for answer in tries] == [404] * 10 + [429]
    assert 0 < int(tries[-1].headers["retry-after"]) <= 90
    right = {"code": served.code(served.koeln, "adviser"), "name": "Laptop"}
    assert (await served.ask("POST", "/v1/devices", message=right)).status_code == 429
    served.address = "127.0.0.2"
    assert (await served.ask("POST", "/v1/devices", message=right)).status_code == 201
    served.address = "127.0.0.1"
    served.clock.advance(timedelta(seconds=int(tries[-1].headers["retry-after"])))
    assert (await served.ask("POST", "/v1/devices", message=message)).status_code == 404


async def test_thirty_who_enrol_at_once_in_one_room_do_not_wait_for_each_other(served: Served) -> None:
    codes = [served.code(served.koeln, "adviser", f"Person {n}") for n in range(30)]
    answers = await asyncio.gather(
        *(served.ask("POST", "/v1/devices", message={"code": code, "name": "Laptop"}) for code in codes)
    )
    assert {answer.status_code for answer in answers} == {201}


async def test_wrong_tokens_from_an_address_have_to_wait_but_not_the_devices_that_work_there(
    serve: Callable[[Limits], Served],
) -> None:
    served = serve(Limits(wrong_tokens=Rate(3, 1)))
    anna, bernd = served.badge(served.koeln, name="Anna"), served.badge(served.koeln, name="Bernd")
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200
    push = f"/v1/teams/{served.koeln}/push"
    wrong = [
        await served.ask("GET", "/v1/scopes", f"fbt_{1:043}"),
        await served.ask("POST", push, f"fbt_{2:043}", {}),
        await served.ask("POST", push, f"fbt_{2:043}", {}),
        await served.ask("GET", "/v1/scopes", f"fbt_{3:043}"),
    ]
    assert [answer.status_code for answer in wrong] == [401, 401, 401, 429]
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200
    assert (await served.ask("GET", "/v1/scopes", bernd)).status_code == 429


async def test_a_device_that_asks_too_often_is_told_when_to_come_back(serve: Callable[[Limits], Served]) -> None:
    served = serve(Limits(device=Rate(3, 0.5)))
    assert isinstance(served.clock, FixedClock)
    anna, bernd = served.badge(served.koeln, name="Anna"), served.badge(served.koeln, name="Bernd")
    statuses = [(await served.ask("GET", "/v1/scopes", anna)).status_code for _time in range(3)]
    waiting = await served.push(served.koeln, anna, task(1))
    assert (statuses, waiting.status_code, waiting.json()) == ([200] * 3, 429, {"code": "too_often"})
    assert (await served.ask("GET", "/v1/scopes", bernd)).status_code == 200
    assert waiting.headers["retry-after"] == "2"
    served.clock.advance(timedelta(seconds=2))
    assert (await served.push(served.koeln, anna, task(1))).status_code == 200


async def test_a_role_that_was_taken_away_counts_no_more_with_the_next_request(served: Served) -> None:
    anna = served.badge(served.koeln)
    assert (await served.push(served.koeln, anna, task(1))).status_code == 200
    served.database.write(lambda connection: remove(connection, CONSOLE, served.koeln, anna.user, served.clock.now()))
    refused = [
        await served.push(served.koeln, anna, task(2, "t2")),
        await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={served.beginning(served.koeln)}", anna),
    ]
    assert [(answer.status_code, answer.json()) for answer in refused] == [(404, {"code": "not_found"})] * 2
    assert (await served.ask("GET", "/v1/scopes", anna)).json()["scopes"] == []


async def test_a_right_that_ends_while_a_body_is_still_coming_counts_no_more(served: Served) -> None:
    anna, bernd = served.badge(served.koeln, name="Anna"), served.badge(served.koeln, name="Bernd")
    now = served.clock.now()

    async def body(badge: Badge, end: Callable[[Connection], None]) -> AsyncIterator[bytes]:
        served.database.write(end)
        yield orjson.dumps(Push(device=badge.device, epoch=served.epoch(served.koeln), ops=[task(1)]).model_dump())

    def leaves(connection: Connection) -> None:
        remove(connection, CONSOLE, served.koeln, anna.user, now)

    def is_revoked(connection: Connection) -> None:
        revoke(connection, CONSOLE, served.koeln, bernd.device, now)

    path = f"/v1/teams/{served.koeln}/push"
    first = await served.ask("POST", path, anna, content=body(anna, leaves))
    second = await served.ask("POST", path, bernd, content=body(bernd, is_revoked))
    assert (first.status_code, first.json()) == (404, {"code": "not_found"})
    assert (second.status_code, second.json()) == (401, {"code": "revoked"})
    assert await served.records(served.koeln, served.badge(served.koeln, "lead")) == []
