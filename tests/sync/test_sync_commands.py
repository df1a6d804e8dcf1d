"""`feldbuch connect`, `sync`, `status`, `conflicts` and `resolve`, against a server that listens on this machine."""

from __future__ import annotations

import datetime as dt
import json
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.fieldbook import Fieldbook
from models.records.needs import Task
from sync.account import Account
from sync.server.devices import devices, revoke
from sync.server.people import CONSOLE
from tests.sync.listening import Listening
from tests.sync.served import Served
from tui.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.records import Document
    from sync.server.database import Database


@pytest.fixture
def dialect() -> str:
    """SQLite is enough here: the two databases are told apart elsewhere."""
    return "sqlite"


@pytest.fixture
def url(served: Served) -> Iterator[str]:
    """The address of a server that listens."""
    with Listening(served) as listening:
        yield f"http://127.0.0.1:{listening.port}"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep all tests away from the fieldbook of whoever runs them."""
    monkeypatch.setenv("FELDBUCH_DIR", str(tmp_path / "eigenes"))


class Person:
    """Somebody who works on a fieldbook by commands."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.said = ""
        self.complained = ""

    def feldbuch(self, *words: str) -> int:
        """Run a command and keep what it says."""
        code = main(["--dir", str(self.folder), *words])
        self.said, self.complained = self._capsys.readouterr()
        return code

    def json(self, *words: str) -> Any:
        """Return what a command says as JSON."""
        self.feldbuch(*words, "--json")
        return json.loads(self.said)

    def save(self, **values: Any) -> None:
        """Make or change a task."""
        with Fieldbook.open(self.folder) as book:
            book.save(
                Task.model_validate({"text": "Konzept", **(book.peek("aufgabe1") or {}), "id": "aufgabe1", **values})
            )

    def task(self) -> Document:
        """Return the task."""
        with Fieldbook.open(self.folder) as book:
            return dict(book.document("aufgabe1"))


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Person]:
    """Makes a person with a folder."""
    return lambda name: Person(tmp_path / name, capsys)


@pytest.fixture
def pair(person: Callable[[str], Person], served: Served, url: str) -> tuple[Person, Person]:
    """Two people of one team, connected, with one task that both have."""
    anna, bernd = person("anna"), person("bernd")
    anna.save()
    for who in (anna, bernd):
        assert who.feldbuch("connect", url, served.code(served.koeln, "adviser", who.folder.name.title())) == 0
        assert who.feldbuch("sync") == 0
    return anna, bernd


def at_odds(pair: tuple[Person, Person], **values: Any) -> tuple[Person, Person]:
    """Let both change the same field, and Bernd be the later one."""
    anna, bernd = pair
    anna.save(**{name: one for name, (one, _other) in values.items()})
    bernd.save(**{name: other for name, (_one, other) in values.items()})
    for who in (anna, bernd, anna):
        assert who.feldbuch("sync") == 0
    return pair


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / f"{host}.pem", folder / f"{host}.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


# Connecting


def test_a_code_connects_and_one_sync_brings_all_there(
    person: Callable[[str], Person], served: Served, url: str
) -> None:
    anna = person("anna")
    anna.save()
    code = served.code(served.koeln, "adviser", "Anna Ast")
    assert anna.feldbuch("connect", url, code, "--device", "Dienst\x1bgerät") == 0
    assert f"Verbunden mit {url} als Anna Ast, Gerät „Dienst·gerät“." in anna.said
    assert "Köln: Medienberater*in" in anna.said
    assert anna.feldbuch("sync") == 0
    assert anna.said == "Gesendet: 1\nEmpfangen: 0\nAlles übertragen.\n"
    assert list((anna.folder / "backups").iterdir())
    (device,) = served.database.read(lambda connection: devices(connection, served.koeln))
    assert device.name == "Dienst·gerät"


def test_the_device_is_named_after_the_machine(person: Callable[[str], Person], served: Served, url: str) -> None:
    anna = person("anna")
    assert anna.feldbuch("connect", url, served.code(served.koeln, "adviser")) == 0
    with Fieldbook.open(anna.folder) as book:
        account = Account.of(book)
    assert account is not None
    assert account.device_name


