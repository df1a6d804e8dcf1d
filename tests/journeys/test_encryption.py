"""Encryption: turn it on, lock, unlock with what one has, and never see or store a word of content while it is locked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from models.protection import Protection
from models.store.recovery_code import LENGTH, read_code
from tests.journeys.people import SMALL, add, at_work
from tests.journeys.person import Person
from tests.models.secrets_in_memory import SecretsInMemory
from tests.tui.wire import Wire
from tui.unlock_app import UnlockApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from models.clock import FixedClock

CHEAP = {"t": 1, "m": 8, "p": 1}
PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"


@pytest.fixture
def secrets() -> SecretsInMemory:
    """The system's keyring; a test that has none locks it."""
    return SecretsInMemory()


@pytest.fixture
def guard(tmp_path: Path, secrets: SecretsInMemory) -> Protection:
    """What encrypts the fieldbook of these journeys."""
    return Protection(tmp_path / "feldbuch", secrets=secrets, cost=CHEAP)


@pytest.fixture
def code(guard: Protection, fieldbook: Fieldbook) -> str:
    """Encrypt the fieldbook with a passphrase; returns the recovery code."""
    add(fieldbook, "task", text=MARK)
    return guard.encrypt(fieldbook, passphrase=PHRASE)


@asynccontextmanager
async def at_the_lock(guard: Protection) -> AsyncIterator[Person]:
    """Start the program over a fieldbook that is locked."""
    guard.lock()
    async with UnlockApp(guard).run_test(size=SMALL) as pilot:
        person = Person(pilot)
        await pilot.pause()
        yield person


