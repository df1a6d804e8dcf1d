"""Safekeeping: a week never goes by without a backup, five are kept, and encryption leaves none of them readable."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from models.clock import FixedClock
from models.errors import StoreError
from models.fieldbook import Fieldbook
from models.protection import Protection
from models.records import parse
from models.restoring import held, opened, put_aside
from models.safekeeping import KEPT, back_up, back_up_weekly
from models.store.backup import listed
from models.store.codec import PlainCodec
from models.store.convert import BACKUPS, TABLES
from models.store.files import Files
from tests.models.breaking_files import BreakingFiles
from tests.models.secrets_in_memory import SecretsInMemory

CHEAP = {"t": 1, "m": 8, "p": 1}
PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"


def begin(folder: Path, clock: FixedClock, files: Files | None = None) -> Fieldbook:
    book = Fieldbook.open(folder, clock=clock, files=files)
    book.save(parse({"kind": "task", "id": "t1", "text": MARK}))
    return book


def backups(folder: Path) -> list[str]:
    return [path.name for path in sorted((folder / BACKUPS).glob("*"))]


def readable(folder: Path) -> list[str]:
    """Return the files in which the mark can be read."""
    return [path.name for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


def never(sentence: str) -> None:
    pytest.fail(sentence)


def test_one_a_week_is_made_and_the_last_five_are_kept(tmp_path: Path, clock: FixedClock) -> None:
    with begin(tmp_path, clock) as book:
        by_hand = book.back_up(tmp_path / BACKUPS)
        for _day in range(100):
            back_up_weekly(book, tmp_path, never)
            clock.advance(timedelta(days=1))

    kept = [file for file in listed(backups(tmp_path)) if file.automatic]
    assert len(kept) == KEPT
    assert {one.made - other.made for one, other in pairwise(kept)} == {timedelta(days=7)}
    assert by_hand.exists()


def test_an_empty_fieldbook_is_not_backed_up(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock) as book:
        back_up_weekly(book, tmp_path, never)

    assert not (tmp_path / BACKUPS).exists()


def test_a_failure_is_told_once_until_it_works_again(tmp_path: Path, clock: FixedClock) -> None:
    told: list[str] = []
    files = BreakingFiles(10_000)
    with begin(tmp_path, clock, files) as book:
        for _again in range(3):
            (tmp_path / BACKUPS).write_bytes(b"im Weg")
            for _week in range(2):
                back_up_weekly(book, tmp_path, told.append)
            (tmp_path / BACKUPS).unlink()
            back_up_weekly(book, tmp_path, told.append)
            (tmp_path / BACKUPS / backups(tmp_path)[0]).unlink()
            (tmp_path / BACKUPS).rmdir()
        assert len(told) == 3
        assert all("Das Feldbuch selbst ist unversehrt." in sentence for sentence in told)
        files.left = 0
        back_up_weekly(book, tmp_path, told.append)
        assert len(told) == 4


def test_turning_encryption_on_leaves_no_readable_copy(tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "buch"
    folder.mkdir()
    (folder / TABLES).write_bytes(f'{{"records": {{"t0": {{"id": "t0", "kind": "task", "text": "{MARK}"}}}}}}'.encode())
    begin(folder, clock).close()
    put_aside(folder, Files(), clock.now(), keys_too=False)
    with begin(folder, clock) as book:
        path = back_up(book, folder)
        damaged = folder / BACKUPS / "feldbuch-2026-11-20-090000.jsonl"
        damaged.write_bytes(path.read_bytes()[:-9])
        (folder / BACKUPS / (path.name + ".tmp")).write_bytes(path.read_bytes()[:200])
        (folder / BACKUPS / "eigenes.txt").write_bytes(b"von Hand")
        assert len(readable(folder)) >= 4
        protection = Protection(folder, secrets=SecretsInMemory(), cost=CHEAP)
        protection.encrypt(book, passphrase=PHRASE)

    assert not readable(folder)
    assert not damaged.exists()
    assert (folder / BACKUPS / "eigenes.txt").exists()
    found = opened(path, protection.codec())
    assert held(found.content.tables) == {"task": 1}
    assert found.header["made"].startswith("2026-11-24T09:00:00")


def test_what_a_crash_left_readable_is_sealed_at_the_next_opening(tmp_path: Path, clock: FixedClock) -> None:
    for limit in range(200):
        folder = tmp_path / f"crash-{limit}"
        with begin(folder, clock) as book:
            back_up(book, folder)
        files = BreakingFiles(10_000)
        protection = Protection(folder, secrets=SecretsInMemory(), cost=CHEAP)
        with Fieldbook.open(folder, clock=clock, files=files) as book:
            files.left = limit
            try:
                protection.encrypt(book, passphrase=PHRASE)
                done = True
            except StoreError:
                done = False
        with Fieldbook.open(folder, clock=clock, codec=protection.codec()) as book:
            assert book.document("t1")["text"] == MARK
        assert not readable(folder), limit
        assert len(listed(backups(folder))) == 1
        if done:
            break
    else:
        pytest.fail("encrypting never came to its end")


def test_turning_it_off_leaves_the_sealed_backups(tmp_path: Path, clock: FixedClock) -> None:
    protection = Protection(tmp_path, secrets=SecretsInMemory(), cost=CHEAP)
    with begin(tmp_path, clock) as book:
        protection.encrypt(book, passphrase=PHRASE)
        path = back_up(book, tmp_path)
        book.rekey(PlainCodec())

    assert MARK.encode() not in path.read_bytes()
