"""The desk: what is the same for all calls. The token's form, the rates, the body within its limits, the thread that works.

The work of a call is a plain function that runs in a thread: FastAPI's own endpoints would cost twice the time of a processor.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sync.server.answers import Answer, refusal, takes_gzip
from sync.server.bodies import Held, parse, read_body
from sync.server.calls import Asked, Call
from sync.server.devices import Person, admit_to
from sync.server.limits import Buckets, Lately, Limits
from sync.server.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response

    from models.clock import Clock
    from sync.server.database import Database

Done = TypeVar("Done")

LONGEST_NAME = 200
NOBODY = Person("", "", "")
"""Whoever has no token yet."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,128}")


class Desk:
    """Takes the requests of one server process."""

    def __init__(self, database: Database, secret: bytes, clock: Clock, limits: Limits) -> None:
        """Work on `database`."""
        self._database = database
        self._secret = secret
        self._clock = clock
        self._limits = limits
        # Apart, so that whoever reads never waits for those who wait for the database's one writer.
        self._reading = ThreadPoolExecutor(limits.threads, thread_name_prefix="reading")
        self._writing = ThreadPoolExecutor(limits.threads, thread_name_prefix="writing")
        self._by_token = Buckets(limits.device)
        self._wrong_tokens = Buckets(limits.wrong_tokens)
        self._wrong_codes = Buckets(limits.wrong_codes)
        self._right_tokens = Lately()
        self._inside: Counter[str] = Counter()
        self._held = Held(limits.held_bytes)
        self._one_guess = asyncio.Lock()

    async def answer(self, call: Call, request: Request) -> Response:
        """Answer a request for `call`."""
        try:
            return (await self._answer(call, request)).response()
        except Refused as refused:
            request.scope["code"] = refused.code
            return refusal(refused).response()

    async def in_thread(self, work: Callable[[], Done], *, writes: bool = False) -> Done:
        """Return what `work` returns, without holding up other requests."""
        return await asyncio.get_running_loop().run_in_executor(self._writing if writes else self._reading, work)

    def close(self) -> None:
        """Finish what is being worked on."""
        self._reading.shutdown()
        self._writing.shutdown()

    async def _answer(self, call: Call, request: Request) -> Answer:
        query, path = _query(call, request), _path(request)
        if not call.signed:
            return await self._served(call, request, self._asked(request, "", path, query))
        token = _token(request)
        with self._one_of(_key(token)):
            return await self._served(call, request, self._asked(request, token, path, query))

    def _asked(self, request: Request, token: str, path: dict[str, str], query: dict[str, str]) -> Asked:
        now = self._clock.now()
        return Asked(self._database, self._secret, self._limits, now, token, NOBODY, path, query, request.scope)

    async def _served(self, call: Call, request: Request, asked: Asked) -> Answer:
        packs = takes_gzip(request.headers.get("accept-encoding", ""))
        if call.takes is None:
            work = partial(self._at_once, call, asked, packs=packs)
            return await self._signed(request, asked, work, writes=call.writes)
        # A stranger's body is not waited for.
        known = await self._signed(request, asked, partial(self._greeted, call, asked))
        with self._held.room() as take:
            body = await read_body(request, self._limits, take)
            work = partial(_done, call, replace(known, now=self._clock.now()), body, packs=packs)
            return await (self._guessed(request, work) if call.guessing else self.in_thread(work, writes=True))

    def _at_once(self, call: Call, asked: Asked, *, packs: bool) -> Answer:
        if call.writes or not asked.token:
            return _done(call, self._greeted(call, asked), b"", packs=packs)

        def read(connection: Connection, person: Person) -> Answer:
            return call.work(replace(_by(person, asked), connection=connection))

        answer = admit_to(self._database, self._secret, asked.token, read)
        return answer.packed() if packs else answer

    @contextmanager
    def _one_of(self, key: str) -> Iterator[None]:
        """Count a request of a device while it lasts; raises `Refused` where there are too many, at once or in time."""
        _in_time(self._by_token.take(key, self._clock.now().timestamp()))
        if self._inside[key] >= self._limits.at_once_device:
            raise Refused(429, "too_often", wait=1)
        self._inside[key] += 1
        try:
            yield
        finally:
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key]

    def _greeted(self, call: Call, asked: Asked) -> Asked:
        """Return a request with whose it is; raises `Refused` where the token is not good, or the call not allowed."""

        def read(connection: Connection, person: Person) -> Asked:
            known = _by(person, asked)
            if call.verb and call.takes is not None:
                known.actor(connection, call.verb)
            return known

        return admit_to(self._database, self._secret, asked.token, read) if asked.token else asked

    async def _signed(self, request: Request, asked: Asked, work: Callable[[], Done], *, writes: bool = False) -> Done:
        """Return what `work` returns, within the rate of wrong tokens from one address.

        A device that was right before does not wait for the others: they may share one office's address.
        """
        if not asked.token:
            return await self.in_thread(work, writes=writes)
        key, moment = _key(asked.token), self._clock.now().timestamp()
        if key not in self._right_tokens:
            _in_time(self._wrong_tokens.wait(_address(request), moment))
        try:
            done = await self.in_thread(work, writes=writes)
        except Refused as refused:
            if refused.status == 401:
                self._right_tokens.forget(key)
                self._wrong_tokens.take(_address(request), moment)
            raise
        self._right_tokens.note(key)
        return done

    async def _guessed(self, request: Request, work: Callable[[], Done]) -> Done:
        """Return what `work` returns, unless there were too many wrong tries from this address; one after the other."""
        async with self._one_guess:
            moment = self._clock.now().timestamp()
            _in_time(self._wrong_codes.wait(_address(request), moment))
            try:
                return await self.in_thread(work, writes=True)
            except Refused as refused:
                if refused.status == 404:
                    self._wrong_codes.take(_address(request), moment)
                raise


def _by(person: Person, asked: Asked) -> Asked:
    asked.noted.update(user=person.user, device=person.device)
    return replace(asked, person=person)


def _done(call: Call, asked: Asked, body: bytes, *, packs: bool) -> Answer:
    """Return what a call says, ready to be sent. Parsing and packing are done here, in the thread, outside of transactions."""
    asked = asked if call.takes is None else replace(asked, body=parse(call.takes, body))
    answer = call.work(asked)
    return answer.packed() if packs else answer


def _in_time(wait: float) -> None:
    if wait:
        raise Refused(429, "too_often", wait=wait)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _token(request: Request) -> str:
    """Return the token of the one Authorization header; raises `Refused` for everything else, always in the same words."""
    headers = request.headers.getlist("authorization")
    kind, _space, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if kind.lower() != "bearer" or not _TOKEN.fullmatch(token):
        raise Refused(401, "unknown_token")
    return token


def _path(request: Request) -> dict[str, str]:
    """Return the names in the path; raises `Refused` for one that nothing here has."""
    path: dict[str, str] = dict(request.path_params)
    if not all(len(name) <= LONGEST_NAME and name.isprintable() for name in path.values()):
        raise Refused(404, "not_found")
    return path


def _query(call: Call, request: Request) -> dict[str, str]:
    """Return the query; raises `Refused` for names that the call does not know, above all for a token in the address."""
    pairs = request.query_params.multi_items()
    query = dict(pairs)
    if len(query) != len(pairs) or query.keys() - call.asks.keys():
        raise Refused(422, "query")
    for name, parameter in call.asks.items():
        value = query.get(name)
        if parameter.needed if value is None else not re.search(parameter.pattern, value):
            raise Refused(422, name)
    return query
