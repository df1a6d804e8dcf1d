"""The wire over HTTP: what a device asks, and what the server says, on both databases."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import orjson

from sync.protocol import PAGE, PUSHED, SCOPES, Push, make_op
from sync.server.feed import BLOCK, look_at_feed, read_page
from sync.server.history import history_of
from sync.server.limits import Limits
from tests.sync.served import task

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.served import Served


async def test_hello_says_what_the_server_takes_and_needs_no_token(served: Served) -> None:
    answer = await served.ask("GET", "/v1/hello")
    assert answer.status_code == 200
    said = answer.json()
    assert said["protocol"] == {"oldest": 1, "newest": 1}
    assert said["limits"]["bytes"] == 4 * 1024 * 1024
    assert said["time"].startswith(served.clock.now().isoformat()[:19])


async def test_a_code_becomes_a_device_that_pushes_and_reads(served: Served) -> None:
    code = served.code(served.koeln, "adviser", "Anna")
    enrolled = await served.ask("POST", "/v1/devices", message={"code": code.lower(), "name": "Laptop"})
    assert enrolled.status_code == 201
    token, device = enrolled.json()["token"], enrolled.json()["device"]
    scopes = SCOPES.validate_json((await served.ask("GET", "/v1/scopes", token)).content)
    assert [(scope.team, scope.name, scope.role) for scope in scopes.scopes] == [(served.koeln, "Köln", "adviser")]
    assert scopes == SCOPES.validate_python(enrolled.json()["granted"])

    push = Push(device=device, epoch=scopes.scopes[0].epoch, ops=[task(1), task(2, "t2")])
    pushed = await served.ask("POST", f"/v1/teams/{served.koeln}/push", token, push.model_dump())
    assert [result.status for result in PUSHED.validate_json(pushed.content).results] == ["applied", "applied"]

    read = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={served.beginning(served.koeln)}", token)
    page = PAGE.validate_json(read.content)
    assert [(document["id"], document["text"]) for document in page.records] == [
        ("t1", "Konzept schicken"),
        ("t2", "Konzept schicken"),
    ]
    assert (page.total, page.more) == (2, False)
    assert page.check is not None


async def test_an_idle_feed_says_304_in_few_bytes(served: Served) -> None:
    anna = served.badge(served.koeln)
    await served.push(served.koeln, anna, task(1))
    first = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={served.beginning(served.koeln)}", anna)
    cursor = first.json()["cursor"]
    again = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={cursor}", anna)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"] == f'"{cursor}"'
    assert sum(len(name) + len(value) + 4 for name, value in again.headers.raw) < 200


async def test_bodies_travel_packed_both_ways(served: Served) -> None:
    anna = served.badge(served.koeln)
    ops = [task(n, f"t{n}", notes="Beamer im Raum 12 " * 20) for n in range(1, 41)]
    push = Push(device=anna.device, epoch=served.epoch(served.koeln), ops=ops)
    body = orjson.dumps(push.model_dump())
    path = f"/v1/teams/{served.koeln}"
    pushed = await served.ask(
        "POST", f"{path}/push", anna, content=gzip.compress(body), headers={"content-encoding": "gzip"}
    )
    assert pushed.status_code == 200
    assert pushed.headers["content-encoding"] == "gzip"
    feed = f"{path}/feed?since={served.beginning(served.koeln)}"
    packed = await served.ask("GET", feed, anna)
    plain = await served.ask("GET", feed, anna, headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert packed.json() == plain.json()


async def test_pages_are_cut_by_bytes_and_bring_every_record_once(serve: Callable[[Limits], Served]) -> None:
    served = serve(Limits(page_bytes=3000))
    anna = served.badge(served.koeln)
    await served.push(served.koeln, anna, *(task(n, f"t{n}", notes="x" * 300) for n in range(1, 231)))
    cursor, seen, totals = served.beginning(served.koeln), [], []
    while True:
        answer = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={cursor}", anna)
        page = PAGE.validate_json(answer.content)
        assert len(answer.content) < 5000
        seen += [document["id"] for document in page.records]
        totals.append(page.total)
        cursor = page.cursor
        if not page.more:
            break
    assert seen == [f"t{n}" for n in range(1, 231)]
    assert (totals[0], set(totals[1:])) == (230, {None})
    # A page may hold more than is fetched at once.
    assert BLOCK < 230
    team = served.koeln
    whole = served.database.read(lambda connection: read_page(connection, team, look_at_feed(connection, team), 0))
    page = PAGE.validate_json(whole)
    assert ([document["id"] for document in page.records], page.more) == (seen, False)


async def test_the_same_batch_three_times_has_one_effect_and_one_answer(served: Served) -> None:
    anna = served.badge(served.koeln)
    answers = [await served.push(served.koeln, anna, task(1), task(2, "t2")) for _time in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert [document["rev"] for document in await served.records(served.koeln, anna)] == [1, 1]
    other = await served.push(served.koeln, anna, task(1, text="Anderes"))
    assert (other.status_code, other.json()["code"]) == (422, "number_used_twice")
    gap = await served.push(served.koeln, anna, task(7))
    assert (gap.status_code, gap.json()) == (409, {"code": "gap", "expected": 3})


async def test_the_history_names_people_times_and_fields_and_no_values(served: Served) -> None:
    anna, bernd = served.badge(served.koeln, name="Anna"), served.badge(served.koeln, "lead", name="Bernd")
    await served.push(served.koeln, anna, task(1))
    (document,) = await served.records(served.koeln, bernd)
    await served.push(served.koeln, bernd, make_op(1, "t1", "task", document, {"notes": "Geheim", "text": "Neu"}))
    answer = await served.ask("GET", f"/v1/teams/{served.koeln}/records/t1/history", anna)
    changes = answer.json()["changes"]
    assert [(change["rev"], change["name"], change["fields"]) for change in changes] == [
        (2, "Bernd", ["notes", "text"]),
        (1, "Anna", ["text"]),
    ]
    assert changes[0]["device"] == bernd.device
    assert "Geheim" not in answer.text

    def latest(most: int) -> tuple[list[int], bool]:
        read = served.database.read(lambda connection: history_of(connection, served.koeln, "t1", most=most))
        return [change.rev for change in read.changes], read.more

    assert [latest(most) for most in (1, 2, 3)] == [([2], True), ([2, 1], False), ([2, 1], False)]


async def test_a_lead_invites_sees_devices_and_ends_one(served: Served) -> None:
    lead = served.badge(served.koeln, "lead", "Bernd")
    path = f"/v1/teams/{served.koeln}"
    invited = await served.ask("POST", f"{path}/invitations", lead, {"role": "adviser", "name": "Clara"})
    assert invited.status_code == 201
    message = {"code": invited.json()["code"], "name": "Notebook\x1b[2J"}
    enrolled = (await served.ask("POST", "/v1/devices", message=message)).json()
    listed = (await served.ask("GET", f"{path}/devices", lead)).json()["devices"]
    listed.sort(key=lambda one: str(one["person"]))
    assert [(one["person"], one["role"]) for one in listed] == [("Bernd", "lead"), ("Clara", "adviser")]
    assert "\x1b" not in listed[1]["name"]
    assert (await served.ask("GET", "/v1/scopes", enrolled["token"])).status_code == 200
    ended = await served.ask("DELETE", f"{path}/devices/{enrolled['device']}", lead)
    assert (ended.status_code, ended.content) == (204, b"")
    refused = await served.ask("GET", "/v1/scopes", enrolled["token"])
    assert (refused.status_code, refused.json()) == (401, {"code": "revoked"})


async def test_a_device_gets_a_new_token_and_the_old_one_ends_with_its_first_use(served: Served) -> None:
    anna = served.badge(served.koeln)
    fresh = (await served.ask("POST", "/v1/devices/rotate", anna)).json()["token"]
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200
    assert (await served.ask("GET", "/v1/scopes", fresh)).status_code == 200
    ended = await served.ask("GET", "/v1/scopes", anna)
    assert (ended.status_code, ended.json()["code"]) == (401, "superseded")


async def test_an_unknown_path_or_method_is_refused_as_a_problem(served: Served) -> None:
    unknown = await served.ask("GET", "/v1/schools")
    assert (unknown.status_code, unknown.json()) == (404, {"code": "not_found"})
    other = await served.ask("PUT", "/v1/scopes")
    assert (other.status_code, other.json()) == (405, {"code": "method"})
    assert other.headers["allow"] == "GET"
