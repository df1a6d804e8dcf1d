"""Care: the commands `db upgrade`, `backup`, `restore`, `export`, `import` and `audit verify`."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.errors import UsageError
from models.i18n import _
from sync.server.audit import Entry, first_break
from sync.server.backup import back_up, unpacked
from sync.server.cli.guard import FAILED, NOT_APPLIED
from sync.server.cli.opening import CLOCK, opened
from sync.server.cli.output import complain, tell
from sync.server.cli.people import team_named
from sync.server.devices import moment, note
from sync.server.folder import ServerFolder, sync_folder
from sync.server.people import CONSOLE
from sync.server.restoring import restore
from sync.server.schema import upgrade
from sync.server.tables import audit, team, team_feed
from sync.server.transfer import Moved, export_team, import_team

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from sync.server.backup import Manifest


def upgrade_tables(data: Path, address: str, *, json: bool) -> int:
    """Bring the database's tables to this version; on SQLite no server may be running."""
    folder = ServerFolder(data)
    folder.prepare(address)
    with folder.alone():
        upgrade(folder.address())
        folder.require_current()
    tell({"state": "current"}, [_("Die Datenbank ist auf dem Stand dieser Version.")], json=json)
    return 0


def back_up_server(data: Path, file: Path, *, json: bool) -> int:
    """Write a backup while the server goes on."""
    path, manifest = back_up(ServerFolder(data), file.expanduser(), CLOCK.local(CLOCK.now()))
    lines = [
        _("Gesichert in {path}").format(path=path),
        *_about(manifest),
        _("Die Datei enthält alles, auch das Geheimnis des Servers: bitte so schützen wie ihn selbst."),
    ]
    tell({"file": str(path), **_said(manifest)}, lines, json=json)
    return 0


def restore_server(data: Path, file: Path, address: str, *, yes: bool, json: bool) -> int:
    """Put a backup in the place of what the server has; returns 3 where nobody could be asked."""
    folder, file = ServerFolder(data), file.expanduser()
    if not file.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder.alone():
        return _restore(folder, file, address, yes=yes, json=json)


def _restore(folder: ServerFolder, file: Path, address: str, *, yes: bool, json: bool) -> int:
    if not yes:
        with unpacked(file, folder.path) as backup:
            about = [_("Sicherung von {when}").format(when=backup.manifest.made), *_about(backup.manifest)]
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            complain(_("Nichts wurde eingespielt: Ohne Terminal kann niemand zustimmen. --yes spielt ohne Frage ein."))
            return NOT_APPLIED
        tell({}, about, json=False)
        question = _("Den jetzigen Stand beiseitelegen und durch diesen ersetzen? (j/n) ")
        if input(question).strip().casefold() not in ("j", "ja"):
            tell({}, [_("Nichts wurde eingespielt.")], json=False)
            return NOT_APPLIED
    if address:
        folder.prepare(address)
    done = restore(folder, file, CLOCK.local(CLOCK.now()))
    lines = [_("Die Sicherung ist eingespielt."), *_about(done.manifest)]
    if done.kept is not None:
        lines.append(_("Der Stand davor liegt in {path}").format(path=done.kept))
    lines.append(
        _("Personen und Geräte sind die von heute.")
        if done.people
        else _("Personen und Geräte sind die der Sicherung: Was seitdem gesperrt wurde, bitte noch einmal sperren.")
    )
    lines += [
        _("Das Team „{name}“ ist seit der Sicherung entstanden und fehlt jetzt. Es steht noch im Stand davor.").format(
            name=name
        )
        for name in done.gone
    ]
    lines.append(_("Die Laptops bringen beim nächsten Abgleich, was seit der Sicherung entstanden ist."))
    kept = str(done.kept) if done.kept is not None else None
    people = "current" if done.people else "backup"
    tell({**_said(done.manifest), "kept": kept, "people": people, "gone": done.gone}, lines, json=json)
    return 0


def _about(manifest: Manifest) -> list[str]:
    return [
        _("Team „{name}“: {count} Einträge").format(name=one.name, count=one.records) for one in manifest.teams
    ] or [_("Noch kein Team.")]


def _said(manifest: Manifest) -> dict[str, Any]:
    return {
        "made": manifest.made,
        "records": manifest.records,
        "teams": [one.model_dump() for one in manifest.teams],
    }


