"""What a lead does for a team: inviting somebody, looking at the devices, ending the access of one.

Rights are read behind the team's counter row, as with a push: whoever lost them a moment ago does nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import Device, Devices, Invite, Invited
from sync.server.answers import Answer
from sync.server.calls import Asked, Call
from sync.server.devices import devices, revoke
from sync.server.feed import take_feed
from sync.server.people import VALID, invite

if TYPE_CHECKING:
    from sqlalchemy import Connection


def invite_somebody(asked: Asked) -> Answer:
    """Make an invitation."""
    sent: Invite = asked.body
    team = asked.path["team"]

    def work(connection: Connection) -> str:
        take_feed(connection, team)
        by = asked.actor(connection, "invite")
        return invite(connection, asked.secret, team, sent.role, sent.name, by, asked.now, user=sent.user)

    code = asked.database.write(work)
    return Answer.of(Invited(code=code, expires_at=(asked.now + VALID).isoformat(timespec="seconds")), 201)


def list_devices(asked: Asked) -> Answer:
    """Say which devices the members of a team have."""

    def work(connection: Connection) -> Devices:
        asked.actor(connection, "devices")
        rows = devices(connection, asked.path["team"])
        return Devices(devices=[Device.model_validate(row._asdict()) for row in rows])

    return Answer.of(asked.read(work))


def end_device(asked: Asked) -> Answer:
    """End the access of a device."""
    team, device = asked.path["team"], asked.path["device"]

    def work(connection: Connection) -> None:
        take_feed(connection, team)
        revoke(connection, asked.actor(connection, "revoke"), team, device, asked.now)

    asked.database.write(work)
    return Answer(204)


TEAMS = (
    Call(
        "POST",
        "/v1/teams/{team}/invitations",
        "Makes a code by which a person enrols a device, once, within 72 hours",
        invite_somebody,
        Invited,
        status=201,
        takes=Invite,
        verb="invite",
    ),
    Call(
        "GET",
        "/v1/teams/{team}/devices",
        "Lists the devices of the team's members",
        list_devices,
        Devices,
        verb="devices",
    ),
    Call(
        "DELETE",
        "/v1/teams/{team}/devices/{device}",
        "Ends the access of a device at once",
        end_device,
        None,
        status=204,
        verb="revoke",
    ),
)
