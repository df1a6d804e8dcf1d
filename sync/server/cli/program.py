"""Program: the commands of `feldbuch-server` and their arguments. What a command does stands in the module that it calls."""

# The parser reads these annotations at run time, so the types are imported for real.
from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Group, Parameter
from cyclopts.exceptions import CycloptsError

from models.i18n import _
from sync.server.cli.help import GermanHelp, usage_error

Data = Annotated[
    Path,
    Parameter(name="--data", help="Ordner des Servers.", env_var="FELDBUCH_SERVER_DATA", show_env_var=False),
]
Json = Annotated[bool, Parameter(name="--json", help="Ergebnis als JSON.", negative="")]
Role = Literal["adviser", "lead", "overseer", "support", "administrator"]
Address = Annotated[
    str, Parameter(name="--database", help="PostgreSQL statt SQLite: postgresql://NAME:KENNWORT@RECHNER/DATENBANK.")
]


def _switch(text: str) -> Parameter:
    return Parameter(help=text, negative="")


def run_command(argv: list[str]) -> int:
    """Run the command in `argv` and return its exit code; raises `UsageError` for wrong usage."""
    try:
        command, bound, _ignored = program().parse_args(argv)
    except CycloptsError as error:
        raise usage_error(error) from error
    code = command(*bound.args, **bound.kwargs)
    return code if isinstance(code, int) else 0