def export(data: Path, team_name: str, file: Path, *, json: bool) -> int:
    """Write a whole team as JSON lines; `team_name` may be empty where there is only one."""
    file = file.expanduser()
    if file.exists():
        raise UsageError(_("{file} gibt es schon. Nichts wurde überschrieben.").format(file=file))
    begun = file.with_name(f".{file.name}.tmp")
    begun.unlink(missing_ok=True)
    try:
        with opened(data) as (_folder, database):
            moved = database.read(lambda connection: _write(connection, team_name, begun))
            now, noted = CLOCK.now(), {"records": moved.records}
            database.write(lambda connection: note(connection, moved.team, CONSOLE, now, "export", **noted))
        os.link(begun, file)
    finally:
        begun.unlink(missing_ok=True)
    sync_folder(file.parent)
    tell(
        {"file": str(file), **moved.model_dump()},
        [
            _("Team „{name}“ geschrieben in {file}: {count} Einträge").format(
                name=moved.name, file=file, count=moved.records
            )
        ],
        json=json,
    )
    return 0


def _write(connection: Connection, team_name: str, file: Path) -> Moved:
    key = team_named(connection, team_name) if team_name else _only_team(connection)
    # Emptied first, as a read that was disturbed is done again.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as target:  # noqa: PTH123 - a descriptor, so that nobody else may read it
        moved = export_team(connection, key, moment(CLOCK.now()), target.write)
        target.flush()
        os.fsync(target.fileno())
    return moved


def _only_team(connection: Connection) -> str:
    keys = connection.execute(select(team.c.team_id)).scalars().all()
    if len(keys) != 1:
        raise UsageError(_("Es gibt {count} Teams: bitte eines mit --team nennen.").format(count=len(keys)))
    return str(keys[0])


def bring_in(data: Path, file: Path, *, json: bool) -> int:
    """Bring a team in that `export` wrote."""
    with opened(data) as (_folder, database):
        moved = database.write(lambda connection: _read(connection, file.expanduser()))
    lines = [
        _("Team „{name}“ übernommen: {count} Einträge").format(name=moved.name, count=moved.records),
        _("Es hat hier noch keine Geräte: bitte alle neu einladen."),
    ]
    tell(moved.model_dump(), lines, json=json)
    return 0


def _read(connection: Connection, file: Path) -> Moved:
    with file.open("rb") as lines:
        return import_team(connection, lines, moment(CLOCK.now()), CONSOLE)


def verify(data: Path, *, json: bool) -> int:
    """Check the chain of each team's audit; returns 1 where one is broken."""
    with opened(data) as (_folder, database):
        found = database.read(_verified)
    lines = [
        _("{name}: unversehrt, Zeilen: {rows}").format(name=one["name"], rows=one["rows"])
        if one["broken"] is None
        else _("{name}: ab Zeile {number} nicht so, wie es geschrieben wurde").format(
            name=one["name"], number=one["broken"]
        )
        for one in found
    ]
    whole = all(one["broken"] is None for one in found)
    tell({"whole": whole, "teams": found}, lines, json=json)
    return 0 if whole else FAILED


def _verified(connection: Connection) -> list[dict[str, Any]]:
    names = connection.execute(
        select(team_feed.c.team_id, team.c.name)
        .outerjoin(team, team.c.team_id == team_feed.c.team_id)
        .order_by(team.c.name)
    ).all()
    found: list[dict[str, Any]] = []
    for key, name in names:
        counted = _Counted(connection, key)
        found.append({"team": key, "name": name or _("Server"), "broken": first_break(counted), "rows": counted.rows})
    return found


class _Counted:
    """The audit of a team, row by row, counted as it is read."""

    def __init__(self, connection: Connection, key: str) -> None:
        self._connection = connection
        self._key = key
        self.rows = 0

    def __iter__(self) -> Iterator[Entry]:
        chosen = (
            select(
                *(audit.c.number, audit.c.at, audit.c.user_id, audit.c.device_id),
                *(audit.c.verb, audit.c.subject, audit.c.chain),
            )
            .where(audit.c.team_id == self._key)
            .order_by(audit.c.number)
        )
        with self._connection.execution_options(yield_per=1000).execute(chosen) as rows:
            for row in rows:
                self.rows += 1
                yield Entry(*row)
