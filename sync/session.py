"""What a person does with the team's server: connect and sync. The edges of the machine come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from models.errors import NotConnected, RemovalsWait, StoreReadOnly, SyncFailed
from models.i18n import _
from models.safekeeping import back_up
from sync.account import ACCOUNT, CONTACT, STATE, Account, contact_document
from sync.client import Line, Machine, drive
from sync.engine import NotSynced, Report, Request, WouldRemove, cycle
from sync.exchange import Exchange
from sync.halt import STOPPED
from sync.messages import enrolment_text, failure_text
from sync.pace import Pace
from sync.protocol import PROTOCOL, Enrol, Enrolled, Hello, Problem, Rotated, Scopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from models.store.files import Files
    from sync.engine import Answer
    from sync.halt import Halt

FIRST_ROOM = 128 * 1024
"""Bytes of edits in the first push over a line of which nothing is known."""
RENEWED = timedelta(days=30)
"""Age at which a token is exchanged for a new one."""
REMEMBERED = timedelta(minutes=1)
"""How exactly the last contact is known where nothing else was new: an idle device need not write all the time."""
GLANCE = httpx.Timeout(3.0)
CYCLES = 3
"""So often a sync begins anew by itself: a restored server is noticed on the way, and two sides that differ at the end."""
BEGUN_ANEW = frozenset({"differs", "epoch_changed"})


class Edges(NamedTuple):
    """What a session needs of the world: how bytes travel, the machine's time and chance, its files.

    `halt` ends it from outside, `follow` is told of each request of a cycle before it is made.
    """

    transport: httpx.BaseTransport | None = None
    machine: Machine = Machine()
    files: Files | None = None
    halt: Halt | None = None
    follow: Callable[[Request], None] | None = None

    def line(self, address: str, token: str = "", *, ca: str = "") -> Line:
        """Return the line to a server; raises `NotSynced`."""
        return Line(address, token, ca=ca, transport=self.transport, machine=self.machine, halt=self.halt)


EDGES = Edges()

Read = TypeVar("Read", bound=BaseModel)


def connect(
    fieldbook: Fieldbook,
    address: str,
    code: str,
    name: str,
    ca: str = "",
    edges: Edges = EDGES,
    *,
    waits: bool = False,
) -> Scopes:
    """Redeem a code at the server for this fieldbook, as the device `name`, and keep the token; raises `SyncFailed`.

    `ca` is the text of the certificates to trust alone. A connection that there was is replaced. `waits`: the first sync is
    not to begin by itself.
    """
    _writable(fieldbook)
    try:
        wanted = Enrol(code="".join(code.split()), name=name)
    except ValidationError:
        raise _not_enrolled("unknown_code") from None
    try:
        with edges.line(address, ca=ca) as line:
            _greet(line)
            answer = line.carry(Request("POST", "/v1/devices", wanted.model_dump_json().encode()), tries=1)
    except NotSynced as ended:
        raise _not_enrolled(ended.code) from None
    enrolled = _parsed(Enrolled, answer) if answer.status == 201 else None
    if enrolled is None or not (enrolled.token.isascii() and enrolled.token.isprintable()):
        raise _not_enrolled(_code(answer, "lost_answer"))
    account = Account(address, enrolled.token, enrolled.device, name, ca, waits=waits)
    _keep(fieldbook, account, enrolled.granted)
    return enrolled.granted


def _keep(fieldbook: Fieldbook, account: Account, granted: Scopes) -> None:
    now = fieldbook.clock.now().isoformat(timespec="seconds")
    standing = Exchange(fieldbook).standing._replace(device=account.device)
    fieldbook.take_over(
        [],
        {
            ACCOUNT: account._replace(renewed_at=now).document(),
            CONTACT: contact_document(granted, now),
            STATE: standing._asdict(),
        },
    )


def _greet(line: Line) -> None:
    """Raise `NotSynced` where there is no server of ours, or one that speaks another version."""
    hello = _parsed(Hello, line.carry(Request("GET", "/v1/hello")))
    if hello is None:
        raise NotSynced("offline")
    if not hello.protocol.oldest <= PROTOCOL <= hello.protocol.newest:
        raise NotSynced("protocol")


def _parsed(kind: type[Read], answer: Answer) -> Read | None:
    try:
        return kind.model_validate_json(answer.body) if answer.status in (200, 201) else None
    except ValidationError:
        return None


def _code(answer: Answer, unknown: str) -> str:
    try:
        return Problem.model_validate_json(answer.body).code
    except ValidationError:
        return unknown


def _not_enrolled(code: str) -> SyncFailed:
    return SyncFailed(enrolment_text(code), code)


def _writable(fieldbook: Fieldbook) -> None:
    if fieldbook.only_read:
        raise StoreReadOnly(fieldbook.only_read)


def account_of(fieldbook: Fieldbook) -> Account:
    """Return the account of a fieldbook; raises `NotConnected`."""
    account = Account.of(fieldbook)
    if account is None:
        raise NotConnected(
            _(
                "Dieses Feldbuch ist mit keinem Server verbunden. „feldbuch connect ADRESSE CODE“ verbindet es; Adresse "
                "und Code gibt die Teamleitung."
            )
        )
    return account


def synchronise(fieldbook: Fieldbook, directory: Path, *, removals: bool = False, edges: Edges = EDGES) -> Report:
    """Send what waits and fetch what is new; raises `NotConnected`, `SyncFailed`, and a `StoreError` of the backup before.

    `RemovalsWait` is raised where much of what is here would go, unless `removals` were agreed to.
    """
    _writable(fieldbook)
    account = account_of(fieldbook)
    if not account.backed_up:
        if fieldbook.counts():
            back_up(fieldbook, directory, edges.files)
        account = account.keep(fieldbook, backed_up=True, waits=False)
    try:
        with edges.line(account.address, account.token, ca=account.ca) as line:
            report = _Session(fieldbook, line, edges).run(removals=removals)
            _renew(fieldbook, account, line)
    except WouldRemove as ended:
        raise RemovalsWait(_removals_text(ended), ended.count, ended.held) from None
    except NotSynced as ended:
        raise SyncFailed(failure_text(ended.code), ended.code) from None
    return report


def _removals_text(ended: WouldRemove) -> str:
    return _(
        "Der Server würde hier mindestens {count} von {held} Einträgen entfernen, weil sie dort gelöscht wurden oder nicht "
        "mehr zu diesem Zugang gehören. Der Abgleich hielt an, bevor es so viele waren. Die Seite Abgleich (F10, Strg+L) "
        "fragt danach, „feldbuch sync --yes“ übernimmt es."
    ).format(count=ended.count, held=ended.held)


class _Session:
    """The cycles of one sync over one line; remembers what the server said of the owner of the device."""

    def __init__(self, fieldbook: Fieldbook, line: Line, edges: Edges) -> None:
        self._book = fieldbook
        self._line = line
        self._edges = edges
        self._granted: Scopes | None = None

    def run(self, *, removals: bool) -> Report:
        """Return what was done; raises `NotSynced`."""
        total, pace = Report(), Pace(room=FIRST_ROOM)
        for left in reversed(range(CYCLES)):
            try:
                going = cycle(Exchange(self._book), pace, removals=removals)
                done = drive(going, self._carry, pace, self._edges.machine.seconds)
            except NotSynced as ended:
                if ended.code not in BEGUN_ANEW or not left:
                    if ended.code != STOPPED:
                        self._remember(idle=False)
                    raise
            else:
                total = Report(*(getattr(total, name) + getattr(done, name) for name in Report.__dataclass_fields__))
                break
        self._remember(idle=not any(vars(total).values()))
        return total

    def _carry(self, request: Request) -> Answer:
        if self._edges.follow is not None:
            self._edges.follow(request)
        answer = self._line.carry(request)
        if request.path == "/v1/scopes":
            self._granted = _parsed(Scopes, answer) or self._granted
        return answer

    def _remember(self, *, idle: bool) -> None:
        if self._granted is None:
            return
        now = self._book.clock.now()
        noted = contact_document(self._granted, now.isoformat(timespec="seconds"))
        before = self._book.meta(CONTACT)
        if idle and {**noted, "at": before.get("at")} == before and not _older(str(before["at"]), now, REMEMBERED):
            return
        self._book.set_meta(CONTACT, noted)


def _older(at: str, now: datetime, age: timedelta) -> bool:
    try:
        return not timedelta(0) <= now - datetime.fromisoformat(at) < age
    except (ValueError, TypeError):
        return True


def _renew(fieldbook: Fieldbook, account: Account, line: Line) -> None:
    """Exchange a token that grew old; where that does not work now it is tried again the next time."""
    now = fieldbook.clock.now()
    if not _older(account.renewed_at, now, RENEWED):
        return
    rotated = _parsed(Rotated, line.carry(Request("POST", "/v1/devices/rotate"), tries=1))
    if rotated is not None and rotated.token.isascii() and rotated.token.isprintable():
        account.keep(fieldbook, token=rotated.token, renewed_at=now.isoformat(timespec="seconds"))


def reachable(account: Account, edges: Edges = EDGES) -> bool:
    """Tell whether the server of an account answers at this moment; sends no token, and does not wait long."""
    try:
        with edges.line(account.address, ca=account.ca) as line:
            return line.carry(Request("GET", "/v1/hello"), tries=1, timeout=GLANCE).status == 200
    except NotSynced:
        return False
