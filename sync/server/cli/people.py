"""People: the commands `team`, `invite` and `device`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models.dates import show_date, show_time
from models.errors import NotFound, UsageError
from models.i18n import _
from sync.server.access import SERVER
from sync.server.cli.opening import CLOCK, opened
from sync.server.cli.output import columns, tell
from sync.server.devices import Device, devices, moment, revoke
from sync.server.people import CONSOLE, VALID, add_team, invite, teams
from sync.server.refusal import Refused
from sync.server.tables import team

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

ROLES = {
    "adviser": "Medienberatung",
    "lead": "Teamleitung",
    "overseer": "Dezernat",
    "support": "Fachberatung",
    "administrator": "Administration",
}


def add(data: Path, name: str, district: str, *, json: bool) -> int:
    """Make a team."""
    with opened(data) as (_folder, database):
        try:
            key = database.write(lambda connection: add_team(connection, name, district, CLOCK.now()))
        except Refused as refused:
            if refused.code == "name_taken":
                raise UsageError(_("Das Team „{name}“ gibt es schon.").format(name=name)) from refused
            if refused.code == "malformed":
                raise UsageError(_("Ein Team braucht einen Namen von höchstens 80 Zeichen.")) from refused
            raise
    lines = [
        _("Das Team „{name}“ ist angelegt.").format(name=name),
        _("Jemanden einladen: {command}").format(
            command=f'feldbuch-server invite --team "{name}" --role lead --name NAME --data {data}'
        ),
    ]
    tell({"team": key, "name": name}, lines, json=json)
    return 0


def list_teams(data: Path, *, json: bool) -> int:
    """Print all teams."""
    with opened(data) as (_folder, database):
        found = database.read(teams)
    rows = [(one.name, one.district, str(one.members), one.team) for one in found]
    heads = (_("Team"), _("Bezirk"), _("Personen"), _("Kennung"))
    tell(
        {"teams": [one._asdict() for one in found]},
        columns(heads, rows) if rows else [_("Es gibt noch kein Team.")],
        json=json,
    )
    return 0


def team_named(connection: Connection, name: str) -> str:
    """Return the id of a team by its name or id; raises `NotFound`."""
    rows = connection.execute(select(team.c.team_id, team.c.name)).all()
    for row in rows:
        if name in (row.name, row.team_id):
            return str(row.team_id)
    known = ", ".join(sorted(f"„{row.name}“" for row in rows))
    text = _("Ein Team „{name}“ gibt es nicht.").format(name=name)
    raise NotFound(f"{text} {_('Es gibt: {known}').format(known=known)}" if known else text)


def invite_person(data: Path, team_name: str, role: str, name: str, device: str, *, json: bool) -> int:
    """Print a code by which somebody joins a team with one device; or the owner of the device `device` with another one."""
    if bool(name) == bool(device):
        raise UsageError(_("Entweder --name oder --device: jemand Neues, oder ein weiteres Gerät derselben Person."))
    of_server = role == "administrator"
    if of_server == bool(team_name):
        raise UsageError(
            _("Die Administration gehört zum Server, nicht zu einem Team: bitte ohne --team.")
            if of_server
            else _("Die Angabe --team fehlt.")
        )
    now = CLOCK.now()
    with opened(data) as (folder, database):
        secret = folder.secret()

        def work(connection: Connection) -> tuple[str, str]:
            key = SERVER if of_server else team_named(connection, team_name)
            owner = _one_device(connection, device)[0][1] if device else None
            user, person = (owner.user, owner.person) if owner is not None else ("", name)
            return invite(connection, secret, key, role, person, CONSOLE, now, user=user), person

        try:
            code, name = database.write(work)
        except Refused as refused:
            if refused.code == "malformed":
                raise UsageError(_("Eine Person braucht einen Namen von höchstens 80 Zeichen.")) from refused
            raise
    until = CLOCK.local(now + VALID)
    when = _("{date}, {time} Uhr").format(date=show_date(until.date()), time=show_time(until.time()))
    lines = [
        _("Einladung für {name} ({role}): {code}").format(name=name, role=ROLES[role], code=code),
        _("Sie gilt einmal, bis {when}. Einlösen: feldbuch connect ADRESSE {code}").format(when=when, code=code),
    ]
    tell({"code": code, "expires_at": moment(now + VALID), "role": role, "name": name}, lines, json=json)
    return 0


def list_devices(data: Path, team_name: str, *, json: bool) -> int:
    """Print the devices of one team, or of all and of the server itself."""
    with opened(data) as (_folder, database):
        found = database.read(lambda connection: _devices(connection, team_name))
    rows = [
        (
            one.person,
            ROLES.get(one.role, one.role),
            one.name,
            _("gesperrt") if one.revoked_at else one.seen_at[:16].replace("T", " "),
            one.device,
        )
        for _key, one in found
    ]
    heads = (_("Person"), _("Rolle"), _("Gerät"), _("Zuletzt da (UTC)"), _("Kennung"))
    said = {"devices": [{"team": key, **one._asdict()} for key, one in found]}
    tell(said, columns(heads, rows) if rows else [_("Es gibt noch kein Gerät.")], json=json)
    return 0


def _devices(connection: Connection, team_name: str) -> list[tuple[str, Device]]:
    keys = [team_named(connection, team_name)] if team_name else [SERVER, *(one.team for one in teams(connection))]
    return [(key, one) for key in keys for one in devices(connection, key)]


def revoke_device(data: Path, device: str, *, json: bool) -> int:
    """End the access of the device whose id begins with `device`, at once."""

    def work(connection: Connection) -> tuple[Device, list[str]]:
        found = _one_device(connection, device)
        key, one = found[0]
        revoke(connection, CONSOLE, key, one.device, CLOCK.now())
        return one, [team_key for team_key, _one in found]

    with opened(data) as (_folder, database):
        one, keys = database.write(work)
    text = _("„{device}“ von {person} kommt nicht mehr herein. Was dort gespeichert ist, bleibt dort.")
    tell(
        {"device": one.device, "name": one.name, "person": one.person, "teams": keys},
        [text.format(device=one.name, person=one.person)],
        json=json,
    )
    return 0


def _one_device(connection: Connection, begin: str) -> list[tuple[str, Device]]:
    """Return the device whose id begins so, once for each team that it sees; raises `UsageError` or `NotFound`."""
    found = [(key, one) for key, one in _devices(connection, "") if one.device.startswith(begin)]
    if not found:
        raise NotFound(_("Ein Gerät „{device}“ gibt es nicht; „device list“ nennt alle.").format(device=begin))
    if len({one.device for _key, one in found}) > 1:
        raise UsageError(_("Mit „{device}“ beginnen mehrere Kennungen.").format(device=begin))
    return found
