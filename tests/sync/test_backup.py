"""Backups: whole or not there; put back, the server has what it had, in a new epoch, and lets nobody in that it had shut out."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from models.errors import ImportRefused, StoreDamaged, UsageError
from sync.server.backup import back_up, unpacked
from sync.server.database import Database
from sync.server.devices import identify, revoke
from sync.server.folder import ServerFolder
from sync.server.people import CONSOLE
from sync.server.refusal import Refused
from sync.server.restoring import restore
from tests.sync.content import Joined, everything, filled, folder_at, is_sound, join, make_team, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock

MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def folder(database_url: str, tmp_path: Path) -> ServerFolder:
    """A server's folder with an empty database."""
    return folder_at(database_url, tmp_path)


@contextmanager
def opened(folder: ServerFolder, clock: FixedClock) -> Iterator[Database]:
    database = Database.open(folder.address(), clock=clock)
    try:
        yield database
    finally:
        database.close()


def is_let_in(database: Database, folder: ServerFolder, joined: Joined) -> bool:
    """Tell whether a device still comes in."""
    try:
        known = database.read(lambda c: identify(c, folder.secret(), joined.token, database.clock.now()))
    except Refused:
        return False
    return known.user == joined.user


def fresh(path: Path, address: str = "") -> ServerFolder:
    """Return an empty folder, as after the old one was destroyed."""
    folder = ServerFolder(path)
    path.mkdir()
    if address:
        folder.prepare(address)
    return folder


