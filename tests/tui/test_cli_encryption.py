"""Encryption on the command line: by a person at a terminal, by a script, and by nobody who lacks the passphrase."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.fieldbook import Fieldbook
from models.protection import Protection
from models.records.needs import Task
from models.store.files import Files
from models.store.key_files import has_keys
from models.store.keyring import KeyRing
from models.store.secret_service import NoSecretService
from tui.cli import guard, main

PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep all tests away from the fieldbook, and from the keyring, of whoever runs them."""
    monkeypatch.setenv("FELDBUCH_DIR", str(tmp_path / "eigenes"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setattr("sys.platform", "linux")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a plain fieldbook with a task."""
    with Fieldbook.open(tmp_path / "buch") as fieldbook:
        fieldbook.save(Task(id="aufgabe-eins", text=MARK))
    return tmp_path / "buch"


@pytest.fixture
def sealed(folder: Path) -> Path:
    """The same folder, encrypted with the passphrase."""
    with Fieldbook.open(folder) as fieldbook:
        Protection(folder, secrets=NoSecretService(), cost={"t": 1, "m": 8, "p": 1}).encrypt(
            fieldbook, passphrase=PHRASE
        )
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the passphrase."""
    path = tmp_path / "passphrase"
    path.write_text(f"{PHRASE}\nzweite Zeile\n", encoding="utf-8")
    return path


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a test type lines; after them the input ends."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def feldbuch(folder: Path, *command: str) -> int:
    """Run a command on the fieldbook in `folder`."""
    return main(["--dir", str(folder), *command])


def opens_with(folder: Path, passphrase: str) -> bool:
    """Tell whether the passphrase unlocks the fieldbook."""
    ring = KeyRing.read(folder)
    ring.unlock_by_passphrase(passphrase)
    return len(ring.key) == 32


def readable(folder: Path) -> list[str]:
    """Return the files in which the mark can be read."""
    return [path.name for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


def test_encrypt_asks_twice_and_prints_the_code_once(
    folder: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    answers(f"{PHRASE}\n{PHRASE}\n")

    assert feldbuch(folder, "encrypt") == 0
    said = capsys.readouterr().out
    assert "Das Feldbuch ist verschlüsselt." in said
    code = said.partition("Wiederherstellungscode: ")[2].splitlines()[0]
    assert not readable(folder)
    assert opens_with(folder, PHRASE)
    KeyRing.read(folder).unlock_by_code(code)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("kurz\nkurz\n", "Mindestens 10 Zeichen"),
        (f"{PHRASE}\nanders getippt\n", "verschieden"),
        ("", "Die Eingabe endet"),
    ],
)
def test_a_bad_new_passphrase_changes_nothing(
    folder: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str], typed: str, told: str
) -> None:
    answers(typed)

    assert feldbuch(folder, "encrypt") == 2
    assert told in capsys.readouterr().err
    assert not has_keys(folder, Files())


def test_without_a_keyring_encrypting_with_it_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, "encrypt", "--system") == 1
    assert "Schlüsselbund dieses Systems nimmt gerade nichts an" in capsys.readouterr().err
    assert not has_keys(folder, Files())


