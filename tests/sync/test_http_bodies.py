"""Bodies that were made to hurt: too large, too slow, packed to burst, deep, wide, or not what they say."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from models.text import clean
from sync.protocol import MOST_BYTES, Push, make_op, sha_of
from sync.server.limits import Limits
from tests.sync.served import task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from tests.sync.served import Badge, Served

GZIP = {"content-encoding": "gzip"}
MIB = 1024 * 1024


def body_of(served: Served, badge: Badge) -> bytes:
    """Return a push that would be taken."""
    return orjson.dumps(Push(device=badge.device, epoch=served.epoch(served.koeln), ops=[task(1)]).model_dump())


async def send(served: Served, badge: Badge, content: Any, **headers: str) -> httpx.Response:
    """Push what is no message at all."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.ask("POST", f"/v1/teams/{served.koeln}/push", badge, content=content, headers=named)


async def said(served: Served, badge: Badge, content: Any, **headers: str) -> tuple[int, str]:
    """Return status and code of the answer to a body; nothing of it may be kept."""
    answer = await send(served, badge, content, **headers)
    assert await served.records(served.koeln, badge) == []
    return answer.status_code, answer.json()["code"]


async def test_a_body_that_is_too_large_is_not_read_to_its_end(served: Served) -> None:
    anna, read = served.badge(served.koeln), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += MIB
            yield b" " * MIB

    async def empty() -> AsyncIterator[bytes]:
        nonlocal read
        packer = zlib.compressobj(wbits=31)
        yield packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
        while True:
            # Stored blocks of no bytes: a stream that goes on for ever and unpacks to nothing.
            read += 50_000
            yield b"\x00\x00\x00\xff\xff" * 10_000

    assert await said(served, anna, endless()) == (413, "too_large")
    assert read <= MOST_BYTES + 2 * MIB
    read = 0
    assert await said(served, anna, empty(), content_encoding="gzip") == (413, "too_large")
    assert MOST_BYTES < read <= MOST_BYTES + MIB
    read = 0
    assert await said(served, anna, b" " * (MOST_BYTES + 1)) == (413, "too_large")
    assert await said(served, anna, endless(), content_length=str(MOST_BYTES + 1)) == (413, "too_large")
    assert await said(served, anna, endless(), content_length="9" * 400) == (413, "too_large")
    assert read == 0


async def test_a_body_that_stops_coming_is_given_up(serve: Callable[[Limits], Served]) -> None:
    async def stops() -> AsyncIterator[bytes]:
        yield b'{"device":'
        await asyncio.Event().wait()

    served = serve(Limits(chunk_seconds=0.05, body_seconds=3600))
    async with asyncio.timeout(20):
        answer = await send(served, served.badge(served.koeln), stops())
    assert (answer.status_code, answer.json(), answer.headers["connection"]) == (408, {"code": "too_slow"}, "close")


async def test_a_body_that_comes_drop_by_drop_is_given_up(serve: Callable[[Limits], Served]) -> None:
    async def trickles() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    served = serve(Limits(chunk_seconds=3600, body_seconds=0.05))
    async with asyncio.timeout(20):
        assert await said(served, served.badge(served.koeln), trickles()) == (408, "too_slow")


async def test_a_strangers_body_is_not_read_at_all(served: Served) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{}"

    anna, other = served.badge(served.koeln), served.badge(served.bonn)
    path = f"/v1/teams/{served.koeln}/push"
    assert (await served.ask("POST", path, "fbt_" + "A" * 43, content=body())).status_code == 401
    assert (await served.ask("POST", path, other, content=body())).status_code == 404
    assert (await served.ask("POST", path, content=body())).status_code == 401
    assert read == 0
    assert (await served.ask("POST", path, anna, content=body())).status_code == 422
    assert read == 1


