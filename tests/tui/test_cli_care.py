"""Care on the command line: backing up, bringing back, and what is said about a fieldbook that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.fieldbook import Fieldbook
from models.migrations import Schema
from models.protection import Protection
from models.records.needs import Task
from models.store.convert import BACKUPS
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
def passphrase(tmp_path: Path) -> str:
    """A file with the passphrase."""
    (tmp_path / "passphrase").write_text(f"{PHRASE}\n", encoding="utf-8")
    return str(tmp_path / "passphrase")


def feldbuch(folder: Path, *command: str) -> int:
    """Run a command on the fieldbook in `folder`."""
    return main(["--dir", str(folder), *command])


def tasks(folder: Path) -> list[str]:
    """Return the texts of the tasks of a plain fieldbook."""
    with Fieldbook.open(folder) as fieldbook:
        return [str(task["text"]) for task in fieldbook.documents("task")]


def backed_up(folder: Path, into: Path, *options: str) -> Path:
    """Back up and return the new file."""
    before = set(into.glob("*"))
    assert main(["--dir", str(folder), *options, "backup", str(into)]) == 0
    (path,) = set(into.glob("*")) - before
    return path


def damage(folder: Path) -> None:
    """Flip a bit of the first record, behind which others were saved."""
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(id="aufgabe-zwei", text="Zweites"))
        fieldbook.save(Task(id="aufgabe-drei", text="Drittes"))
    journal = folder / "wal-000001.jsonl"
    content = bytearray(journal.read_bytes())
    content[content.index(MARK.encode())] ^= 1
    journal.write_bytes(content)


def test_a_backup_says_where_it_is_and_what_it_holds(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = backed_up(folder, tmp_path / "stick")

    assert capsys.readouterr().out.splitlines() == [f"Gesichert in {path}", "Aufgaben: 1"]


def test_restore_says_what_it_holds_and_asks_and_without_anybody_does_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = backed_up(folder, tmp_path / "stick")
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(id="aufgabe-zwei", text="Zweites"))
    capsys.readouterr()

    assert feldbuch(folder, "restore", str(path)) == guard.NOT_APPLIED
    said = capsys.readouterr()
    assert said.out.startswith("Sicherung von ")
    assert "Aufgaben: 1\nZusammen 1 Einträge, die Datei ist unversehrt.\n" in said.out
    assert "--yes" in said.err
    assert tasks(folder) == [MARK, "Zweites"]


@pytest.mark.parametrize(("answer", "left"), [("j", [MARK]), ("n", [MARK, "Zweites"]), ("", [MARK, "Zweites"])])
def test_the_answer_decides(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: list[str]
) -> None:
    path = backed_up(folder, tmp_path / "stick")
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(id="aufgabe-zwei", text="Zweites"))
    monkeypatch.setattr("tui.cli.care.is_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: answer)

    assert feldbuch(folder, "restore", str(path)) == 0
    assert tasks(folder) == left


def test_restore_keeps_the_state_before_and_says_where(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = backed_up(folder, tmp_path / "stick")
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(id="aufgabe-zwei", text="Zweites"))

    assert feldbuch(folder, "restore", str(path), "--yes") == 0
    (kept,) = (path for path in (folder / BACKUPS).iterdir() if "-auto-" not in path.name)
    said = capsys.readouterr().out
    assert f"Der Stand davor liegt in {kept}\nDie Sicherung ist eingespielt.\n" in said
    assert tasks(folder) == [MARK]
    assert feldbuch(folder, "restore", str(kept), "--yes") == 0
    assert tasks(folder) == [MARK, "Zweites"]


def test_restore_begins_a_fieldbook_where_there_is_none(folder: Path, tmp_path: Path) -> None:
    path = backed_up(folder, tmp_path / "stick")

    assert feldbuch(tmp_path / "neu", "restore", str(path), "--yes") == 0
    assert tasks(tmp_path / "neu") == [MARK]


def test_restore_mends_a_damaged_fieldbook(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = backed_up(folder, tmp_path / "stick")
    damage(folder)
    assert feldbuch(folder, "list", "task") == guard.FAILED
    capsys.readouterr()

    assert feldbuch(folder, "restore", str(path), "--yes") == 0
    assert "Die beschädigten Dateien liegen in " in capsys.readouterr().out
    assert tasks(folder) == [MARK]


def test_a_file_that_is_no_backup_is_refused_and_nothing_is_touched(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brief.txt").write_text("Guten Tag", encoding="utf-8")

    for name in ("brief.txt", "nirgends.jsonl"):
        assert feldbuch(folder, "restore", str(tmp_path / name), "--yes") == guard.FAILED
        assert "Nichts wurde verändert." in capsys.readouterr().err
    assert tasks(folder) == [MARK]


def test_the_backup_of_an_encrypted_fieldbook_opens_elsewhere_with_its_passphrase(
    folder: Path, tmp_path: Path, passphrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fieldbook.open(folder) as fieldbook:
        Protection(folder, secrets=NoSecretService(), cost={"t": 1, "m": 8, "p": 1}).encrypt(
            fieldbook, passphrase=PHRASE
        )
    path = backed_up(folder, tmp_path / "stick", "--passphrase-file", passphrase)
    assert MARK.encode() not in path.read_bytes()

    assert feldbuch(tmp_path / "neu", "restore", str(path), "--yes") == guard.WRONG_USAGE
    assert "--passphrase-file" in capsys.readouterr().err
    there = ["--dir", str(tmp_path / "neu"), "--passphrase-file", passphrase]
    assert main([*there, "restore", str(path), "--yes"]) == 0
    assert "danach verschlüsselt" in capsys.readouterr().out
    assert main([*there, "list", "task"]) == 0
    assert MARK in capsys.readouterr().out
    assert main(["--dir", str(folder), "--passphrase-file", passphrase, "restore", str(path), "--yes"]) == 0


def test_the_demo_is_not_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "restore", str(tmp_path / "x")]) == guard.WRONG_USAGE
    assert "Beispielregion" in capsys.readouterr().err


def test_a_backup_into_what_is_no_folder_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "datei").write_bytes(b"x")

    for place in (tmp_path / "datei", tmp_path / "fehlt" / "auch"):
        assert feldbuch(folder, "backup", str(place)) == guard.FAILED
        assert "Das Feldbuch selbst ist unversehrt." in capsys.readouterr().err


def test_a_command_backs_up_once_a_week_and_not_the_demo(folder: Path, tmp_path: Path) -> None:
    for _again in range(3):
        assert feldbuch(folder, "list", "task") == 0
    assert len(list((folder / BACKUPS).iterdir())) == 1
    assert main(["--demo", "--records", "50", "list", "task"]) == 0
    assert not list(tmp_path.glob("eigenes-demo*/backups"))


def test_a_backup_that_cannot_be_made_is_told_once_and_stops_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / BACKUPS).write_bytes(b"im Weg")

    said: list[str] = []
    for _again in range(3):
        assert feldbuch(folder, "list", "task") == 0
        said.append(capsys.readouterr().err)
    assert said[0].startswith("Die wöchentliche Sicherung ging nicht: ")
    assert said[1:] == ["", ""]
    (folder / BACKUPS).unlink()
    assert feldbuch(folder, "list", "task") == 0
    assert len(list((folder / BACKUPS).iterdir())) == 1


def test_doctor_tells_files_generations_and_the_last_backup(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, "doctor") == 0
    assert "Dateien: 1, Generationen: 1\nLetzte Sicherung: noch keine\nAufgaben: 1\n" in capsys.readouterr().out
    assert feldbuch(folder, "doctor") == 0
    said = capsys.readouterr().out
    assert "Letzte Sicherung: " in said
    assert "noch keine" not in said
    assert said.endswith("Alles in Ordnung.\n")


def test_doctor_says_of_a_damaged_fieldbook_what_is_left_and_what_to_do_and_changes_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feldbuch(folder, "list", "task") == 0
    damage(folder)
    before = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}
    capsys.readouterr()

    assert feldbuch(folder, "doctor") == guard.FAILED
    said = capsys.readouterr()
    assert "wal-000001.jsonl: 1 von " in said.out
    assert "Noch lesbar:\nAufgaben: 2\nVerloren: 1 Stücke\n" in said.out
    (backup,) = (folder / BACKUPS).iterdir()
    assert f"feldbuch restore {backup}" in said.out
    assert "beschädigt" in said.err
    assert {path.name: path.read_bytes() for path in folder.glob("*.jsonl")} == before


def test_doctor_rescues_what_is_readable_into_a_file_that_can_be_brought_in(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    file = tmp_path / "gerettet.jsonl"

    assert feldbuch(folder, "doctor", "--rescue", str(file)) == guard.FAILED
    assert f"2 Einträge geschrieben, auch vertrauliche und gelöschte: {file}" in capsys.readouterr().out
    assert feldbuch(tmp_path / "neu", "import", "records", str(file)) == 0
    assert tasks(tmp_path / "neu") == ["Drittes", "Zweites"]
    assert feldbuch(tmp_path / "neu", "doctor", "--rescue", str(tmp_path / "alles.jsonl")) == 0
    assert (tmp_path / "alles.jsonl").read_bytes() == file.read_bytes()


def test_doctor_rescues_an_encrypted_fieldbook_with_its_passphrase(
    folder: Path, tmp_path: Path, passphrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fieldbook.open(folder) as fieldbook:
        Protection(folder, secrets=NoSecretService(), cost={"t": 1, "m": 8, "p": 1}).encrypt(
            fieldbook, passphrase=PHRASE
        )
        for number in range(3):
            fieldbook.save(Task(id=f"aufgabe-{number}", text=f"Nummer {number}"))
    (journal,) = folder.glob("wal-*.jsonl")
    content = bytearray(journal.read_bytes())
    content[content.index(b"\n") + 30] ^= 64
    journal.write_bytes(content)

    assert main(["--dir", str(folder), "--passphrase-file", passphrase, "doctor"]) == guard.FAILED
    said = capsys.readouterr().out
    assert "1 von " in said
    assert "Aufgaben: 3\nVerloren: 1 Stücke" in said


def test_doctor_says_what_the_files_look_like_where_the_keys_are_lost(
    folder: Path, passphrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fieldbook.open(folder) as fieldbook:
        Protection(folder, secrets=NoSecretService(), cost={"t": 1, "m": 8, "p": 1}).encrypt(
            fieldbook, passphrase=PHRASE
        )
    for path in folder.glob("keys.json*"):
        path.write_bytes(b"kaputt")

    assert feldbuch(folder, "doctor") == guard.FAILED
    said = capsys.readouterr()
    assert "Dateien: 2, Generationen: 1" in said.out
    assert "beide Schlüsseldateien" in said.err


def test_what_a_newer_version_wrote_is_listed_and_cannot_be_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fieldbook.open(folder, schema=Schema(2)):
        pass

    assert feldbuch(folder, "list", "task") == 0
    said = capsys.readouterr()
    assert MARK in said.out
    assert "neueren Version" in said.err
    assert feldbuch(folder, "edit", "aufgabe-eins", "--text", "anders") == guard.FAILED
    assert "nur zum Lesen" in capsys.readouterr().err


def test_a_network_drive_is_refused_unless_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("models.store.places.on_network", lambda _folder: True)
    for command in (["list", "task"], ["restore", "x"], []):
        assert feldbuch(folder, *command) == guard.FAILED
        assert "Netzlaufwerk" in capsys.readouterr().err
    assert main(["--network", "--dir", str(folder), "list", "task"]) == 0
    assert MARK in capsys.readouterr().out


def test_a_folder_in_a_cloud_is_warned_of_once_and_by_the_doctor_always(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "Nextcloud" / "buch"
    told: list[str] = []
    for _again in range(3):
        assert feldbuch(folder, "list", "task") == 0
        told.append(capsys.readouterr().err)
    assert "von Nextcloud abgeglichen" in told[0]
    assert told[1:] == ["", ""]
    assert feldbuch(folder, "doctor") == 0
    assert "von Nextcloud abgeglichen" in capsys.readouterr().out