@pytest.mark.parametrize(
    ("address", "code", "told"),
    [
        ("http://feldbuch.example.org", 2, "Nur https"),
        ("ftp://127.0.0.1", 2, "keine Adresse"),
    ],
)
def test_an_unsafe_address_is_refused_before_anything_is_sent(
    person: Callable[[str], Person], address: str, code: int, told: str
) -> None:
    anna = person("anna")
    assert anna.feldbuch("connect", address, "ABCD-EFGH") == code
    assert told in anna.complained
    assert not anna.folder.exists()


def test_a_wrong_and_a_used_code_are_told_apart(person: Callable[[str], Person], served: Served, url: str) -> None:
    anna, bernd = person("anna"), person("bernd")
    code = served.code(served.koeln, "adviser")
    assert anna.feldbuch("connect", url, "0000-0000-0000-0000") == 1
    assert "kennt der Server nicht" in anna.complained
    assert anna.feldbuch("connect", url, code) == 0
    assert bernd.feldbuch("connect", url, code) == 1
    assert "schon benutzt" in bernd.complained
    assert bernd.json("status")["server"] is None


def test_who_is_connected_is_not_connected_anew_unless_told(
    pair: tuple[Person, Person], served: Served, url: str
) -> None:
    anna, _bernd = pair
    code = served.code(served.koeln, "adviser", "Neue Anna")
    assert anna.feldbuch("connect", url, code) == 3
    assert "schon mit" in anna.complained
    assert anna.feldbuch("connect", url, code, "--yes") == 0
    anna.save(text="danach")
    assert anna.feldbuch("sync") == 0
    assert anna.said.endswith("Alles übertragen.\n")


def test_the_demo_region_reaches_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "connect", "https://feldbuch.example.org", "ABCD-EFGH"]) == 2
    assert main(["--demo", "sync"]) == 2
    assert "erfunden" in capsys.readouterr().err


def test_a_certificate_that_nobody_vouches_for_is_refused_and_a_named_one_is_taken(
    person: Callable[[str], Person], served: Served, tmp_path: Path
) -> None:
    anna = person("anna")
    chain, key = certificate(tmp_path, "127.0.0.1")
    other, other_key = certificate(tmp_path, "127.0.0.2")
    code = served.code(served.koeln, "adviser")
    with Listening(served, ssl_certfile=str(chain), ssl_keyfile=str(key)) as listening:
        url = f"https://127.0.0.1:{listening.port}"
        for words in ((), ("--ca", str(other))):
            assert anna.feldbuch("connect", url, code, *words) == 1
            assert "Zertifikat" in anna.complained
        assert anna.feldbuch("connect", url, code, "--ca", str(tmp_path / "anna" / "nirgends.pem")) == 1
        assert anna.feldbuch("connect", url, code, "--ca", str(key)) == 2
        assert anna.feldbuch("connect", url, code, "--ca", str(chain)) == 0
        assert anna.feldbuch("sync") == 0
    with Listening(served, ssl_certfile=str(other), ssl_keyfile=str(other_key)) as listening:
        # Vouched for, but for another host.
        wrong = f"https://127.0.0.1:{listening.port}"
        assert anna.feldbuch("connect", wrong, code, "--yes", "--ca", str(other)) == 1
        assert "Zertifikat" in anna.complained


# Syncing and status


def test_without_a_server_every_command_says_how_to_connect(person: Callable[[str], Person]) -> None:
    anna = person("anna")
    assert anna.feldbuch("sync") == 2
    assert "feldbuch connect ADRESSE CODE" in anna.complained
    assert anna.feldbuch("status") == 0
    assert "feldbuch connect ADRESSE CODE" in anna.said
    assert anna.json("status") == {
        "online": False,
        "pending": 0,
        "conflicts": 0,
        "rejected": 0,
        "scopes": [],
        "last_contact": None,
        "server": None,
        "refused": [],
        "parked": 0,
    }