async def test_a_bomb_bursts_at_the_limit_and_takes_no_memory(served: Served) -> None:
    anna = served.badge(served.koeln)
    bomb = gzip.compress(b" " * 50 * MIB)
    assert len(bomb) < 60_000
    tracemalloc.start()
    try:
        assert await said(served, anna, bomb, content_encoding="gzip") == (413, "too_large")
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()


async def test_a_body_packed_in_another_way_is_refused(served: Served) -> None:
    anna = served.badge(served.koeln)
    body = body_of(served, anna)
    packed = gzip.compress(body)
    wrong = (415, "encoding")
    assert await said(served, anna, gzip.compress(packed), content_encoding="gzip") == wrong
    assert await said(served, anna, packed) == wrong
    assert await said(served, anna, gzip.compress(packed), content_encoding="gzip, gzip") == wrong
    for name, content in (("br", body), ("deflate", zlib.compress(body)), ("zstd", body), ("x-gzip", packed)):
        assert await said(served, anna, content, content_encoding=name) == wrong
    for content in (packed + b"x", packed + packed, packed[:-1], packed[:20], b"", body, zlib.compress(body)):
        assert await said(served, anna, content, content_encoding="gzip") == wrong
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert await said(served, anna, body, content_type=kind) == (415, "not_json")
    assert (
        await send(served, anna, packed, content_encoding="GZIP", content_type="application/json; charset=utf-8")
    ).status_code == 200


def hostile() -> dict[str, bytes]:
    """Return bodies that no reader of ours should choke on."""
    op = task(1).model_dump()
    around = b'{"device":"d","epoch":"e","ops":[%s]}'
    nested: Any = 1
    for _level in range(80):
        nested = [nested]
    return {
        "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
        "100,000 open braces": b'{"a":' * 100_000,
        "200,000 keys": b"{%s}" % b",".join(b'"k%d":1' % n for n in range(200_000)),
        "200,000 keys in a record": around % with_sum(op | {"changes": {f"k{n}": 1 for n in range(200_000)}}),
        "deep in a record": around % with_sum(op | {"changes": {"deep": nested}}),
        "a text of a megabyte as a name": orjson.dumps({"device": "x" * MIB, "epoch": "e", "ops": [op]}),
        "NaN": around % b'{"n":NaN}',
        "Infinity": around % b'{"n":Infinity}',
        "1e400": around % b'{"n":1e400}',
        "2^63": around % orjson.dumps(op | {"n": 2**63}),
        "2^63 in a record": around % with_sum(op | {"changes": {"x": 2**63}}),
        "2^53 as a number": around % with_sum(op | {"n": 2**53}),
        "true for a number": around % with_sum(op | {"n": True}),
        "a number as text": around % with_sum(op | {"n": "1"}),
        "a whole number as a fraction": around % with_sum(op | {"base_rev": 0.0}),
        "minus one": around % with_sum(op | {"base_rev": -1}),
        "no edits": b'{"device":"d","epoch":"e","ops":[]}',
        "501 edits": around % b",".join([orjson.dumps(op)] * 501),
        "half a surrogate": around % orjson.dumps(op).replace(b"schicken", b"\\\\ud800"[1:]),
        "overlong UTF-8": around % orjson.dumps(op).replace(b"schicken", b"\xc0\x80"),
        "a byte order mark": b"\xef\xbb\xbf{}",
        "two values": b"{}{}",
        "nothing": b"",
        "null": b"null",
        "a list": b"[]",
        "a wrong sum": around % orjson.dumps(op | {"sha": "0" * 64}),
    }


def with_sum(op: dict[str, Any]) -> bytes:
    """Return an edit whose checksum fits, as JSON."""
    said = {name: value for name, value in op.items() if name != "sha"}
    return orjson.dumps(said | {"sha": sha_of(said)})


async def test_json_that_is_too_deep_too_wide_or_not_what_it_should_be_is_refused_quickly(served: Served) -> None:
    anna = served.badge(served.koeln)
    for name, body in hostile().items():
        assert len(body) < MOST_BYTES, name
        before = time.process_time()
        answer = await send(served, anna, body)
        assert time.process_time() - before < 0.3, name
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), name
        assert len(answer.content) < 300, name
    assert await served.records(served.koeln, anna) == []


