"""Calls: what the server can be asked, each declared once. From it come the route, its checks, and the description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sync.server.access import actor_in, authorize

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel
    from sqlalchemy import Connection

    from sync.server.access import Verb
    from sync.server.answers import Answer
    from sync.server.database import Database
    from sync.server.devices import Person
    from sync.server.limits import Limits
    from sync.server.refusal import Actor


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose form was checked, and whose token. `body` is the message that the call declares, `noted` is for the log."""

    database: Database
    secret: bytes
    limits: Limits
    now: datetime
    token: str
    person: Person
    path: Mapping[str, str]
    query: Mapping[str, str]
    noted: MutableMapping[str, Any]
    body: Any = None
    connection: Connection | None = None
    """Where a call only reads: the state in which its token was good."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads."""
        return self.database.read(work) if self.connection is None else work(self.connection)

    def actor(self, connection: Connection, verb: Verb) -> Actor:
        """Return who asks, in their present role in the team of the path, if they may do `verb` there; raises `Refused`."""
        team = self.path["team"]
        actor = actor_in(connection, self.person.user, self.person.device, team)
        authorize(actor, verb, team)
        self.noted["team"] = team
        return actor


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name in a query, and what its value looks like."""

    pattern: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it is asked by, what it says, and what must be allowed to whoever asks.

    `asks` is what its query may hold. `signed`: needs a token. `guessing`: whoever asks may be trying codes. `unchanged`: says
    304 where nothing is new.
    """

    method: str
    path: str
    does: str
    work: Callable[[Asked], Answer]
    says: type[BaseModel] | None
    status: int = 200
    takes: type[BaseModel] | None = None
    asks: Mapping[str, Parameter] = field(default_factory=dict)
    verb: Verb | None = None
    signed: bool = True
    guessing: bool = False
    unchanged: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"
