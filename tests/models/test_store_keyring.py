"""The key ring: every way opens the same store, a wrong one none, and damage is told from a wrong passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from models.errors import KeysLost, StoreError, StoreNewer, WrongKey
from models.store.files import Files
from models.store.key_files import NAMES, PASSPHRASE, RECOVERY, SYSTEM, has_keys
from models.store.keyring import KeyRing, passphrase_problem
from models.store.lines import line
from models.store.recovery_code import ALPHABET, LENGTH, new_code, read_code
from models.store.secret_service import BACKENDS, NoSecretService, SystemSecretService
from models.store.tries import LONGEST, Tries, wait_before
from tests.models.secrets_in_memory import SecretsInMemory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CHEAP = {"t": 1, "m": 8, "p": 1}
"""What tests derive keys with; the real cost is tested once."""

PHRASE = "vier Wörter sind genug"


def begin(folder: Path, secrets: SecretsInMemory | None = None) -> tuple[KeyRing, str]:
    return KeyRing.create(folder, passphrase=PHRASE, secrets=secrets, cost=CHEAP)


def opened(folder: Path, passphrase: str = PHRASE) -> bytes:
    ring = KeyRing.read(folder)
    ring.unlock_by_passphrase(passphrase)
    return ring.key


# Ways to unlock


def test_passphrase_code_and_system_open_the_same_key(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    ring, code = begin(tmp_path, secrets)

    by_code, by_system = KeyRing.read(tmp_path), KeyRing.read(tmp_path)
    by_code.unlock_by_code(code)

    assert by_system.unlock_by_system(secrets)
    assert len({ring.key, opened(tmp_path), by_code.key, by_system.key}) == 1
    assert KeyRing.read(tmp_path).ways == {PASSPHRASE, RECOVERY, SYSTEM}


def test_neither_key_nor_passphrase_nor_code_stands_in_the_files(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    ring, code = begin(tmp_path, secrets)

    for name in NAMES:
        content = (tmp_path / name).read_bytes()
        for secret in (PHRASE.encode(), code.encode(), read_code(code).encode(), ring.key, ring.key.hex().encode()):
            assert secret not in content
        assert secrets.kept[ring.store].encode() not in content


def test_a_wrong_passphrase_is_told_and_locks_nobody_out(tmp_path: Path) -> None:
    begin(tmp_path)
    ring = KeyRing.read(tmp_path)

    for _number in range(20):
        with pytest.raises(WrongKey, match="Diese Passphrase ist falsch"):
            ring.unlock_by_passphrase("falsch geraten")
    with pytest.raises(WrongKey, match="gesperrt"):
        _ = ring.key
    ring.unlock_by_passphrase(PHRASE)

    assert len(ring.key) == 32


def test_an_umlaut_of_one_sign_and_of_two_is_the_same_passphrase(tmp_path: Path) -> None:
    KeyRing.create(tmp_path, passphrase="Bücher und Bäume", cost=CHEAP)

    assert opened(tmp_path, "Bu\u0308cher und Ba\u0308ume")


def test_a_keyring_that_is_locked_or_emptied_leaves_the_other_ways(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    _ring, code = begin(tmp_path, secrets)
    secrets.kept.clear()
    ring = KeyRing.read(tmp_path)

    assert not ring.unlock_by_system(secrets)
    ring.unlock_by_code(code)
    ring.use_system(secrets)
    again = KeyRing.read(tmp_path)

    assert again.unlock_by_system(secrets)
    assert again.key == ring.key


def test_a_keyring_that_takes_nothing_creates_no_store(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    secrets.locked = True

    with pytest.raises(StoreError, match="Schlüsselbund dieses Systems nimmt gerade nichts an"):
        KeyRing.create(tmp_path, secrets=secrets)
    assert not has_keys(tmp_path, Files())


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)

    with pytest.raises(StoreError, match="schon verschlüsselt"):
        begin(tmp_path)
    assert opened(tmp_path) == ring.key


# Changing


def test_after_a_change_the_new_passphrase_opens_and_the_old_one_does_not(tmp_path: Path) -> None:
    ring, code = begin(tmp_path)
    ring.set_passphrase("ganz neue Wörter", CHEAP)

    assert opened(tmp_path, "ganz neue Wörter") == ring.key
    with pytest.raises(WrongKey):
        opened(tmp_path)
    other = KeyRing.read(tmp_path)
    other.unlock_by_code(code)
    assert other.key == ring.key


def test_a_new_recovery_code_replaces_the_old_one(tmp_path: Path) -> None:
    ring, code = begin(tmp_path)
    newer = ring.new_recovery_code()
    again = KeyRing.read(tmp_path)

    with pytest.raises(WrongKey, match="durch einen neueren ersetzt"):
        again.unlock_by_code(code)
    again.unlock_by_code(newer)
    assert again.key == ring.key


def test_the_system_can_be_made_to_forget_where_a_passphrase_is_left(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    ring, _code = KeyRing.create(tmp_path, secrets=secrets)

    with pytest.raises(StoreError, match="zuerst eine Passphrase"):
        ring.forget_system(secrets)
    ring.set_passphrase(PHRASE, CHEAP)
    ring.forget_system(secrets)

    assert not secrets.kept
    assert not KeyRing.read(tmp_path).unlock_by_system(secrets)
    assert opened(tmp_path) == ring.key


def test_a_locked_ring_changes_nothing(tmp_path: Path) -> None:
    begin(tmp_path)
    before = (tmp_path / NAMES[0]).read_bytes()
    ring = KeyRing.read(tmp_path)

    with pytest.raises(WrongKey, match="gesperrt"):
        ring.set_passphrase("ganz neue Wörter", CHEAP)
    assert (tmp_path / NAMES[0]).read_bytes() == before


def test_destroying_leaves_nothing_that_opens_the_store(tmp_path: Path) -> None:
    secrets = SecretsInMemory()
    ring, _code = begin(tmp_path, secrets)
    ring.destroy(secrets)

    assert not has_keys(tmp_path, Files())
    assert not secrets.kept
    with pytest.raises(KeysLost, match="beide Schlüsseldateien"):
        KeyRing.read(tmp_path)
    with pytest.raises(WrongKey):
        _ = ring.key


def test_the_parameters_of_a_passphrase_are_kept_with_it(tmp_path: Path) -> None:
    ring, _code = KeyRing.create(tmp_path, passphrase=PHRASE)
    body = orjson.loads((tmp_path / NAMES[0]).read_bytes()[9:])
    costs = [wrap["argon2id"] for wrap in body["wraps"] if wrap["way"] == PASSPHRASE]

    assert costs == [{"t": 3, "m": 65536, "p": 4}]
    assert opened(tmp_path) == ring.key
    ring.set_passphrase(PHRASE, {"t": 2, "m": 16, "p": 1})
    assert opened(tmp_path) == ring.key


# Damage


def test_a_flipped_byte_of_one_file_is_read_from_the_other_and_mended(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)
    whole = (tmp_path / NAMES[0]).read_bytes()

    for name in NAMES:
        for place in range(len(whole)):
            (tmp_path / name).write_bytes(flipped(whole, place))
            again = KeyRing.read(tmp_path)
            assert again.ways == ring.ways
            (tmp_path / name).write_bytes(whole)
        (tmp_path / name).write_bytes(flipped(whole, 40))
        assert opened(tmp_path) == ring.key
        assert (tmp_path / name).read_bytes() == whole


def test_a_flipped_byte_of_both_files_is_refused_as_damage_not_as_a_wrong_passphrase(tmp_path: Path) -> None:
    begin(tmp_path)
    whole = (tmp_path / NAMES[0]).read_bytes()

    for place in range(len(whole)):
        for name in NAMES:
            (tmp_path / name).write_bytes(flipped(whole, place))
        with pytest.raises(KeysLost, match="aus einer Sicherung"):
            KeyRing.read(tmp_path)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x11]) + content[place + 1 :]


JSON = st.recursive(
    st.none() | st.integers(-9, 1) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["format", "store", "version", "wraps", "way"]), inner)
    ),
    max_leaves=8,
)


@given(content=st.binary(max_size=300) | JSON.map(lambda body: line(orjson.dumps(body))))
@settings(max_examples=200)
def test_anything_else_in_both_files_is_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("keys")
    for name in NAMES:
        (folder / name).write_bytes(content)

    with pytest.raises((KeysLost, StoreNewer)):
        KeyRing.read(folder)


def test_one_missing_file_suffices_and_comes_back_both_missing_do_not(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)

    for name in NAMES:
        (tmp_path / name).unlink()
        assert has_keys(tmp_path, Files())
        assert opened(tmp_path) == ring.key
        assert (tmp_path / name).exists()
    for name in NAMES:
        (tmp_path / name).unlink()
    with pytest.raises(KeysLost, match="ohne Schlüssel kann sie aber niemand lesen"):
        KeyRing.read(tmp_path)


class FailingFiles(Files):
    """Files whose n-th new file cannot be written any more, as in a crash or on a full disk."""

    def __init__(self, left: int) -> None:
        self.left = left

    def create(self, path: Path, parts: Iterable[bytes]) -> None:
        if self.left == 0:
            raise OSError(28, "No space left on device")
        self.left -= 1
        super().create(path, parts)


def test_a_crash_between_the_two_copies_leaves_the_new_one_in_force(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)
    failing = KeyRing.read(tmp_path, FailingFiles(1))
    failing.unlock_by_passphrase(PHRASE)

    with pytest.raises(StoreError, match="voll"):
        failing.set_passphrase("ganz neue Wörter", CHEAP)
    assert (tmp_path / NAMES[0]).read_bytes() != (tmp_path / NAMES[1]).read_bytes()
    assert opened(tmp_path, "ganz neue Wörter") == ring.key
    # Opening brought the second copy up to date: the old passphrase stands nowhere any more.
    assert (tmp_path / NAMES[0]).read_bytes() == (tmp_path / NAMES[1]).read_bytes()


def test_a_crash_before_the_first_copy_changes_nothing(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)
    failing = KeyRing.read(tmp_path, FailingFiles(0))
    failing.unlock_by_passphrase(PHRASE)

    with pytest.raises(StoreError, match="voll"):
        failing.set_passphrase("ganz neue Wörter", CHEAP)
    assert opened(tmp_path) == ring.key


def test_a_folder_that_cannot_be_written_is_unlocked_all_the_same(tmp_path: Path) -> None:
    ring, _code = begin(tmp_path)
    (tmp_path / NAMES[1]).unlink()
    reading = KeyRing.read(tmp_path, FailingFiles(0))
    reading.unlock_by_passphrase(PHRASE)

    assert reading.key == ring.key


def test_key_files_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    begin(tmp_path)
    body = orjson.loads((tmp_path / NAMES[0]).read_bytes()[9:])
    for name in NAMES:
        (tmp_path / name).write_bytes(line(orjson.dumps({**body, "format": 2})))

    with pytest.raises(StoreNewer, match="neueren Version"):
        KeyRing.read(tmp_path)


def test_a_file_that_asks_for_all_memory_is_not_obeyed(tmp_path: Path) -> None:
    begin(tmp_path)
    body = orjson.loads((tmp_path / NAMES[0]).read_bytes()[9:])
    for wrap in body["wraps"]:
        wrap["argon2id"] = {"t": 3, "m": 2**40, "p": 1}
    for name in NAMES:
        (tmp_path / name).write_bytes(line(orjson.dumps(body)))

    with pytest.raises(KeysLost):
        KeyRing.read(tmp_path)


# Passphrases and codes


def test_a_new_passphrase_is_long_enough_and_typed_twice_the_same() -> None:
    assert "Mindestens 10 Zeichen" in passphrase_problem("kurz", "kurz")
    assert "verschieden" in passphrase_problem(PHRASE, PHRASE + "!")
    assert not passphrase_problem("Bücher und Bäume", "Bu\u0308cher und Bäume")


def test_a_code_has_more_than_128_bits_and_no_sign_that_reads_as_another() -> None:
    assert len(ALPHABET) ** (LENGTH - 1) > 2**128
    assert not set("0O1IL") & set(ALPHABET)
    assert len({new_code() for _number in range(100)}) == 100


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    signs = code.replace("-", "")

    for typed in (code, signs, code.lower(), code.replace("-", " "), f"  {code.replace('-', ' – ')}\n"):
        assert read_code(typed) == signs


@given(st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_told_as_a_slip(place: int, sign: str) -> None:
    signs = read_code(new_code())
    wrong = signs[:place] + sign + signs[place + 1 :]

    if wrong != signs:
        with pytest.raises(WrongKey, match="Tippfehler"):
            read_code(wrong)


@given(st.integers(0, LENGTH - 2))
def test_two_swapped_signs_are_told_as_a_slip(place: int) -> None:
    signs = read_code(new_code())
    wrong = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]

    if wrong != signs:
        with pytest.raises(WrongKey, match="Tippfehler"):
            read_code(wrong)


def test_a_sign_that_no_code_has_is_named_with_its_group() -> None:
    with pytest.raises(WrongKey, match="Das Zeichen „O“ in Gruppe 2"):
        read_code("ABCD-EFGO")


def test_a_code_that_is_too_short_says_how_long_it_is() -> None:
    with pytest.raises(WrongKey, match="hat 32 Zeichen, dies sind 8"):
        read_code("ABCD-EFGH")


def test_the_code_of_another_store_is_no_slip(tmp_path: Path) -> None:
    begin(tmp_path)

    with pytest.raises(WrongKey, match="gehört aber nicht zu diesem Feldbuch"):
        KeyRing.read(tmp_path).unlock_by_code(new_code())


# Waits


def test_the_wait_grows_with_each_wrong_try_up_to_a_minute() -> None:
    assert [wait_before(wrong) for wrong in range(11)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(0, 10**6))
def test_the_wait_never_locks_anybody_out(wrong: int) -> None:
    assert 0 <= wait_before(wrong) <= wait_before(wrong + 1) <= LONGEST


def test_a_wait_passes_and_the_right_passphrase_ends_the_count() -> None:
    now = 1000.0
    tries = Tries(lambda: now)
    assert tries.left() == 0

    for _number in range(4):
        tries.failed()
    assert tries.left() == 2
    now += 1.5
    assert tries.left() == 0.5
    now += 1
    assert tries.left() == 0
    tries.succeeded()
    tries.failed()
    assert tries.left() == 0


# The system's keyring


def test_every_keyring_that_is_trusted_with_the_key_exists() -> None:
    import pkgutil

    import keyring.backends

    known = {f"keyring.backends.{module.name}" for module in pkgutil.iter_modules(keyring.backends.__path__)}
    trusted = {name.rpartition(".")[0] for names in BACKENDS.values() for name in names}

    assert trusted <= known - {f"keyring.backends.{name}" for name in ("chainer", "fail", "null")}


def test_a_system_whose_keyring_does_not_answer_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Neither a desktop's bus nor a tool that starts one.
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.platform", "linux")
    system = SystemSecretService()

    assert not system.set("store", "secret")
    assert system.get("store") is None
    system.delete("store")


def test_where_there_is_no_keyring_nothing_is_kept() -> None:
    none = NoSecretService()

    assert not none.set("store", "secret")
    assert none.get("store") is None
    none.delete("store")