def program() -> App:
    """Return the parser with all commands."""
    arguments, switches, commands = Group(_("Angaben")), Group(_("Schalter")), Group(_("Befehle"))
    app = App(
        name="feldbuch-server",
        help=_("Der Server eines Teams: Er nimmt an, was die Laptops schicken, führt es zusammen und gibt es weiter."),
        usage="feldbuch-server BEFEHL --data ORDNER [--json]",
        version=lambda: version("feldbuch"),
        help_format="plaintext",
        help_formatter=GermanHelp(),
        group_commands=commands,
        group_arguments=arguments,
        group_parameters=switches,
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    app["--help"].help = _("Diese Hilfe, auch nach einem Befehl.")
    app["--version"].help = _("Die Version.")

    def branch(name: str, text: str) -> App:
        made = App(
            name=name,
            help=text,
            group_commands=commands,
            group_arguments=arguments,
            group_parameters=switches,
        )
        app.command(made)
        return made

    app.command(_start, name="start", help=_("Startet den Server; ein leerer Ordner wird eingerichtet."))
    teams = branch("team", _("Legt Teams an und zeigt sie."))
    teams.command(_team_add, name="add", help=_("Legt ein Team an."))
    teams.command(_team_list, name="list", help=_("Zeigt alle Teams."))
    app.command(_invite, name="invite", help=_("Lädt jemanden ein und nennt den Code."))
    devices = branch("device", _("Zeigt Geräte und sperrt sie."))
    devices.command(_device_list, name="list", help=_("Zeigt alle Geräte."))
    devices.command(_device_revoke, name="revoke", help=_("Sperrt ein Gerät sofort."))
    app.command(_backup, name="backup", help=_("Schreibt eine Sicherung; der Server darf weiterlaufen."))
    app.command(_restore, name="restore", help=_("Spielt eine Sicherung ein; der jetzige Stand bleibt aufgehoben."))
    app.command(_export, name="export", help=_("Schreibt ein ganzes Team in eine Datei, ein Stück JSON je Zeile."))
    app.command(_import, name="import", help=_("Übernimmt ein Team, das „export“ geschrieben hat."))
    audit = branch("audit", _("Das Prüfprotokoll: wer was mit welchem Eintrag getan hat."))
    audit.command(_audit_verify, name="verify", help=_("Prüft, ob es so ist, wie es geschrieben wurde."))
    database = branch("db", _("Die Datenbank."))
    database.command(_db_upgrade, name="upgrade", help=_("Bringt die Tabellen auf den Stand dieser Version."))
    return app


def _start(
    *,
    data: Data,
    host: Annotated[str, Parameter(help="Adresse, auf der er hört.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port; 0 nimmt einen freien.")] = 8765,
    database: Address = "",
    tls_cert: Annotated[Path | None, Parameter(help="Zertifikat, PEM.")] = None,
    tls_key: Annotated[Path | None, Parameter(help="Schlüssel zum Zertifikat, PEM.")] = None,
    behind_proxy: Annotated[bool, _switch("Ein Proxy davor verschlüsselt und nennt die Adressen der Geräte.")] = False,
    json: Json = False,
) -> int:
    from sync.server.cli.running import Listening, start  # noqa: PLC0415 - each command loads what it needs

    listening = Listening(host=host, port=port, cert=tls_cert, key=tls_key, behind_proxy=behind_proxy)
    return start(data, listening, address=database, json=json)


def _team_add(
    name: Annotated[str, Parameter(help="Name des Teams.")],
    /,
    *,
    data: Data,
    district: Annotated[str, Parameter(help="Kennung der Bezirksregierung.")] = "",
    json: Json = False,
) -> int:
    from sync.server.cli.people import add  # noqa: PLC0415

    return add(data, name, district, json=json)


def _team_list(*, data: Data, json: Json = False) -> int:
    from sync.server.cli.people import list_teams  # noqa: PLC0415

    return list_teams(data, json=json)


def _invite(
    *,
    data: Data,
    role: Annotated[
        Role,
        Parameter(
            help="adviser (Medienberatung), lead (Teamleitung), overseer (Dezernat), support (Fachberatung) "
            "oder administrator, dann ohne --team."
        ),
    ],
    name: Annotated[str, Parameter(help="Name der Person.")] = "",
    device: Annotated[str, Parameter(help="Statt --name: ein Gerät der Person, die ein weiteres bekommt.")] = "",
    team: Annotated[str, Parameter(help="Name oder Kennung des Teams.")] = "",
    json: Json = False,
) -> int:
    from sync.server.cli.people import invite_person  # noqa: PLC0415

    return invite_person(data, team, role, name, device, json=json)


def _device_list(
    *,
    data: Data,
    team: Annotated[str, Parameter(help="Nur die dieses Teams.")] = "",
    json: Json = False,
) -> int:
    from sync.server.cli.people import list_devices  # noqa: PLC0415

    return list_devices(data, team, json=json)


def _device_revoke(
    device: Annotated[str, Parameter(help="Kennung des Geräts oder ihr eindeutiger Anfang.")],
    /,
    *,
    data: Data,
    json: Json = False,
) -> int:
    from sync.server.cli.people import revoke_device  # noqa: PLC0415

    return revoke_device(data, device, json=json)


def _backup(
    file: Annotated[Path, Parameter(help="Datei, oder ein Ordner: dann heißt sie nach Tag und Uhrzeit.")],
    /,
    *,
    data: Data,
    json: Json = False,
) -> int:
    from sync.server.cli.care import back_up_server  # noqa: PLC0415

    return back_up_server(data, file, json=json)


def _restore(
    file: Annotated[Path, Parameter(help="Eine Sicherung, die „backup“ geschrieben hat.")],
    /,
    *,
    data: Data,
    database: Address = "",
    yes: Annotated[bool, _switch("Ohne Rückfrage einspielen.")] = False,
    json: Json = False,
) -> int:
    from sync.server.cli.care import restore_server  # noqa: PLC0415

    return restore_server(data, file, database, yes=yes, json=json)


def _export(
    file: Annotated[Path, Parameter(help="Datei, die es noch nicht gibt.")],
    /,
    *,
    data: Data,
    team: Annotated[str, Parameter(help="Name oder Kennung des Teams, wenn es mehrere gibt.")] = "",
    json: Json = False,
) -> int:
    from sync.server.cli.care import export  # noqa: PLC0415

    return export(data, team, file, json=json)


def _import(
    file: Annotated[Path, Parameter(help="Eine Datei, die „export“ geschrieben hat.")],
    /,
    *,
    data: Data,
    json: Json = False,
) -> int:
    from sync.server.cli.care import bring_in  # noqa: PLC0415

    return bring_in(data, file, json=json)


def _audit_verify(*, data: Data, json: Json = False) -> int:
    from sync.server.cli.care import verify  # noqa: PLC0415

    return verify(data, json=json)


def _db_upgrade(*, data: Data, database: Address = "", json: Json = False) -> int:
    from sync.server.cli.care import upgrade_tables  # noqa: PLC0415

    return upgrade_tables(data, database, json=json)
