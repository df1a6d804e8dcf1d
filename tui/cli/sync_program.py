"""Sync program: the commands that talk to the team's server, or decide what it could not, and their arguments."""

# The parser reads these annotations at run time, so the types are imported for real.
from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from models.i18n import _
from tui.cli.arguments import Here, switch


def add_sync_commands(app: App) -> None:
    """Add these commands to the program."""
    app.command(_connect, name="connect", help=_("Verbindet das Feldbuch mit dem Server des Teams."))
    app.command(_sync, name="sync", help=_("Gleicht mit dem Server ab: sendet, was wartet, und holt, was neu ist."))
    app.command(
        _status, name="status", help=_("Nennt, was noch nicht übertragen ist, Konflikte und den letzten Kontakt.")
    )
    app.command(_conflicts, name="conflicts", help=_("Nennt die offenen Konflikte mit beiden Fassungen."))
    app.command(_resolve, name="resolve", help=_("Entscheidet einen Konflikt."))


def _connect(
    address: Annotated[str, Parameter(help="Adresse des Servers, zum Beispiel https://feldbuch.beispiel.de.")],
    code: Annotated[str, Parameter(help="Code der Einladung. Er gilt einmal, 72 Stunden lang.")],
    /,
    *,
    target: Here,
    device: Annotated[str | None, Parameter(help="Name dieses Geräts; ohne die Angabe der des Rechners.")] = None,
    ca: Annotated[Path | None, Parameter(help="Datei mit den Zertifikaten (PEM), denen allein vertraut wird.")] = None,
    yes: Annotated[bool, switch("Ohne Rückfrage neu verbinden.")] = False,
) -> int:
    from tui.cli.sync import connect  # noqa: PLC0415

    return connect(target, address, code, device=device, ca=ca, yes=yes)


def _sync(
    *,
    target: Here,
    json: Annotated[bool, switch("Als JSON.")] = False,
    yes: Annotated[bool, switch("Auch dann, wenn der Server hier viele Einträge entfernt.")] = False,
) -> int:
    from tui.cli.sync import sync  # noqa: PLC0415

    return sync(target, as_json=json, yes=yes)


def _status(*, target: Here, json: Annotated[bool, switch("Als JSON.")] = False) -> int:
    from tui.cli.sync import print_status  # noqa: PLC0415

    return print_status(target, as_json=json)


def _conflicts(*, target: Here, json: Annotated[bool, switch("Als JSON, eine Liste von Datensätzen.")] = False) -> int:
    from tui.cli.conflicts import list_conflicts  # noqa: PLC0415

    with target.open() as fieldbook:
        return list_conflicts(fieldbook, as_json=json)


def _resolve(
    conflict: Annotated[str, Parameter(help="Kennung des Konflikts oder ihr eindeutiger Anfang.")],
    answer: Annotated[
        str,
        Parameter(
            help="kept lässt es, wie es gilt; other nimmt die andere Fassung; sonst der Wert, der gelten soll.",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    target: Here,
) -> int:
    from tui.cli.conflicts import decide  # noqa: PLC0415

    with target.open() as fieldbook:
        return decide(fieldbook, conflict, answer)
