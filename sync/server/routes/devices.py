"""A device and its owner: enrolling by a code, a new token, and what the two may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import Enrol, Enrolled, Rotated, Scopes
from sync.server.answers import Answer
from sync.server.calls import Asked, Call
from sync.server.devices import identify, rotate
from sync.server.people import redeem, scopes_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.server.devices import Person


def _scopes(connection: Connection, person: Person) -> Scopes:
    return Scopes(user=person.user, name=person.name, scopes=scopes_of(connection, person.user))


def enrol(asked: Asked) -> Answer:
    """Make a device from an invitation's code."""
    sent: Enrol = asked.body

    def work(connection: Connection) -> Enrolled:
        joined = redeem(connection, asked.secret, sent.code, sent.name, asked.now)
        person = identify(connection, asked.secret, joined.token, asked.now)
        return Enrolled(token=joined.token, device=joined.device, granted=_scopes(connection, person))

    return Answer.of(asked.database.write(work), 201)


def renew(asked: Asked) -> Answer:
    """Give the device another token."""
    return Answer.of(
        Rotated(token=asked.database.write(lambda connection: rotate(connection, asked.secret, asked.token, asked.now)))
    )


def scopes(asked: Asked) -> Answer:
    """Say what the owner of the device may see."""
    return Answer.of(asked.read(lambda connection: _scopes(connection, asked.person)))


DEVICES = (
    Call(
        "POST",
        "/v1/devices",
        "Redeems an invitation's code, once, for a device and its token",
        enrol,
        Enrolled,
        status=201,
        takes=Enrol,
        signed=False,
        guessing=True,
    ),
    Call("POST", "/v1/devices/rotate", "Gives the device another token", renew, Rotated),
    Call("GET", "/v1/scopes", "Says which teams the owner of the device sees, and in which roles", scopes, Scopes),
)