async def test_a_record_too_large_is_rejected_alone_and_holds_up_no_other(served: Served) -> None:
    anna = served.badge(served.koeln)
    answer = await served.push(served.koeln, anna, task(1, notes="x" * MIB), task(2, "t2"))
    results = [(result["status"], result["reason"]) for result in answer.json()["results"]]
    assert results == [("rejected", "too_large"), ("applied", "")]
    assert [document["id"] for document in await served.records(served.koeln, anna)] == ["t2"]


async def test_what_steers_a_terminal_comes_out_cleaned(served: Served) -> None:
    anna = served.badge(served.koeln)
    text = "a\0b \x1b]0;Titel\x07 \x9b31m \u202eumgekehrt\u202c x\u200by \ue000 \U000e0041"
    await served.push(served.koeln, anna, task(1, text=text, notes=text, neu={"tief": [text]}))
    (document,) = await served.records(served.koeln, anna)
    assert document["text"] == document["notes"] == document["neu"]["tief"][0] == clean(text)
    assert not any(mark in document["text"] for mark in "\0\x1b\x07\x9b\u202e\u200b\ue000\U000e0041")


async def test_the_same_batch_at_once_from_one_device_has_one_effect(served: Served) -> None:
    anna = served.badge(served.koeln)
    ops = [task(n, f"t{n}") for n in range(1, 6)]
    answers = await asyncio.gather(*(served.push(served.koeln, anna, *ops) for _time in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [document["rev"] for document in await served.records(served.koeln, anna)] == [1] * 5


@pytest.mark.parametrize("values", [{"neu": {"a": [1, 2.5, None, True, "x"]}}, {"neu": 2**63 - 1}, {"neu": -(2**63)}])
async def test_what_a_newer_version_says_passes_through(served: Served, values: dict[str, Any]) -> None:
    anna = served.badge(served.koeln)
    await served.push(served.koeln, anna, task(1, **values), make_op(2, "z1", "zukunft", None, values))
    one, other = await served.records(served.koeln, anna)
    assert one["neu"] == other["neu"] == values["neu"]
    assert other["kind"] == "zukunft"


async def test_bodies_that_wait_take_only_so_much_memory_and_give_it_back(serve: Callable[[Limits], Served]) -> None:
    served = serve(Limits(held_bytes=1000))
    anna, bernd = served.badge(served.koeln), served.badge(served.koeln, name="Bernd")
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def waits() -> AsyncIterator[bytes]:
        yield b" " * 900
        inside.set()
        await go_on.wait()

    first = asyncio.create_task(send(served, anna, waits()))
    await inside.wait()
    small = body_of(served, bernd)
    assert 100 < len(small) < 1000
    refused = await send(served, bernd, gzip.compress(small), content_encoding="gzip")
    assert (refused.status_code, refused.json()) == (503, {"code": "busy"})
    go_on.set()
    assert (await first).status_code == 422
    assert (await send(served, bernd, small)).status_code == 200


async def test_one_device_keeps_only_so_many_requests_open(serve: Callable[[Limits], Served]) -> None:
    served = serve(Limits(at_once_device=2))
    anna, bernd = served.badge(served.koeln), served.badge(served.koeln, name="Bernd")
    inside, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def waits() -> AsyncIterator[bytes]:
        yield b" "
        inside.release()
        await go_on.wait()

    first = [asyncio.create_task(send(served, anna, waits())) for _time in range(2)]
    for _each in first:
        await inside.acquire()
    third = await served.ask("GET", "/v1/scopes", anna)
    assert (third.status_code, third.json(), third.headers["retry-after"]) == (429, {"code": "too_often"}, "1")
    assert (await served.ask("GET", "/v1/scopes", bernd)).status_code == 200
    go_on.set()
    assert [answer.status_code for answer in await asyncio.gather(*first)] == [422, 422]
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200