def readable(folder: Path, words: str = MARK) -> list[str]:
    """Return the files in which the words can be read."""
    return [path.name for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


async def answers(person: Person, *answers: str) -> None:
    """Type each answer and press Enter."""
    for answer in answers:
        await person.type(answer)
        await person.press("enter")


def shown_code(person: Person) -> str:
    """Return the recovery code that stands on the screen."""
    lines = [line.replace(" - ", "-").strip() for line in person.screen_text().splitlines()]
    code = "-".join(line for line in lines if len(line) == LENGTH // 2 + 3 and line.count("-") == 3)
    assert read_code(code)
    return code


async def test_encrypt_in_the_settings_quit_and_unlock_with_the_passphrase(
    fieldbook: Fieldbook, guard: Protection, secrets: SecretsInMemory, clock: FixedClock
) -> None:
    secrets.locked = True
    add(fieldbook, "task", text=MARK)
    assert readable(guard.folder)
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f10", "ctrl+o")
        await person.sees("Dieses Feldbuch ist nicht verschlüsselt.")
        await person.press("p")
        await answers(person, "kurz")
        await answers(person, "kurz")
        await person.sees("Mindestens 10 Zeichen")
        await person.press("shift+tab")
        await person.press("home", "shift+end", "delete")
        await answers(person, PHRASE)
        await person.press("home", "shift+end", "delete")
        await answers(person, f"{PHRASE} nicht")
        await person.sees("Die beiden Eingaben sind verschieden.")
        assert PHRASE not in person.screen_text()
        await person.press("home", "shift+end", "delete")
        await answers(person, PHRASE)
        await person.sees("Bitte auf Papier schreiben")
        assert not readable(guard.folder)
        code = shown_code(person)

        await person.press("escape")
        await person.sees("Bitte erst den Code notieren")
        await answers(person, "XXXX")
        await person.sees("Das sind nicht die ersten vier Zeichen.")
        await person.press("home", "shift+end", "delete")
        await answers(person, f"{code[:4].lower()}")
        await person.sees("Dieses Feldbuch ist verschlüsselt.", "die Passphrase")
        assert code[:9] not in person.screen_text()
        await person.press("ctrl+q")
    fieldbook.close()
    assert not readable(guard.folder)

    async with at_the_lock(guard) as person:
        await person.sees("Feldbuch gesperrt", "Passphrase")
        await person.type(PHRASE)
        assert PHRASE not in person.screen_text()
        await person.press("enter")
        await person.until(lambda: guard.unlocked, "The key")
    assert person.app.return_value == "unlocked"
    with Fieldbook.open(guard.folder, clock=clock, codec=guard.codec()) as opened:
        async with at_work(opened, protection=guard) as person:
            await person.press("f8")
            await person.sees(MARK)


async def test_after_wrong_passphrases_the_wait_is_told_and_then_the_right_one_opens(
    fieldbook: Fieldbook, tmp_path: Path
) -> None:
    now = 0.0
    guard = Protection(tmp_path / "feldbuch", secrets=SecretsInMemory(), cost=CHEAP, clock=lambda: now)
    guard.encrypt(fieldbook, passphrase=PHRASE)
    async with at_the_lock(guard) as person:
        await answers(person, "falsch geraten")
        await person.sees("Diese Passphrase ist falsch. Die Daten sind unversehrt.")
        for _number in range(2):
            await answers(person, "wieder falsch")
            await person.until(lambda: not person.screen_text().count("•"), "The emptied field")
        await person.sees("Der nächste Versuch geht in einer Sekunde.")
        await answers(person, PHRASE)
        await person.sees("Der nächste Versuch geht in einer Sekunde.")
        assert not guard.unlocked
        now += 1
        await answers(person, PHRASE)
        await person.until(lambda: guard.unlocked, "The key")


async def test_who_forgot_the_passphrase_opens_with_the_code_and_sets_a_new_one(guard: Protection, code: str) -> None:
    async with at_the_lock(guard) as person:
        await person.press("ctrl+o")
        await person.sees("Acht Gruppen zu vier Zeichen")
        await answers(person, f"{code[:-1]}{'2' if code[-1] != '2' else '3'}")
        await person.sees("In diesem Code ist ein Tippfehler")
        await person.press("backspace")
        await answers(person, f"{code[-1]}")
        await person.sees("Neue Passphrase", "Esc lässt die Passphrase, wie sie ist.")
        await answers(person, "ganz neue Wörter")
        await answers(person, "ganz neue Wörter")
        await person.until(lambda: person.app.return_value == "unlocked", "The end of the app")
    guard.lock()
    guard.unlock_by_passphrase("ganz neue Wörter")


async def test_locking_on_demand_keeps_the_draft_and_shows_nothing_any_more(
    fieldbook: Fieldbook, guard: Protection, code: str, clock: FixedClock
) -> None:
    del code
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f8", "n")
        await person.type(f"{MARK} im Formular")
        await person.sees(f"{MARK} im Formular")
        await person.press("ctrl+g")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")
    fieldbook.close()
    assert not readable(guard.folder)

    async with at_the_lock(guard) as person:
        await person.sees("Feldbuch gesperrt")
        screen = person.screen_text()
        for word in (MARK, "Kim", "Altstadt", "Besuch", "Aufgabe"):
            assert word not in screen
        await person.press("f2", "f8", "ctrl+p", "escape", "f1")
        await person.sees("Die Daten sind verschlüsselt.")
        assert MARK not in person.screen_text()
        await person.press("escape")
        await answers(person, PHRASE)
        await person.until(lambda: guard.unlocked, "The key")
    with Fieldbook.open(guard.folder, clock=clock, codec=guard.codec()) as opened:
        async with at_work(opened, protection=guard) as person:
            await person.sees("Dienstag, 24. November 2026", "ENTWÜRFE", f"{MARK} im Formular")


async def test_locking_works_above_a_dialog_too(fieldbook: Fieldbook, guard: Protection, code: str) -> None:
    del code
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("ctrl+p")
        await person.sees("Alles finden")
        await person.press("ctrl+g")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")


async def test_locking_waits_for_no_server(fieldbook: Fieldbook, guard: Protection, code: str) -> None:
    del code
    wire = Wire()
    wire.connect(fieldbook)
    wire.hang()
    async with at_work(fieldbook, protection=guard, connection=wire.connection) as person:
        await person.press("ctrl+r")
        await person.until(wire.reached.is_set, "The request that hangs")
        await person.press("ctrl+g")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")
    assert wire.at_once == 0


async def test_what_is_typed_into_a_dialog_is_kept_when_it_is_locked(
    fieldbook: Fieldbook, guard: Protection, code: str
) -> None:
    del code
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("0 von 13")
        await person.press("k")
        await person.sees("Eigene Kommentierung")
        await person.type("Leitung ist neu.")
        await person.press("ctrl+g")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")
    assert list(fieldbook.documents("assessment")[0]["comments"].values()) == ["Leitung ist neu."]


async def test_what_is_typed_into_an_entry_is_kept_when_it_is_locked(
    fieldbook: Fieldbook, guard: Protection, code: str
) -> None:
    del code
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f3", "enter", "n")
        await person.goes_to_field("Vereinbart")
        await person.press("enter")
        await person.sees("übernehmen")
        await person.type("Muster senden")
        await person.press("ctrl+g")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")
    (draft,) = fieldbook.drafts()
    assert [one["text"] for one in draft["values"]["agreements"]] == ["Muster senden"]
    assert draft["left"]


async def test_nobody_at_the_keyboard_locks_after_the_minutes_that_are_set(
    fieldbook: Fieldbook, guard: Protection, code: str, clock: FixedClock
) -> None:
    del code
    fieldbook.save_settings(fieldbook.settings.model_copy(update={"lock_minutes": 5}))
    async with at_work(fieldbook, protection=guard, idle_look=0.01) as person:
        clock.advance(timedelta(minutes=4, seconds=59))
        await person.press("down")
        clock.advance(timedelta(minutes=4, seconds=59))
        await person.press("down")
        await person.sees("Dienstag, 24. November 2026")
        assert person.app.return_value is None
        clock.advance(timedelta(minutes=5))
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")


async def test_the_first_key_after_a_long_sleep_locks_and_does_nothing_else(
    fieldbook: Fieldbook, guard: Protection, code: str, clock: FixedClock
) -> None:
    del code
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f8", "n")
        await person.sees("Aufgabe · neu")
        clock.advance(timedelta(hours=9))
        await person.press("x")
        await person.until(lambda: person.app.return_value == "locked", "The end of the app")
    assert not fieldbook.drafts()


@pytest.mark.parametrize("minutes", [0, 15])
async def test_never_and_an_unencrypted_fieldbook_lock_not(
    fieldbook: Fieldbook, guard: Protection, clock: FixedClock, minutes: int
) -> None:
    if minutes == 0:
        guard.encrypt(fieldbook, passphrase=PHRASE)
    fieldbook.save_settings(fieldbook.settings.model_copy(update={"lock_minutes": minutes}))
    async with at_work(fieldbook, protection=guard, idle_look=0.01) as person:
        clock.advance(timedelta(hours=9))
        await person.press("f8")
        await person.sees("Aufgaben")
        assert person.app.return_value is None


async def test_an_unencrypted_fieldbook_says_why_it_cannot_be_locked(fieldbook: Fieldbook, guard: Protection) -> None:
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("ctrl+g")
        await person.sees("Verschlüsseln: F10, dann Strg+O.")


async def test_the_demo_region_stays_plain(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f10", "ctrl+o")
        await person.sees("Die Beispielregion ist erfunden und bleibt unverschlüsselt.")
        await person.press("p")
        await person.sees("Die Beispielregion bleibt unverschlüsselt.")


async def test_passphrase_code_and_keyring_are_changed_in_the_settings_and_encryption_is_turned_off(
    fieldbook: Fieldbook, guard: Protection, code: str, secrets: SecretsInMemory
) -> None:
    async with at_work(fieldbook, protection=guard) as person:
        await person.press("f10", "ctrl+o", "p")
        await person.sees("Bisherige Passphrase")
        await answers(person, "falsch geraten")
        await answers(person, "ganz neue Wörter")
        await answers(person, "ganz neue Wörter")
        await person.sees("Diese Passphrase ist falsch.")
        await person.press("p")
        await answers(person, PHRASE)
        await answers(person, "ganz neue Wörter")
        await answers(person, "ganz neue Wörter")
        await person.sees("Die neue Passphrase gilt.")

        await person.press("k")
        await person.sees("Der Schlüsselbund dieses Geräts öffnet das Feldbuch.", "von selbst beim Start")
        assert secrets.kept

        await person.press("c")
        await person.sees("Einen neuen Wiederherstellungscode anzeigen?")
        await person.press("j")
        await person.sees("Bitte auf Papier schreiben")
        newer = shown_code(person)
        assert newer != code
        await answers(person, f"{newer[:4]}")
        await person.sees("Dieses Feldbuch ist verschlüsselt.")

        await person.press("a")
        await person.sees("Die Verschlüsselung ausschalten?")
        await person.press("j")
        await person.sees("Dieses Feldbuch ist nicht verschlüsselt.")
    assert not guard.encrypted
    assert not secrets.kept
    assert readable(guard.folder)


@pytest.mark.parametrize("keyring", [True, False])
async def test_the_first_start_proposes_what_costs_nothing(
    tmp_path: Path, clock: FixedClock, secrets: SecretsInMemory, *, keyring: bool
) -> None:
    secrets.locked = not keyring
    guard = Protection(tmp_path, secrets=secrets, cost=CHEAP)
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True, protection=guard) as person:
            await answers(person, "Kim Beispiel")
            await answers(person, "Gütersloh")
            await person.sees("Daten verschlüsseln?", "Vorschlag:")
            await person.press("enter")
            if keyring:
                await person.sees("Bitte auf Papier schreiben")
                await answers(person, f"{shown_code(person)[:4]}")
            await person.sees("Dienstag, 24. November 2026")
    assert guard.encrypted == keyring
    assert bool(readable(tmp_path, "Kim Beispiel")) != keyring
    if keyring:
        guard.lock()
        assert guard.unlock_by_system()


async def test_without_a_keyring_the_first_start_says_so_and_takes_a_passphrase(
    tmp_path: Path, clock: FixedClock, secrets: SecretsInMemory
) -> None:
    secrets.locked = True
    guard = Protection(tmp_path, secrets=secrets, cost=CHEAP)
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True, protection=guard) as person:
            await answers(person, "Kim Beispiel", "")
            await person.sees("Daten verschlüsseln?")
            await person.press("k")
            await person.sees("Auf diesem Gerät gibt es keinen Schlüsselbund")
            await person.press("p")
            await answers(person, PHRASE, PHRASE)
            await person.sees("Bitte auf Papier schreiben")
            await answers(person, f"{shown_code(person)[:4]}")
            await person.sees("Dienstag, 24. November 2026")
    assert guard.encrypted


async def test_a_keyring_alone_opens_again_after_locking_by_a_key(
    fieldbook: Fieldbook, guard: Protection, secrets: SecretsInMemory
) -> None:
    guard.encrypt(fieldbook, system=True)
    secrets.locked = True
    async with at_the_lock(guard) as person:
        await person.sees("Der Schlüssel liegt im Schlüsselbund dieses Geräts.")
        await person.press("ctrl+s")
        await person.sees("Der Schlüsselbund gibt den Schlüssel nicht heraus.")
        secrets.locked = False
        await person.press("ctrl+s")
        await person.until(lambda: guard.unlocked, "The key")