def test_status_counts_what_waits_online_and_offline(person: Callable[[str], Person], served: Served) -> None:
    anna = person("anna")
    with Listening(served) as listening:
        url = f"http://127.0.0.1:{listening.port}"
        anna.feldbuch("connect", url, served.code(served.koeln, "lead", "Anna"))
        anna.save()
        status = anna.json("status")
        assert (status["online"], status["pending"], status["server"]) == (True, 1, url)
        assert status["scopes"] == [{"team": served.koeln, "name": "Köln", "role": "lead"}]
        assert anna.json("sync") == {
            "sent": 1,
            "conflicts": 0,
            "rejected": 0,
            "received": 0,
            "refused": [],
            "pending": 0,
        }
        assert anna.feldbuch("status") == 0
        assert "Alles übertragen." in anna.said
    anna.save(text="ohne Netz")
    status = anna.json("status")
    assert (status["online"], status["pending"]) == (False, 1)
    assert status["last_contact"]
    assert anna.feldbuch("status") == 0
    assert "Offline" in anna.said
    assert "Noch nicht übertragen: 1" in anna.said
    assert anna.feldbuch("sync") == 1
    assert "nicht zu erreichen. Nichts ging verloren" in anna.complained


def test_who_may_no_longer_is_told_so_and_keeps_everything(pair: tuple[Person, Person], served: Served) -> None:
    anna, _bernd = pair
    database: Database = served.database
    (mine,) = (one for one in database.read(lambda c: devices(c, served.koeln)) if one.person == "Anna")
    database.write(lambda c: revoke(c, CONSOLE, served.koeln, mine.device, served.clock.now()))
    anna.save(text="danach")
    assert anna.feldbuch("sync") == 1
    assert "gesperrt" in anna.complained
    assert anna.json("status")["pending"] == 1
    assert anna.task()["text"] == "danach"


def test_what_the_server_refuses_is_told_with_the_reason_and_the_rest_goes_out(
    pair: tuple[Person, Person],
) -> None:
    anna, _bernd = pair
    anna.save(notes="x" * 300_000)
    with Fieldbook.open(anna.folder) as book:
        book.save(Task(id="aufgabe2", text="Anderes"))
    assert anna.feldbuch("sync") == 1
    assert "Gesendet: 1" in anna.said
    assert "Aufgabe Konzept: Der Eintrag ist zu groß." in anna.said
    status = anna.json("status")
    assert (status["pending"], status["rejected"]) == (0, 1)
    assert status["refused"][0]["record"] == "aufgabe1"
    anna.save(notes="kurz")
    assert anna.feldbuch("sync") == 0
    assert anna.json("status")["rejected"] == 0


def test_a_server_that_takes_much_away_is_asked_about_first(pair: tuple[Person, Person]) -> None:
    anna, bernd = pair
    with Fieldbook.open(anna.folder) as book, book.batch():
        for number in range(60):
            book.save(Task(id=f"viele{number}", text="weg"))
    anna.feldbuch("sync")
    bernd.feldbuch("sync")
    with Fieldbook.open(anna.folder) as book, book.batch():
        for number in range(60):
            book.delete(f"viele{number}")
    anna.feldbuch("sync")
    assert bernd.feldbuch("sync") == 3
    assert "60 von 61" in bernd.complained
    assert len(bernd.json("list", "Aufgabe")) == 61
    assert bernd.feldbuch("sync", "--yes") == 0
    assert len(bernd.json("list", "Aufgabe")) == 1


# Conflicts


def test_two_edits_of_one_field_are_one_conflict_on_both_laptops_and_nothing_is_lost(
    pair: tuple[Person, Person],
) -> None:
    anna, bernd = at_odds(pair, text=("Von Anna", "Von Bernd"))
    for who in pair:
        assert who.json("status")["conflicts"] == 1
        (conflict,) = who.json("conflicts")
        assert (conflict["kept"], conflict["other"]) == ("Von Anna", "Von Bernd")
        assert who.task()["text"] == "Von Anna"
    assert bernd.feldbuch("conflicts") == 0
    for line in ("Aufgabe Von Anna: Aufgabe", "Davor: Konzept", "Es gilt: Von Anna", "Andere Fassung: Von Bernd"):
        assert line in bernd.said
    assert anna.feldbuch("doctor") == 0


