"""The command `feldbuch-server`: what it prints, for people in German and for programs as JSON, and what it refuses."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from models.clock import SystemClock
from sync.server.cli import main, missing_packages
from sync.server.cli.guard import guarded
from sync.server.cli.program import program
from sync.server.cli.running import first_invitation
from sync.server.database import Database
from sync.server.folder import ServerFolder
from sync.server.people import redeem
from sync.server.refusal import Refused
from tests.sync.content import everything, filled, join
from tests.sync.postgres import has_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cyclopts import App

    from models.clock import FixedClock

DOCS = Path(__file__).resolve().parents[2] / "docs" / "server.md"
ENGLISH = re.compile(
    r"\b(usage|commands?|parameters?|arguments?|options?|required|default|choices|display|show|error|unknown|invalid|exit)\b",
    re.IGNORECASE,
)


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """The folder of a server as it is after its first start."""
    folder = ServerFolder(tmp_path / "server")
    folder.prepare()
    shutil.copy(sqlite_template, folder.sqlite)
    return folder.path


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the server; returns its exit code and what it printed on both streams."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--data", str(data)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def said(run: Callable[..., tuple[int, str, str]], *words: str) -> dict[str, Any]:
    """Run a command with --json and return what it said; fails unless that is one line of JSON and nothing else."""
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    answer: dict[str, Any] = orjson.loads(out)
    assert all(re.fullmatch(r"[a-z0-9_]+", key) for key in answer)
    return answer


@contextmanager
def closing_database(data: Path) -> Iterator[Database]:
    database = Database.open(ServerFolder(data).address(), clock=SystemClock())
    try:
        yield database
    finally:
        database.close()


def commands(app: App, *before: str) -> dict[str, App]:
    """Return all commands by the words that one types."""
    found: dict[str, App] = {}
    for name, one in app.resolved_commands().items():
        if not name.startswith("-"):
            found |= commands(one, *before, name) or {" ".join((*before, name)): one}
    return found


def test_a_team_from_its_first_member_to_its_last_backup(
    empty_url: str, dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "server"

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--data", str(data)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    there = ("--database", empty_url) if dialect == "postgresql" else ()
    assert said(run, "db", "upgrade", *there) == {"state": "current"}
    assert said(run, "team", "list") == {"teams": []}
    team = said(run, "team", "add", "Paderborn", "--district", "05")["team"]
    (listed,) = said(run, "team", "list")["teams"]
    assert listed == {"team": team, "name": "Paderborn", "district": "05", "members": 0}
    code = said(run, "invite", "--team", "Paderborn", "--role", "lead", "--name", "Anna")["code"]

    secret = ServerFolder(data).secret()
    with closing_database(data) as database:
        joined = database.write(lambda c: redeem(c, secret, code, "Annas Laptop", SystemClock().now()))

    (device,) = said(run, "device", "list")["devices"]
    assert (device["device"], device["person"], device["role"], device["team"]) == (joined.device, "Anna", "lead", team)
    assert said(run, "device", "list", "--team", team)["devices"] == [device]
    again = said(run, "invite", "--team", team, "--role", "adviser", "--device", joined.device[:8])
    assert again["name"] == "Anna"
    assert said(run, "device", "revoke", joined.device[:8])["teams"] == [team]
    assert said(run, "device", "list")["devices"][0]["revoked_at"]
    assert said(run, "audit", "verify")["whole"] is True
    assert said(run, "db", "upgrade") == {"state": "current"}
    backup = said(run, "backup", str(tmp_path))["file"]
    exported = said(run, "export", str(tmp_path / "team.jsonl"))
    assert (exported["team"], exported["records"]) == (team, 0)
    with closing_database(data) as database:
        verbs = [row[5] for row in everything(database)["audit"] if row[0] == team]
    assert verbs[-1] == "export"
    assert said(run, "restore", backup, "--yes")["people"] == "current"

    other = ServerFolder(tmp_path / "other")
    assert main(["db", "upgrade", "--data", str(other.path)]) == 0
    assert main(["import", exported["file"], "--data", str(other.path)]) == 0
    assert main(["import", exported["file"], "--data", str(other.path)]) == 1


def test_a_database_of_a_newer_version_is_left_alone(
    run: Callable[..., tuple[int, str, str]], data: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(data / "server.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    for words in (("team", "list"), ("db", "upgrade"), ("start", "--port", "0"), ("backup", str(tmp_path / "b.zip"))):
        code, out, err = run(*words)
        assert (code, out) == (1, "")
        assert "neuere" in err
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.skipif(not has_postgres(), reason="SQLite is a file in the folder itself")
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_database_of_a_server_whose_secret_is_elsewhere_is_left_alone(
    database: Database, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(database, bytes(32))

    assert main(["start", "--data", str(tmp_path / "new"), "--database", database_url, "--port", "0"]) == 1

    assert "„secret“" in capsys.readouterr().err
    assert not (tmp_path / "new" / "secret").exists()


def test_a_damaged_database_is_named_as_such(run: Callable[..., tuple[int, str, str]], data: Path) -> None:
    (data / "server.db").write_bytes(b"\xff" * 8192)

    for words in (("team", "list"), ("start", "--port", "0")):
        code, out, err = run(*words)
        assert (code, out) == (1, "")
        assert "ist beschädigt" in err
        assert "restore" in err


def test_what_a_crash_left_behind_goes_with_the_next_start(
    run: Callable[..., tuple[int, str, str]], data: Path
) -> None:
    left = data / ".feldbuch-restore-x" / "server.db"
    left.parent.mkdir()
    left.write_text("alles")

    assert run("db", "upgrade")[0] == 0

    assert not left.parent.exists()


def test_what_the_server_stands_on_is_named_where_it_is_missing() -> None:
    assert missing_packages() == []
    assert missing_packages(["sqlalchemy", "no_such_package"]) == ["no_such_package"]


def test_people_read_german_sentences(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    printed = [
        run("team", "list"),
        run("team", "add", "Paderborn"),
        run("team", "list"),
        run("invite", "--team", "Paderborn", "--role", "adviser", "--name", "Anna"),
        run("invite", "--role", "administrator", "--name", "Bernd"),
        run("device", "list"),
        run("audit", "verify"),
        run("backup", str(tmp_path / "b.zip")),
        run("export", str(tmp_path / "t.jsonl")),
        run("restore", str(tmp_path / "b.zip"), "--yes"),
    ]

    assert [(code, err) for code, _out, err in printed] == [(0, "")] * len(printed)
    for _code, out, _err in printed:
        words = re.sub(r"feldbuch\S*( \S+)*", "", out)
        assert not ENGLISH.search(words), out
    assert "Einladung für Anna (Medienberatung): " in printed[3][1]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("team", "add", "Höxter"), 2, "Das Team „Höxter“ gibt es schon."),
        (("team", "add", " "), 2, "Ein Team braucht einen Namen von höchstens 80 Zeichen."),
        (("team", "add", "x" * 81), 2, "Ein Team braucht einen Namen von höchstens 80 Zeichen."),
        (("team", "add"), 2, "Die Angabe NAME fehlt."),
        (("team", "added"), 2, "„added“ passt hier nicht."),
        (("team", "list", "--all"), 2, "Den Schalter --all gibt es hier nicht."),
        (("invite", "--team", "Köln", "--role", "lead", "--name", "A"), 1, "Ein Team „Köln“ gibt es nicht. Es gibt: "),
        (("invite", "--role", "lead", "--name", "A"), 2, "Die Angabe --team fehlt."),
        (("invite", "--team", "Höxter", "--role", "administrator", "--name", "A"), 2, "gehört zum Server"),
        (("invite", "--team", "Höxter", "--role", "boss", "--name", "A"), 2, "Nach --role passt „boss“ nicht."),
        (("invite", "--team", "Höxter", "--role", "lead", "--name", " "), 2, "Eine Person braucht einen Namen"),
        (("invite", "--team", "Höxter", "--role", "lead"), 2, "Entweder --name oder --device"),
        (("device", "revoke", "zzz"), 1, "Ein Gerät „zzz“ gibt es nicht"),
        (("device", "revoke", ""), 2, "Mit „“ beginnen mehrere Kennungen."),
        (("restore", "none.zip", "--yes"), 1, "none.zip: gibt es nicht. Nichts wurde verändert."),
        (("import", "none.jsonl"), 1, "none.jsonl: gibt es nicht. Nichts wurde verändert."),
        (("export", "none.jsonl"), 2, "Es gibt 2 Teams: bitte eines mit --team nennen."),
        (("start", "--host", "0.0.0.0"), 2, "0.0.0.0 ist von anderen Rechnern zu erreichen. Nichts wurde gestartet."),
        (("start", "--host", "::"), 2, ":: ist von anderen Rechnern zu erreichen."),
        (("start", "--tls-cert", "x"), 2, "--tls-cert und --tls-key gehören zusammen."),
        (
            ("start", "--tls-cert", "x", "--tls-key", "y", "--behind-proxy"),
            2,
            "Entweder --tls-cert oder --behind-proxy",
        ),
        (("start", "--tls-cert", "x", "--tls-key", "y", "--port", "0"), 2, "Das Zertifikat x oder sein Schlüssel"),
        (("start", "--port", "99999"), 2, "127.0.0.1:99999 ist nicht frei oder nicht erlaubt."),
        (("start", "--port", "viele"), 2, "Nach --port passt „viele“ nicht."),
        (("start", "--database", "postgresql://a:b@c/d"), 2, "liegt schon eine Datenbank mit Teams"),
        (("start", "--database", "mysql://a:geheim@c/d"), 2, "liegt schon eine Datenbank mit Teams"),
    ],
)
def test_what_does_not_work_is_told_in_one_sentence(
    run: Callable[..., tuple[int, str, str]], data: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    with closing_database(data) as database:
        filled(database, ServerFolder(data).secret())

    ended, out, err = run(*words)

    assert (ended, out) == (code, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert not (data / "database.url").exists()


def test_a_folder_without_a_server_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["team", "list"], ["backup", str(tmp_path)], ["audit", "verify"]):
        assert main([*words, "--data", str(tmp_path / "none")]) == 1
        assert "ist kein Server" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "address", ["mysql://a:geheim@b/c", "sqlite:///x.db", "nonsense geheim", "postgresql://a:geheim@127.0.0.1:1/x"]
)
def test_a_database_that_is_none_is_refused_without_telling_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert main(["db", "upgrade", "--data", str(tmp_path / "server"), "--database", address]) in (1, 2)

    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "geheim" not in err


def test_a_port_that_another_program_has_is_named(run: Callable[..., tuple[int, str, str]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        code, out, err = run("start", "--port", str(port))

    assert (code, out) == (2, "")
    assert f"127.0.0.1:{port} ist nicht frei" in err


def test_nobody_is_asked_where_nobody_sits(
    run: Callable[..., tuple[int, str, str]], data: Path, tmp_path: Path
) -> None:
    backup = said(run, "backup", str(tmp_path))["file"]
    before = (data / "server.db").read_bytes()

    code, out, err = run("restore", backup)

    assert (code, out) == (3, "")
    assert "--yes" in err
    assert (data / "server.db").read_bytes() == before


def test_hostile_names_reach_no_terminal(run: Callable[..., tuple[int, str, str]]) -> None:
    name = "Pader\x1b]0;x\x07born\u202e\x9b2J"
    printed = [
        run("team", "add", name),
        run("team", "list"),
        run("team", "list", "--json"),
        run("invite", "--team", name + "!", "--role", "lead", "--name", "A\x1b[2J"),
        run("device", "revoke", "\x1b[2J"),
        run("\x1b[2J"),
    ]

    for _code, out, err in printed:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out + err)
    assert "Pader·]0;x·born··2J" in printed[1][1]


def test_an_audit_that_was_changed_is_found(run: Callable[..., tuple[int, str, str]], data: Path) -> None:
    database = Database.open(ServerFolder(data).address(), clock=SystemClock())
    filled(database, ServerFolder(data).secret())
    database.write(
        lambda c: c.exec_driver_sql("UPDATE audit SET subject = '{}' WHERE number = 3 AND team_id <> 'server'")
    )
    database.close()

    code, out, _err = run("audit", "verify", "--json")

    assert code == 1
    broken = {one["name"]: one["broken"] for one in orjson.loads(out)["teams"]}
    assert broken == {"Server": None, "Paderborn": 3, "Höxter": 3}


def test_the_first_administrator_is_invited_once(database: Database, clock: FixedClock) -> None:
    secret = bytes(32)

    def offer() -> str:
        return database.write(lambda c: first_invitation(c, secret, clock.now()))

    assert offer()
    assert offer() == ""
    clock.advance(timedelta(hours=73))
    code = offer()
    assert code
    database.write(lambda c: redeem(c, secret, code, "Konsole", clock.now()))
    clock.advance(timedelta(hours=73))
    assert offer() == ""


def test_the_first_invitation_does_not_wait_for_teams(database: Database, clock: FixedClock) -> None:
    (team, *_others) = filled(database, bytes(32))
    join(database, bytes(32), team, "Bernd")

    assert database.write(lambda c: first_invitation(c, bytes(32), clock.now()))


def test_a_defect_shows_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    content = "Inhalt eines Eintrags"

    def fail() -> int:
        raise RuntimeError(content)

    assert guarded(fail) == 1
    err = capsys.readouterr().err
    assert err.startswith("Ein Fehler im Programm. Gespeichertes ist unversehrt")
    assert "RuntimeError" in err
    assert content not in err


@pytest.mark.parametrize(("code", "sentence"), [("busy", "gerade nicht"), ("storage", "voll"), ("other", "(other)")])
def test_a_database_that_does_not_answer_is_told(capsys: pytest.CaptureFixture[str], code: str, sentence: str) -> None:
    def fail() -> int:
        raise Refused(503, code)

    assert guarded(fail) == 1
    assert sentence in capsys.readouterr().err


def test_the_help_is_german(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("", "team", "device", "audit", "db", *commands(program())):
        assert main([*words.split(), "--help"]) == 0
        text = capsys.readouterr().out
        assert "Aufruf: " in text
        assert not ENGLISH.search(text), text


def test_the_documentation_names_every_command_and_the_other_way_round() -> None:
    text = DOCS.read_text("utf-8").partition("## Befehle")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z ]+?)(?: [A-ZÄ]+)?` \|", text, re.MULTILINE)

    assert sorted(rows) == sorted(commands(program()))


def test_the_documentation_names_every_switch_and_the_other_way_round() -> None:
    text = DOCS.read_text("utf-8")
    there: set[str] = set()
    for app in commands(program()).values():
        there |= {name for argument in app.assemble_argument_collection() for name in argument.names}

    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert {name for name in there if name.startswith("--")} == named
