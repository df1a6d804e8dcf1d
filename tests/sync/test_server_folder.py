"""The server's folder: what is made in it, for whom, and who else may use it."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from models.errors import NotFound, StoreDamaged, StoreError, StoreLocked, UsageError
from sync.server.folder import ServerFolder

if TYPE_CHECKING:
    from pathlib import Path

POSTGRESQL = "postgresql+psycopg://feldbuch:geheim@db.example.org/feldbuch"


def test_an_empty_folder_gets_a_secret_that_stays(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path / "a" / "b")
    with pytest.raises(NotFound):
        folder.secret()

    folder.prepare()
    secret = folder.secret()
    folder.prepare()

    assert len(secret) == 32
    assert ServerFolder(folder.path).secret() == secret
    assert sorted(path.name for path in folder.path.iterdir()) == ["secret"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path / "server")
    folder.prepare(POSTGRESQL)

    for path in (folder.path, *folder.path.iterdir()):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_of_many_that_prepare_a_folder_at_once_all_have_one_secret(tmp_path: Path) -> None:
    def prepare(_number: int) -> bytes:
        folder = ServerFolder(tmp_path / "server")
        folder.prepare()
        return folder.secret()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(prepare, range(40)))) == 1
    assert [path.name for path in (tmp_path / "server").iterdir()] == ["secret"]


def test_a_secret_that_was_cut_off_is_no_secret(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path)
    folder.prepare()
    (tmp_path / "secret").write_bytes(b"kurz")

    with pytest.raises(StoreDamaged, match="restore"):
        folder.secret()


def test_a_lost_secret_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path)
    folder.prepare()
    folder.sqlite.touch()
    (tmp_path / "secret").unlink()

    with pytest.raises(StoreDamaged, match="restore"):
        folder.prepare()
    with pytest.raises(StoreDamaged, match="restore"):
        folder.secret()

    assert not (tmp_path / "secret").exists()


def test_the_address_of_a_database_is_kept_and_can_be_changed(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path)
    folder.prepare(POSTGRESQL.replace("+psycopg", ""))
    assert (folder.address(), folder.own_database) == (POSTGRESQL, False)

    folder.prepare()
    assert folder.address() == POSTGRESQL
    folder.prepare(POSTGRESQL.replace("db.", "db2."))

    assert "db2.example.org" in ServerFolder(tmp_path).address()


def test_a_folder_with_teams_is_not_given_another_database(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path)
    folder.prepare()
    folder.sqlite.touch()

    with pytest.raises(UsageError, match="Umzug"):
        folder.prepare(POSTGRESQL)

    assert folder.own_database


def test_two_servers_share_a_folder_only_where_the_database_is_elsewhere(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path / "own")
    folder.prepare()
    with folder.alone(), pytest.raises(StoreLocked), ServerFolder(folder.path).alone():
        pytest.fail("two of them")
    with folder.alone():
        pass

    other = ServerFolder(tmp_path / "other")
    other.prepare(POSTGRESQL)
    with other.alone(), ServerFolder(other.path).alone():
        pass


def test_sqlite_is_not_used_on_a_network_drive(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path, is_remote=lambda _path: True)
    folder.prepare()

    with pytest.raises(StoreError, match="Netzlaufwerk"), folder.alone():
        pytest.fail("it was used")

    folder.prepare(POSTGRESQL)
    with folder.alone():
        pass
