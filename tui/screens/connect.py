"""ConnectScreen: connects this device with the team's server, and asks before the first sync what it would send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, NamedTuple

from textual import on
from textual.containers import Vertical
from textual.widgets import Input, Static

from models.errors import FeldbuchError, SyncFailed, UsageError
from models.failures import file_sentence
from models.fields import Value
from models.forms import Form
from models.i18n import _
from models.records.base import Cleaned
from sync.account import Account
from sync.address import read_address
from sync.enrolment import device_name, read_certificates
from sync.schedule import STOPPED
from tui.commands import Command
from tui.screens.room import Room
from tui.show import shown
from tui.sync_progress import number
from tui.widgets.fields.body import FormBody

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook
    from sync.halt import Halt
    from sync.protocol import Scopes

_FIELD_OF: Final = {
    "unknown_code": "code",
    "used": "code",
    "expired": "code",
    "lost_answer": "code",
    "certificate": "ca",
    "ca": "ca",
}
"""Code of a failure → the field that it is about; all others are about the address."""


class Answers(Cleaned):
    """What is asked for a connection."""

    address: Annotated[str, Value("Adresse", "https://…")] = ""
    code: Annotated[str, Value("Code", "der Einladung")] = ""
    device: Annotated[str, Value("Name des Geräts", "für die Teamleitung")] = ""
    ca: Annotated[str, Value("Eigenes Zertifikat", "Datei, meist leer")] = ""


class Wanted(NamedTuple):
    """Answers that were checked: `ca` is the text of the certificates."""

    address: str
    code: str
    device: str
    ca: str


class ConnectScreen(Room):
    """A form of four lines; the server is asked in a thread, and Esc ends that."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("connect", "ctrl+s", "Verbinden", "Mit dem Server verbinden"),
        Command("app.focus_previous", "up", "voriges Feld", footer=False, palette=False),
        Command("app.focus_next", "down", "nächstes Feld", footer=False, palette=False),
        Command("back", "escape", "Zurück", "Zurück, oder das Verbinden abbrechen"),
    )
    HELP_TEXT = (
        "Adresse und Code gibt die Teamleitung. Der Code gilt einmal, 72 Stunden lang; ob groß oder klein, mit oder ohne "
        "Striche, ist gleich. Der Name des Geräts steht in der Geräteliste des Teams. Ein eigenes Zertifikat ist nur nötig, "
        "wo die Teamleitung eine Datei dafür nennt. Vor dem ersten Abgleich wird gefragt und gesichert."
    )
    TAKES_TEXT = True
    FIRST_FOCUS = "LineField"
    DEFAULT_CSS = """
    ConnectScreen .connect { height: 1fr; }
    ConnectScreen .connect-intro { padding: 1 1; }
    ConnectScreen FormBody { height: 1fr; }
    ConnectScreen #connect-state { height: auto; padding: 0 1 1 1; color: $primary; }
    """

    def __init__(self) -> None:
        """Begin with nothing under way."""
        super().__init__()
        self._asking = False

    def heading(self) -> str:
        """Return what is done here."""
        return _("Mit dem Team verbinden")

    def content(self) -> ComposeResult:
        """Yield the form."""
        fieldbook = self.fieldbook
        account = Account.of(fieldbook)
        known = {"device": account.device_name if account is not None else device_name()}
        if account is not None:
            known["address"] = account.address
        self.body = FormBody(Form(Answers, known, fieldbook.clock.today()), fieldbook)
        with Vertical(classes="connect"):
            yield Static(
                shown(
                    _(
                        "Adresse und Code gibt die Teamleitung; der Code gilt einmal, 72 Stunden lang. Nach dem Verbinden wird "
                        "gefragt, bevor etwas gesendet wird."
                    )
                ),
                classes="connect-intro",
            )
            yield self.body
            yield Static("", id="connect-state")

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.stop()
        row = self.body.current()
        if row is not None and row.field == list(Answers.kinds())[-1]:
            self.action_connect()
        else:
            self.focus_next()

    # Asking

    def action_connect(self) -> None:
        """Check what was typed, then ask the server in a thread."""
        if self._asking:
            return
        wanted = self._wanted()
        if wanted is None:
            return
        self._asking = True
        self.query_one("#connect-state", Static).update(shown(_("Der Server wird gefragt … Esc bricht ab.")))
        fieldbook = self.fieldbook
        self.feldbuch.syncing.online(lambda halt: enrol(fieldbook, wanted, halt), self._connected, self._failed)

    def _wanted(self) -> Wanted | None:
        self.body.collect()
        typed = {name: str(self.body.form.get(name) or "").strip() for name in Answers.kinds()}
        problems: dict[str, str] = {}
        address = ca = ""
        if not typed["address"]:
            problems["address"] = _("Bitte die Adresse des Servers eintragen.")
        else:
            try:
                address = read_address(typed["address"])
            except UsageError as error:
                problems["address"] = str(error)
        if not typed["code"]:
            problems["code"] = _("Bitte den Code der Einladung eintragen.")
        if typed["ca"]:
            try:
                ca = read_certificates(Path(typed["ca"]))
            except UsageError as error:
                problems["ca"] = str(error)
            except OSError as error:
                problems["ca"] = file_sentence(error)
            except (RuntimeError, ValueError):
                problems["ca"] = _("„{file}“ ist kein Dateiname.").format(file=typed["ca"])
        self.body.show_problems(problems)
        return None if problems else Wanted(address, typed["code"], device_name(typed["device"]), ca)

    def _failed(self, error: FeldbuchError) -> None:
        self._rest()
        if not self.is_attached:
            return
        code = error.code if isinstance(error, SyncFailed) else ""
        if code == STOPPED:
            self.feldbuch.say(_("Abgebrochen. War der Code schon eingelöst, gibt die Teamleitung einen neuen."))
        elif not code:
            self.feldbuch.tell(error)
        else:
            self.body.show_problems({_FIELD_OF.get(code, "address"): str(error)})

    def _rest(self) -> None:
        self._asking = False
        for line in self.query("#connect-state").results(Static):
            line.update("")

    def _connected(self, granted: Scopes) -> None:
        self._rest()
        app, opening = self.feldbuch, self.feldbuch.opening
        app.sync_changed()
        if self.is_active:
            self.dismiss(None)
        opening.ask(first_sync_text(self.fieldbook, granted), opening.first_sync, yes="Jetzt abgleichen", no="Später")

    def action_back(self) -> None:
        """End what is under way; else leave."""
        if self._asking:
            self.feldbuch.syncing.stop()
        else:
            super().action_back()

    def leaving(self) -> None:
        """End what is under way, as the program ends."""
        if self._asking:
            self.feldbuch.syncing.stop()