def test_what_was_destroyed_is_there_again_in_a_new_epoch(
    folder: ServerFolder, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    teams = filled(database, folder.secret())
    before = everything(database)
    file, manifest = back_up(folder, tmp_path / "backup.zip", MOMENT)
    assert [(team.name, team.records) for team in manifest.teams] == [("Höxter", 5), ("Paderborn", 5)]

    new = fresh(tmp_path / "new")
    done = restore(new, file, MOMENT)

    assert (done.kept, done.people) == (None, False)
    with opened(new, clock) as again:
        after = everything(again)
        assert is_sound(again)
        for joined in teams.values():
            assert is_let_in(again, new, joined)
    for table in before.keys() - {"team_feed", "audit"}:
        assert after[table] == before[table]
    assert {row[0]: row[1] for row in after["team_feed"]} == {row[0]: row[1] for row in before["team_feed"]}
    epochs = [{row[2] for row in state["team_feed"]} for state in (before, after)]
    assert len(epochs[1]) == len(after["team_feed"])
    assert not epochs[0] & epochs[1]


def test_a_backup_goes_into_either_database(
    folder: ServerFolder, database: Database, tmp_path: Path, clock: FixedClock, empty_url: str
) -> None:
    filled(database, folder.secret())
    file, _manifest = back_up(folder, tmp_path / "backup.zip", MOMENT)

    new = fresh(tmp_path / "new", "" if empty_url.startswith("sqlite") else empty_url)
    restore(new, file, MOMENT)
    second, _manifest = back_up(new, tmp_path / "second.zip", MOMENT)
    there = fresh(tmp_path / "there")
    restore(there, second, MOMENT)

    with opened(there, clock) as again:
        changed = ("team_feed", "audit")
        assert everything(again, but=changed) == everything(database, but=changed)
        assert is_sound(again)


def test_who_was_shut_out_since_the_backup_stays_out(
    folder: ServerFolder, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    teams = filled(database, folder.secret())
    (lost, kept) = teams.items()
    file, _manifest = back_up(folder, tmp_path / "backup.zip", MOMENT)
    write(database, *kept, "t1", text="Nach der Sicherung")
    database.write(lambda c: revoke(c, CONSOLE, lost[0], lost[1].device, clock.now()))
    late = join(database, folder.secret(), kept[0], "Bernd")
    join(database, folder.secret(), make_team(database, "Soest"), "Carla")
    database.close()

    done = restore(folder, file, MOMENT)

    assert done.people
    assert done.gone == ["Soest"]
    assert done.kept is not None
    with opened(folder, clock) as again:
        assert not is_let_in(again, folder, lost[1])
        assert is_let_in(again, folder, late)
        texts = [row for row in everything(again)["record"] if "Nach der Sicherung" in str(row)]
        assert not texts


def test_what_was_there_before_can_be_had_back(
    folder: ServerFolder, database: Database, tmp_path: Path, clock: FixedClock, dialect: str
) -> None:
    ((team, joined), _other) = filled(database, folder.secret()).items()
    file, _manifest = back_up(folder, tmp_path / "backup.zip", MOMENT)
    write(database, team, joined, "t1", text="Nach der Sicherung")
    state = everything(database)["record"]
    database.close()

    kept = restore(folder, file, MOMENT).kept

    assert kept is not None
    back = fresh(tmp_path / "back")
    if dialect == "postgresql":
        restore(back, kept, MOMENT)
    else:
        shutil.copy(kept / "server.db", back.sqlite)
    with opened(back, clock) as again:
        assert everything(again)["record"] == state


def test_a_damaged_database_is_not_backed_up_and_can_be_replaced(
    tmp_path: Path, sqlite_template: Path, clock: FixedClock
) -> None:
    folder = ServerFolder(tmp_path / "d")
    folder.prepare()
    shutil.copy(sqlite_template, folder.sqlite)
    with opened(folder, clock) as database:
        filled(database, folder.secret())
    file, _manifest = back_up(folder, tmp_path / "good.zip", MOMENT)
    content = bytearray(folder.sqlite.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    folder.sqlite.write_bytes(content)

    with pytest.raises(StoreDamaged):
        back_up(folder, tmp_path / "bad.zip", MOMENT)
    assert not (tmp_path / "bad.zip").exists()
    done = restore(folder, file, MOMENT)

    assert not done.people
    assert done.kept is not None
    assert (done.kept / "server.db").read_bytes() == content
    with opened(folder, clock) as again:
        assert is_sound(again)
        assert len(everything(again)["record"]) == 10


def test_a_counter_row_that_does_not_fit_its_records_is_not_backed_up(
    folder: ServerFolder, database: Database, tmp_path: Path
) -> None:
    filled(database, folder.secret())
    database.write(lambda c: c.exec_driver_sql("DELETE FROM record WHERE record_id = 't3'"))

    with pytest.raises(StoreDamaged):
        back_up(folder, tmp_path / "backup.zip", MOMENT)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A backup of a small server."""
    folder = ServerFolder(tmp_path_factory.mktemp("good"))
    folder.prepare()
    shutil.copy(sqlite_template, folder.sqlite)
    return back_up(folder, folder.path / "good.zip", MOMENT)[0]


@settings(max_examples=25)
@given(data=st.data())
def test_a_backup_that_is_not_whole_changes_nothing(
    data: st.DataObject, good: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(good.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    path = tmp_path_factory.mktemp("target")
    (path / "bad.zip").write_bytes(content)
    folder = ServerFolder(path)
    folder.prepare()
    secret = folder.secret()

    try:
        restore(folder, path / "bad.zip", MOMENT)
    except ImportRefused:
        assert not folder.sqlite.exists()
        assert folder.secret() == secret
        assert sorted(one.name for one in path.iterdir()) == ["bad.zip", "secret"]
    else:
        # Some bytes of a zip mean nothing, such as the time of a file in it: then all of it must be right.
        assert folder.secret() != secret
        assert folder.sqlite.exists()


def test_a_backup_whose_directory_is_damaged_is_refused_as_not_whole(good: Path, tmp_path: Path) -> None:
    bad, whole = tmp_path / "bad.zip", good.read_bytes()
    for place in range(whole.index(b"PK\x01\x02"), len(whole)):
        # Among them: another way of packing, encrypted, a beginning before the file's own.
        for byte in {1, 12, 14, 255} - {whole[place]}:
            bad.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            with suppress(ImportRefused), unpacked(bad, tmp_path) as backup:
                assert backup.database.read_bytes().startswith(b"SQLite format 3")


def test_a_backup_of_more_than_its_manifest_says_is_refused(good: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with ZipFile(good) as source, ZipFile(bomb, "w") as target:
        for name in ("manifest.json", "secret"):
            target.writestr(name, source.read(name))
        target.writestr("server.db", source.read("server.db") + b"\0" * 50_000_000)

    with pytest.raises(ImportRefused):
        restore(fresh(tmp_path / "new"), bomb, MOMENT)


def test_a_backup_from_a_newer_version_is_named_as_such(good: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.zip"
    with ZipFile(good) as source, ZipFile(newer, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'"format": 1', b'"format": 2'))

    with pytest.raises(ImportRefused, match="neuere Version"):
        restore(fresh(tmp_path / "new"), newer, MOMENT)


def test_no_backup_overwrites_another_one(good: Path, tmp_path: Path) -> None:
    folder = ServerFolder(good.parent)
    (tmp_path / "mine.zip").write_text("meins")

    with pytest.raises(UsageError):
        back_up(folder, tmp_path / "mine.zip", MOMENT)
    names = [back_up(folder, tmp_path, MOMENT)[0].name for _time in range(2)]

    assert names == ["feldbuch-server-2026-11-24-090000.zip", "feldbuch-server-2026-11-24-090000-2.zip"]
    assert (tmp_path / "mine.zip").read_text() == "meins"
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_holds_the_secret_is_for_its_owner_alone(good: Path, tmp_path: Path) -> None:
    new = fresh(tmp_path / "new")
    restore(new, good, MOMENT)

    for path in (good, new.path / "secret", new.sqlite):
        assert path.stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_written_is_named(good: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none") as told:
        back_up(ServerFolder(good.parent), tmp_path / "none" / "b.zip", MOMENT)

    assert str(tmp_path / "none") in str(told.value.filename)


def test_a_backup_made_while_others_write_is_of_one_moment(
    folder: ServerFolder, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    from threading import Event, Thread

    ((team, joined), _other) = filled(database, folder.secret()).items()
    ended, written = Event(), Event()

    def go_on() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            write(database, team, joined, f"n{number}")
            written.set()

    writer = Thread(target=go_on)
    writer.start()
    try:
        for number in range(3):
            written.clear()
            assert written.wait(30)
            file, _manifest = back_up(folder, tmp_path / f"{number}.zip", MOMENT)
            new = fresh(tmp_path / f"new{number}")
            restore(new, file, MOMENT)
            with opened(new, clock) as again:
                assert is_sound(again)
    finally:
        ended.set()
        writer.join()
    assert is_sound(database)
