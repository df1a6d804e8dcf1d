"""An encrypted fieldbook: nothing readable on the disk, opened by its owner only, and whole after any crash on the way."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from models.errors import KeysLost, StoreDamaged, StoreError, WrongKey
from models.fieldbook import Fieldbook
from models.protection import Protection
from models.records import parse
from models.store.files import Files
from models.store.key_files import NAMES, PASSPHRASE, RECOVERY, SYSTEM
from tests.models.secrets_in_memory import SecretsInMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from models.clock import FixedClock

CHEAP = {"t": 1, "m": 8, "p": 1}
PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "feldbuch"


@pytest.fixture
def book(folder: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    with Fieldbook.open(folder, clock=clock) as opened:
        opened.save(parse({"kind": "task", "title": MARK}))
        opened.save_draft("d1", "task", {"title": f"{MARK} im Entwurf"}, MARK)
        yield opened


def protection(folder: Path, files: Files | None = None, secrets: SecretsInMemory | None = None) -> Protection:
    return Protection(folder, secrets=secrets or SecretsInMemory(), files=files, cost=CHEAP)


def titles(folder: Path, guard: Protection, clock: FixedClock) -> list[str]:
    with Fieldbook.open(folder, clock=clock, codec=guard.codec()) as opened:
        return [str(one["title"]) for one in opened.documents("task")]


def readable(folder: Path) -> list[str]:
    """Return the files in which the mark can be read."""
    return [path.name for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


def test_a_new_fieldbook_is_plain_and_needs_no_key(folder: Path, book: Fieldbook) -> None:
    guard = protection(folder)

    assert (guard.encrypted, guard.unlocked) == (False, True)
    assert guard.codec().name == "plain"
    assert readable(folder)
    del book


def test_encrypting_leaves_nothing_readable_neither_then_nor_later(
    folder: Path, book: Fieldbook, clock: FixedClock
) -> None:
    guard = protection(folder)
    guard.encrypt(book, passphrase=PHRASE)

    assert not readable(folder)
    book.save(parse({"kind": "task", "title": f"{MARK} Zwei"}))
    book.save_draft("d2", "task", {"title": f"{MARK} im Entwurf"}, MARK)
    assert not readable(folder)
    book.close()
    assert not readable(folder)
    assert titles(folder, guard, clock) == [MARK, f"{MARK} Zwei"]


def test_each_way_opens_it_and_after_locking_none_is_open(folder: Path, book: Fieldbook, clock: FixedClock) -> None:
    secrets = SecretsInMemory()
    guard = protection(folder, secrets=secrets)
    code = guard.encrypt(book, passphrase=PHRASE, system=True)
    book.close()
    guard.lock()
    assert (guard.encrypted, guard.unlocked) == (True, False)
    with pytest.raises(WrongKey, match="gesperrt"):
        guard.codec()

    assert guard.ways == {PASSPHRASE, RECOVERY, SYSTEM}
    guard.unlock_by_passphrase(PHRASE)
    assert titles(folder, guard, clock) == [MARK]
    guard.lock()
    guard.unlock_by_code(code.lower())
    assert titles(folder, guard, clock) == [MARK]
    guard.lock()
    assert guard.unlock_by_system()
    assert titles(folder, guard, clock) == [MARK]


def test_wrong_tries_wait_longer_and_longer_and_a_slip_in_the_code_is_no_try(folder: Path, book: Fieldbook) -> None:
    now = 0.0
    guard = Protection(folder, secrets=SecretsInMemory(), cost=CHEAP, clock=lambda: now)
    code = guard.encrypt(book, passphrase=PHRASE)
    guard.lock()
    for _number in range(5):
        with pytest.raises(WrongKey, match="Tippfehler"):
            guard.unlock_by_code(("A" if code[0] != "A" else "B") + code[1:])

    for told in ("noch einmal eingeben.$", "noch einmal eingeben.$", "in einer Sekunde.$"):
        with pytest.raises(WrongKey, match=told):
            guard.unlock_by_passphrase("falsch")
    with pytest.raises(WrongKey, match=r"^Der nächste Versuch geht in einer Sekunde\.$"):
        guard.unlock_by_passphrase(PHRASE)
    now += 1
    with pytest.raises(WrongKey, match=r"in 2 Sekunden\.$"):
        guard.unlock_by_passphrase("falsch")
    now += 2
    guard.unlock_by_passphrase(PHRASE)
    assert guard.unlocked


def test_decrypting_makes_everything_readable_and_destroys_the_keys(
    folder: Path, book: Fieldbook, clock: FixedClock
) -> None:
    secrets = SecretsInMemory()
    guard = protection(folder, secrets=secrets)
    guard.encrypt(book, passphrase=PHRASE, system=True)
    guard.decrypt(book)
    book.close()

    assert not guard.encrypted
    assert not secrets.kept
    assert titles(folder, guard, clock) == [MARK]
    assert readable(folder)


def test_passphrase_and_code_are_changed_by_who_knows_them(folder: Path, book: Fieldbook) -> None:
    guard = protection(folder)
    code = guard.encrypt(book, passphrase=PHRASE)

    with pytest.raises(WrongKey, match="falsch"):
        guard.change_passphrase("falsch", "ganz neue Wörter")
    guard.change_passphrase(PHRASE, "ganz neue Wörter")
    newer = guard.new_recovery_code()
    guard.lock()
    for unlock, secret in ((guard.unlock_by_passphrase, PHRASE), (guard.unlock_by_code, code)):
        with pytest.raises(WrongKey):
            unlock(secret)
    guard.unlock_by_passphrase("ganz neue Wörter")
    guard.lock()
    guard.unlock_by_code(newer)


def test_the_systems_keyring_is_turned_on_and_off(folder: Path, book: Fieldbook) -> None:
    guard = protection(folder)
    guard.encrypt(book, passphrase=PHRASE)

    assert guard.toggle_system()
    assert SYSTEM in guard.ways
    assert not guard.toggle_system()
    assert SYSTEM not in guard.ways


# Wrong key, damage, loss


def test_the_keys_of_another_fieldbook_are_a_wrong_key_and_no_damage(
    folder: Path, book: Fieldbook, tmp_path: Path, clock: FixedClock
) -> None:
    protection(folder).encrypt(book, passphrase=PHRASE)
    book.close()
    with Fieldbook.open(tmp_path / "other", clock=clock) as other:
        protection(tmp_path / "other").encrypt(other, passphrase=PHRASE)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".jsonl"}
    for name in NAMES:
        shutil.copy(tmp_path / "other" / name, folder / name)

    guard = protection(folder)
    guard.unlock_by_passphrase(PHRASE)
    with pytest.raises(WrongKey, match="Der Schlüssel passt nicht"):
        titles(folder, guard, clock)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".jsonl"} == before


def test_with_both_key_files_gone_the_data_stay_and_a_copy_of_the_keys_opens_them(
    folder: Path, book: Fieldbook, clock: FixedClock
) -> None:
    protection(folder).encrypt(book, passphrase=PHRASE)
    book.close()
    kept = (folder / NAMES[0]).read_bytes()
    for name in NAMES:
        (folder / name).unlink()

    guard = protection(folder)
    with pytest.raises(KeysLost, match="aus einer Sicherung"):
        titles(folder, guard, clock)
    (folder / NAMES[0]).write_bytes(kept)
    guard.unlock_by_passphrase(PHRASE)
    assert titles(folder, guard, clock) == [MARK]


def test_a_flipped_byte_is_damage_and_never_a_wrong_key_nor_a_wrong_document(
    folder: Path, book: Fieldbook, clock: FixedClock
) -> None:
    guard = protection(folder)
    guard.encrypt(book, passphrase=PHRASE)
    book.save(parse({"kind": "task", "title": f"{MARK} Zwei"}))
    book.close()
    whole = {path: path.read_bytes() for path in sorted(folder.glob("*.jsonl"))}

    for path, content in whole.items():
        for place in range(0, len(content), 3):
            for left in (*folder.glob("*.jsonl"), *folder.glob("*.torn")):
                left.unlink()
            for each, original in whole.items():
                each.write_bytes(original)
            path.write_bytes(content[:place] + bytes([content[place] ^ 0x21]) + content[place + 1 :])
            try:
                found = titles(folder, guard, clock)
            except StoreDamaged:
                continue
            # The mark of the closing was hit, which stands behind everything that was saved, or the copy of the indexes.
            assert found == [MARK, f"{MARK} Zwei"]
            assert path.name.startswith(("wal-", "index-"))


# Crashes and full disks on the way


class Crash(Exception):
    """The program ends here."""


class CountingFiles(Files):
    """Files of which the n-th change fails: the disk is full, or the program ends."""

    def __init__(self, left: int, error: Exception) -> None:
        self.left = left
        self.error = error

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise self.error

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        self._count()
        super().write_new(path, parts)

    def replace(self, source: Path, target: Path) -> None:
        self._count()
        super().replace(source, target)

    def sync_dir(self, folder: Path) -> None:
        self._count()
        super().sync_dir(folder)

    def remove(self, path: Path) -> None:
        self._count()
        super().remove(path)


MOST_STEPS = 40


@pytest.mark.parametrize("error", [Crash(), OSError(28, "No space left on device")], ids=["crash", "full"])
@pytest.mark.parametrize("on", [True, False], ids=["encrypt", "decrypt"])
def test_a_change_that_stops_anywhere_loses_nothing_and_is_completed_at_the_next_opening(
    tmp_path: Path, clock: FixedClock, error: Exception, *, on: bool
) -> None:
    for step in range(1, MOST_STEPS):
        folder = tmp_path / str(step)
        files = CountingFiles(0, error)
        guard = protection(folder, files)
        with Fieldbook.open(folder, clock=clock, files=files) as opened:
            opened.save(parse({"kind": "task", "title": MARK}))
            if not on:
                guard.encrypt(opened, passphrase=PHRASE)
            files.left = step
            try:
                guard.encrypt(opened, passphrase=PHRASE) if on else guard.decrypt(opened)
            except (Crash, StoreError):
                stopped = True
            else:
                stopped = False
            files.left = 0
            if stopped and not isinstance(error, Crash):
                # The program goes on: what is saved now must be there later too.
                try:
                    opened.save(parse({"kind": "task", "title": f"{MARK} danach"}))
                except StoreError:
                    after = [MARK]
                else:
                    after = [MARK, f"{MARK} danach"]
            else:
                after = [MARK]
            if isinstance(error, Crash) and stopped:
                # A program that ended writes nothing any more.
                copy = tmp_path / f"{step}-copy"
                shutil.copytree(folder, copy)
                folder = copy
        later = protection(folder)
        if later.encrypted:
            later.unlock_by_passphrase(PHRASE)
        assert titles(folder, later, clock) == after, step
        assert bool(readable(folder)) != later.encrypted, step
        if not stopped:
            return
    pytest.fail("the change never came to its end")