def enrol(fieldbook: Fieldbook, wanted: Wanted, halt: Halt) -> Scopes:
    """Redeem the code, in the thread that talks to the server; raises `SyncFailed`, `StoreError`."""
    from sync.client import Machine  # noqa: PLC0415 - loads the network, in this thread
    from sync.session import Edges, connect  # noqa: PLC0415

    edges = Edges(machine=Machine(sleep=halt.sleep), halt=halt)
    return connect(fieldbook, *wanted, edges, waits=True)


def first_sync_text(fieldbook: Fieldbook, granted: Scopes) -> str:
    """Return as whom one is connected, what the first sync does, and the question whether to begin."""
    from sync.exchange import Exchange  # noqa: PLC0415 - the start of the app does without the sync

    account = Account.of(fieldbook)
    teams = ", ".join(scope.name for scope in granted.scopes) or "–"
    said = [
        _("Verbunden mit {address} als {name}, Team {teams}.").format(
            address=account.address if account is not None else "–", name=granted.name, teams=teams
        )
    ]
    before = Exchange(fieldbook).standing.team
    moved = before not in ("", *(scope.team for scope in granted.scopes))
    waiting = [key for key in fieldbook.outbox() if not (moved and fieldbook.base(key) is not None)]
    if moved and fieldbook.bases():
        said.append(
            _(
                "{count} Einträge des früheren Teams bleiben bei diesem und verlassen dieses Gerät; was hier an ihnen noch "
                "nicht übertragen war, wird zurückgelegt."
            ).format(count=number(len(fieldbook.bases())))
        )
    if waiting:
        alone = _("die {count} Einträge, die hier allein erfasst sind,").format(count=number(len(waiting)))
        one = _("den einen Eintrag, der hier allein erfasst ist,")
        said.append(
            _(
                "Der erste Abgleich sendet {what} an das Team; Privates und Fallrunden bleiben auf diesem Gerät. Danach holt "
                "er, was das Team schon hat."
            ).format(what=one if len(waiting) == 1 else alone)
        )
    else:
        said.append(_("Der erste Abgleich holt, was das Team schon hat; zu senden ist nichts."))
    said.append(_("Vorher wird eine Sicherung angelegt. Jetzt abgleichen?"))
    return "\n\n".join(said)