@pytest.mark.parametrize(
    ("answer", "text", "told"),
    [
        ("behalten", "Von Anna", "Es bleibt: Von Anna"),
        ("other", "Von Bernd", "Geändert: Aufgabe"),
        ("Von beiden", "Von beiden", "Geändert: Aufgabe"),
    ],
)
def test_a_decision_reaches_everybody(pair: tuple[Person, Person], answer: str, text: str, told: str) -> None:
    anna, bernd = at_odds(pair, text=("Von Anna", "Von Bernd"))
    (conflict,) = anna.json("conflicts")
    assert anna.feldbuch("resolve", conflict["id"][:6], answer) == 0
    assert told in anna.said
    for who in (anna, bernd):
        assert who.feldbuch("sync") == 0
        assert who.task()["text"] == text
        assert who.json("conflicts") == []
        assert who.json("status")["conflicts"] == 0
    assert bernd.feldbuch("conflicts") == 0
    assert bernd.said == "Kein Konflikt ist offen.\n"
    assert bernd.feldbuch("resolve", conflict["id"], "other") == 0
    assert "War schon gelöst" in bernd.said
    assert bernd.task()["text"] == text


def test_two_who_decide_alike_at_the_same_time_make_no_new_conflict(pair: tuple[Person, Person]) -> None:
    anna, bernd = at_odds(pair, text=("Von Anna", "Von Bernd"))
    (conflict,) = anna.json("conflicts")
    for who in pair:
        assert who.feldbuch("resolve", conflict["id"], "other") == 0
    for who in (anna, bernd, anna):
        assert who.feldbuch("sync") == 0
    for who in pair:
        assert who.json("conflicts") == []
        assert who.task()["text"] == "Von Bernd"


def test_a_wrong_decision_is_one_sentence_and_changes_nothing(pair: tuple[Person, Person]) -> None:
    anna, _bernd = at_odds(pair, due=("2026-12-01", "2026-12-08"))
    (conflict,) = anna.json("conflicts")
    before = anna.task()
    for words, code, told in (
        (("gibtesnicht", "kept"), 1, "Kein Konflikt hat die Kennung"),
        (("aufgabe1", "kept"), 1, "Kein Konflikt hat die Kennung"),
        ((conflict["id"], "35.13."), 1, "bis:"),
        ((conflict["id"],), 2, "WAHL"),
    ):
        assert anna.feldbuch("resolve", *words) == code
        assert told in anna.complained
        assert anna.complained.count("\n") == 1
    assert anna.task() == before
    assert len(anna.json("conflicts")) == 1


def test_a_conflict_is_made_and_edited_by_no_other_command(pair: tuple[Person, Person]) -> None:
    anna, _bernd = at_odds(pair, text=("Von Anna", "Von Bernd"))
    (conflict,) = anna.json("conflicts")
    assert anna.feldbuch("add", "Konflikt") == 2
    assert anna.feldbuch("edit", conflict["id"], "--status", "geloest") == 2
    assert "feldbuch resolve" in anna.complained
    assert anna.feldbuch("show", conflict["id"]) == 0
    assert "Konflikt Aufgabe Von Anna: Aufgabe" in anna.said
    assert "Andere Fassung: Von Bernd" in anna.said
    anna.save(text="Inzwischen so")
    assert anna.feldbuch("conflicts") == 0
    assert "Inzwischen: Inzwischen so" in anna.said


def test_an_encrypted_fieldbook_keeps_its_token_encrypted(
    person: Callable[[str], Person], served: Served, url: str, tmp_path: Path
) -> None:
    anna = person("anna")
    word = tmp_path / "wort"
    word.write_text("ein langes Wort aus Silben 7\n", encoding="utf-8")
    locked = ("--passphrase-file", str(word))

    def feldbuch(*words: str) -> int:
        return main(["--dir", str(anna.folder), *locked, *words])

    assert feldbuch("encrypt") == 0
    assert feldbuch("connect", url, served.code(served.koeln, "adviser")) == 0
    assert feldbuch("sync") == 0
    stored = b"".join(path.read_bytes() for path in anna.folder.rglob("*") if path.is_file())
    assert b"127.0.0.1" not in stored
    assert b"sync-account" not in stored