def test_a_script_reads_and_writes_with_the_passphrase_from_a_file(
    sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feldbuch(sealed, "--passphrase-file", str(file), "list", "Aufgabe") == 0
    assert MARK in capsys.readouterr().out
    assert feldbuch(sealed, f"--passphrase-file={file}", "done", "aufgabe-eins") == 0
    assert not readable(sealed)


def test_a_script_reads_the_passphrase_from_its_input(
    sealed: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    answers(f"{PHRASE}\r\n")

    assert feldbuch(sealed, "--passphrase-file", "-", "list", "Aufgabe") == 0
    assert MARK in capsys.readouterr().out


def test_where_nobody_can_be_asked_the_option_is_named(
    sealed: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    answers(f"{PHRASE}\n")

    assert feldbuch(sealed, "list", "Aufgabe") == 2
    said = capsys.readouterr()
    assert "--passphrase-file DATEI vor den Befehl" in said.err
    assert MARK not in said.out


def test_a_wrong_passphrase_shows_nothing(sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("falsch geraten\n", encoding="utf-8")

    assert feldbuch(sealed, "--passphrase-file", str(file), "list", "Aufgabe") == 1
    said = capsys.readouterr()
    assert "Diese Passphrase ist falsch. Die Daten sind unversehrt." in said.err
    assert MARK not in said.out


@pytest.mark.parametrize(
    "call", [["--passphrase-file"], ["--demo", "--passphrase-file", "x", "keys"], ["--passphrase-file", "", "doctor"]]
)
def test_the_option_is_explained_where_it_is_used_wrongly(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call) == 2
    assert "--passphrase-file" in capsys.readouterr().err


def test_an_empty_file_is_no_passphrase(sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("\n", encoding="utf-8")

    assert feldbuch(sealed, "--passphrase-file", str(file), "doctor") == 2
    assert "steht in der ersten Zeile keine Passphrase" in capsys.readouterr().err


def test_the_passphrase_is_changed_by_who_knows_it(
    sealed: Path, file: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    answers("ganz neue Wörter\nganz neue Wörter\n")

    assert feldbuch(sealed, "--passphrase-file", str(file), "passphrase") == 0
    assert "Die neue Passphrase gilt." in capsys.readouterr().out
    assert opens_with(sealed, "ganz neue Wörter")


def test_who_forgot_the_passphrase_sets_a_new_one_with_the_recovery_code(
    sealed: Path, file: Path, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    feldbuch(sealed, "--passphrase-file", str(file), "code")
    code = capsys.readouterr().out.partition("Wiederherstellungscode: ")[2].splitlines()[0]
    file.write_text(code.lower().replace("-", " "), encoding="utf-8")
    answers("ganz neue Wörter\nganz neue Wörter\n")

    assert feldbuch(sealed, "--passphrase-file", str(file), "passphrase") == 0
    assert opens_with(sealed, "ganz neue Wörter")


def test_a_new_code_replaces_the_old_one(sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(sealed, "--passphrase-file", str(file), "code") == 0
    code = capsys.readouterr().out.partition("Wiederherstellungscode: ")[2].splitlines()[0]
    KeyRing.read(sealed).unlock_by_code(code)


def test_decrypt_makes_everything_readable(sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(sealed, "--passphrase-file", str(file), "decrypt") == 0
    assert not has_keys(sealed, Files())
    assert feldbuch(sealed, "list", "Aufgabe") == 0
    assert MARK in capsys.readouterr().out


@pytest.mark.parametrize("command", ["decrypt", "passphrase", "code"])
def test_what_needs_encryption_says_so(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, command) == 2
    assert "Dieses Feldbuch ist nicht verschlüsselt." in capsys.readouterr().err


def test_encrypting_twice_and_encrypting_the_demo_are_refused(
    sealed: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feldbuch(sealed, "--passphrase-file", str(file), "encrypt") == 2
    assert "schon verschlüsselt" in capsys.readouterr().err
    assert main(["--demo", "encrypt"]) == 2
    assert "Die Beispielregion bleibt unverschlüsselt." in capsys.readouterr().err


def test_lost_keys_are_told_with_what_is_still_possible(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("keys.json", "keys.json.2"):
        (sealed / name).unlink()

    assert feldbuch(sealed, "list", "Aufgabe") == 1
    assert "aus einer Sicherung dieses Feldbuchs" in capsys.readouterr().err


def test_the_log_of_a_defect_quotes_nothing_that_was_entered(tmp_path: Path) -> None:
    from tui.cli.target import Target

    def defect() -> int:
        try:
            raise KeyError(MARK)
        except KeyError as error:
            raise ValueError(f"{MARK} ist falsch") from error

    assert guard.guarded(defect, Target(folder=tmp_path)) == guard.FAILED
    log = (tmp_path / guard.LOG).read_text(encoding="utf-8")
    assert "ValueError" in log
    assert "KeyError" in log
    assert "in defect" in log
    assert MARK not in log
