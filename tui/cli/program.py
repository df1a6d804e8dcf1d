"""Program: the commands of `feldbuch` and their arguments. What a command does stands in the module that it calls."""

# The parser reads these annotations at run time, so the types are imported for real.
from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Group, Parameter
from cyclopts.exceptions import CycloptsError

from models.i18n import _
from tui.cli.arguments import Here, file_name, switch
from tui.cli.help import GermanHelp, usage_error
from tui.cli.sync_program import add_sync_commands
from tui.cli.target import Target

Kind = Annotated[str, Parameter(help="Satzart, zum Beispiel Besuch, Schule oder Aufgabe.")]
Id = Annotated[str, Parameter(help="Kennung, ihr eindeutiger Anfang, oder eine Schulnummer.")]


def run_command(argv: list[str], target: Target) -> int:
    """Run the command in `argv` on `target` and return its exit code; raises `UsageError` for wrong usage."""
    try:
        command, bound, ours = program().parse_args(argv)
    except CycloptsError as error:
        raise usage_error(error) from error
    code = command(*bound.args, **bound.kwargs, **dict.fromkeys(ours, target))
    return code if isinstance(code, int) else 0


def program() -> App:
    """Return the parser with all commands."""
    arguments, switches = Group(_("Angaben")), Group(_("Schalter"))
    app = App(
        name="feldbuch",
        help=_(
            "Feldbuch: Schulbesuche, Beratungen, Bestandsaufnahmen, Fortbildungen und Treffen.\n\n"
            "Ohne Befehl startet das Programm. Vor jedem Befehl dürfen stehen:\n\n"
            "  --dir ORDNER   dieses Feldbuch statt des eigenen\n\n"
            "  --demo         eine erfundene Region zum Ausprobieren; sie bleibt bestehen\n\n"
            "  --records N    mit --demo: so viele Einträge\n\n"
            "  --fresh        mit --demo: die Demo verwerfen und neu anlegen\n\n"
            "  --network      auch auf einem Netzlaufwerk\n\n"
            "  --passphrase-file DATEI\n\n"
            "                 die Passphrase eines verschlüsselten Feldbuchs, aus der ersten Zeile; - liest die Eingabe. "
            "Ohne die Angabe öffnet der Schlüsselbund des Systems, oder es wird gefragt."
        ),
        usage="feldbuch [--dir ORDNER | --demo] [BEFEHL]",
        version=lambda: version("feldbuch"),
        help_format="plaintext",
        help_formatter=GermanHelp(),
        group_commands=Group(_("Befehle")),
        group_arguments=arguments,
        group_parameters=switches,
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    app["--help"].help = _("Diese Hilfe, auch nach einem Befehl.")
    app["--version"].help = _("Die Version.")
    app.command(_list, name="list", help=_("Zeigt alle Einträge einer Satzart."))
    app.command(_show, name="show", help=_("Zeigt alle Angaben eines Eintrags."))
    app.command(_add, name="add", help=_("Legt einen Eintrag an und fragt Angabe für Angabe."))
    app.command(_edit, name="edit", help=_("Ändert Angaben eines Eintrags."))
    app.command(
        _done,
        name="done",
        help=_("Hakt eine Aufgabe oder Vereinbarung ab. Ohne Kennung nennt es alles Offene mit seinen Kennungen."),
    )
    app.command(_export, name="export", help=_("Schreibt Einträge in eine Datei, ohne vertrauliche."))
    bring = App(
        name="import",
        help=_("Holt Schulen oder Einträge aus einer Datei herein."),
        group_arguments=arguments,
        group_parameters=switches,
    )
    bring.command(_import_schools, name="schools", help=_("Übernimmt das amtliche Schulverzeichnis (CSV)."))
    bring.command(_import_records, name="records", help=_("Übernimmt Einträge, die „export“ geschrieben hat."))
    app.command(bring)
    app.command(_doctor, name="doctor", help=_("Prüft das Feldbuch und zählt, was darin ist."))
    app.command(_backup, name="backup", help=_("Schreibt eine Sicherung des Feldbuchs in einen Ordner."))
    app.command(_restore, name="restore", help=_("Spielt eine Sicherung ein; der jetzige Stand wird vorher gesichert."))
    app.command(_encrypt, name="encrypt", help=_("Verschlüsselt das Feldbuch und nennt den Wiederherstellungscode."))
    app.command(_decrypt, name="decrypt", help=_("Schaltet die Verschlüsselung aus."))
    app.command(_passphrase, name="passphrase", help=_("Legt die Passphrase fest oder ändert sie."))
    app.command(_code, name="code", help=_("Nennt einen neuen Wiederherstellungscode; der bisherige gilt nicht mehr."))
    add_sync_commands(app)
    app.command(_keys, name="keys", help=_("Nennt alle Tasten des Programms als Tabelle."))
    return app


def _list(
    kind: Kind,
    /,
    *,
    target: Here,
    json: Annotated[bool, switch("Als JSON, eine Liste von Datensätzen.")] = False,
    limit: Annotated[int | None, Parameter(help="Höchstens so viele.")] = None,
) -> int:
    from tui.cli.listing import list_records  # noqa: PLC0415 - each command loads what it needs

    with target.open() as fieldbook:
        return list_records(fieldbook, kind, as_json=json, limit=limit)


def _show(
    record: Id,
    /,
    *,
    target: Here,
    json: Annotated[bool, switch("Als JSON.")] = False,
) -> int:
    from tui.cli.listing import show_record  # noqa: PLC0415

    with target.open() as fieldbook:
        return show_record(fieldbook, record, as_json=json)


def _add(
    kind: Kind,
    /,
    *,
    target: Here,
    **field: Annotated[list[str], Parameter(help="Angaben vorab, zum Beispiel --school 123456.", negative="")],
) -> int:
    from tui.cli.writing import add_record  # noqa: PLC0415

    with target.open() as fieldbook:
        return add_record(fieldbook, kind, field)


def _edit(
    record: Id,
    /,
    *,
    target: Here,
    **field: Annotated[list[str], Parameter(help="Neue Angaben, zum Beispiel --status abgesagt.", negative="")],
) -> int:
    from tui.cli.writing import edit_record  # noqa: PLC0415

    with target.open() as fieldbook:
        return edit_record(fieldbook, record, field)


def _done(
    task: Annotated[
        str | None, Parameter(help="Kennung der Aufgabe oder Vereinbarung, oder ihr eindeutiger Anfang.")
    ] = None,
    /,
    *,
    target: Here,
) -> int:
    from tui.cli.finishing import finish, list_open  # noqa: PLC0415

    with target.open() as fieldbook:
        return list_open(fieldbook) if task is None else finish(fieldbook, task)


def _export(
    file: Annotated[str, file_name("Datei; - schreibt auf die Ausgabe.")],
    /,
    *,
    target: Here,
    format: Annotated[  # noqa: A002
        Literal["jsonl", "tinydb"],
        Parameter(help="Format: jsonl, ein Datensatz je Zeile, oder tinydb, eine Datei, die TinyDB öffnet."),
    ] = "jsonl",
    kind: Annotated[str | None, Parameter(help="Nur diese Satzart.")] = None,
    private: Annotated[bool, switch("Auch vertrauliche Einträge und Notizen.")] = False,
) -> int:
    from tui.cli.transfer import export_records  # noqa: PLC0415

    with target.open() as fieldbook:
        return export_records(fieldbook, file, kind=kind, private=private, tinydb=format == "tinydb")


def _import_records(file: Annotated[str, file_name("Datei; - liest die Eingabe.")], /, *, target: Here) -> int:
    from tui.cli.transfer import import_records  # noqa: PLC0415

    with target.open() as fieldbook:
        return import_records(fieldbook, file)


def _import_schools(
    file: Annotated[Path, Parameter(help="Das Verzeichnis, schuldaten.csv.")],
    /,
    *,
    target: Here,
    region: Annotated[str | None, Parameter(help="Nur diese Region, zum Beispiel Kreis Gütersloh oder 05754.")] = None,
    traeger: Annotated[Path | None, Parameter(help="Datei mit den Namen der Schulträger.")] = None,
    yes: Annotated[bool, switch("Ohne Rückfrage übernehmen, eine zweifelhafte Datei ausgenommen.")] = False,
) -> int:
    from tui.cli.schools import import_schools  # noqa: PLC0415

    with target.open() as fieldbook:
        return import_schools(fieldbook, file, region=region, traeger=traeger, yes=yes)


def _doctor(
    *,
    target: Here,
    rescue: Annotated[
        str | None, Parameter(help="Schreibt alles noch Lesbare in diese Datei, ein Datensatz je Zeile.")
    ] = None,
) -> int:
    from tui.cli.doctor import run_doctor  # noqa: PLC0415

    return run_doctor(target, rescue=rescue)


def _backup(
    folder: Annotated[
        Path, Parameter(help="Ordner, zum Beispiel auf einem USB-Stick; die Datei heißt nach Tag und Uhrzeit.")
    ],
    /,
    *,
    target: Here,
) -> int:
    from tui.cli.care import back_up  # noqa: PLC0415

    with target.open() as fieldbook:
        return back_up(fieldbook, folder)


def _restore(
    file: Annotated[Path, Parameter(help="Eine Sicherung, feldbuch-DATUM.jsonl.")],
    /,
    *,
    target: Here,
    yes: Annotated[bool, switch("Ohne Rückfrage einspielen.")] = False,
) -> int:
    from tui.cli.care import restore_fieldbook  # noqa: PLC0415

    return restore_fieldbook(target, file, yes=yes)


def _encrypt(
    *,
    target: Here,
    system: Annotated[bool, switch("Mit dem Schlüsselbund des Systems statt einer Passphrase.")] = False,
) -> int:
    from tui.cli.encryption import encrypt  # noqa: PLC0415

    return encrypt(target, system=system)


def _decrypt(*, target: Here) -> int:
    from tui.cli.encryption import decrypt  # noqa: PLC0415

    return decrypt(target)


def _passphrase(*, target: Here) -> int:
    from tui.cli.encryption import change_passphrase  # noqa: PLC0415

    return change_passphrase(target)


def _code(*, target: Here) -> int:
    from tui.cli.encryption import print_new_code  # noqa: PLC0415

    return print_new_code(target)


def _keys() -> int:
    from tui.cli.keys import print_keys  # noqa: PLC0415

    return print_keys()
