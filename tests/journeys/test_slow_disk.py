"""A disk that hangs keeps nobody waiting: keys are answered, nothing is called saved that is not, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from models.indexes import RECORDS
from models.rules.keys import RECORD_INDEXES
from models.store.keeper import JournalStore
from tests.journeys.conftest import fill
from tests.journeys.people import add, at_work
from tests.journeys.slow_disk import SlowStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock
    from models.records import Document
    from tests.journeys.person import Person


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SlowStore]:
    """The disk of the fieldbook below."""
    store = SlowStore(JournalStore(tmp_path / "feldbuch", indexes={RECORDS: RECORD_INDEXES}))
    yield store
    store.close()


@pytest.fixture
def fieldbook(disk: SlowStore, clock: FixedClock) -> Fieldbook:
    """A fieldbook on a disk that can hang."""
    opened = Fieldbook(disk, clock)
    fill(opened)
    disk.commits.clear()
    return opened


def saves(disk: SlowStore, kind: str) -> list[Document]:
    """Return the documents of a kind that commits have written, one for each time."""
    changes = (change.document for commit in disk.commits for change in commit if change.table == RECORDS)
    return [document for document in changes if document is not None and document["kind"] == kind]


async def begin_a_task(person: Person, text: str) -> None:
    """Open the form of a new task and type into its first field."""
    await person.press("f8", "n")
    await person.sees("Aufgabe · neu")
    await person.type(text)
    await person.sees(text)


async def drafts_are_written(person: Person, count: int = 1) -> None:
    """Wait for drafts on the disk."""
    await person.until(lambda: len(person.app.fieldbook.drafts()) == count, f"{count} drafts")


async def test_a_save_that_hangs_answers_keys_and_is_called_saved_only_once_it_is(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("f3")
        await person.sees("Schulen · 3", "speichert …")
        await person.press("down", "f8")
        await person.sees("Aufgabe · Beamer ausleihen")
        assert disk.reached.is_set()
        assert not person.sees_now("Gespeichert")
        assert fieldbook.documents("task") == []

        disk.go_on()
        await person.sees("Gespeichert: Beamer ausleihen", "Aufgaben · 1")
        await person.sees_no_more("speichert …")

    assert [task["text"] for task in fieldbook.documents("task")] == ["Beamer ausleihen"]
    assert fieldbook.drafts() == []


async def test_what_is_typed_while_a_save_hangs_is_not_in_the_record_but_in_the_next_draft(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        await drafts_are_written(person)
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.type(" und testen")
        await person.sees("Beamer ausleihen und testen")
        disk.go_on()
        await person.sees("Gespeichert: Beamer ausleihen")
        await person.until(lambda: [d["values"]["text"] for d in fieldbook.drafts()] == ["Beamer ausleihen und testen"])
        assert [task["text"] for task in fieldbook.documents("task")] == ["Beamer ausleihen"]
        assert person.entered() == "Beamer ausleihen und testen"

        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer ausleihen und testen", "Aufgaben · 1")

    assert [task["text"] for task in fieldbook.documents("task")] == ["Beamer ausleihen und testen"]
    assert fieldbook.drafts() == []


async def test_the_draft_of_what_is_typed_while_a_save_hangs_survives_a_crash_that_follows(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.fills_in("Notizen", "bei Frau Sommer")
        disk.go_on()
        await person.sees("Gespeichert")
        await drafts_are_written(person)

    (draft,) = fieldbook.drafts()
    assert draft["values"] == {"notes": "bei Frau Sommer"}


async def test_the_key_that_saves_pressed_twice_saves_once(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("ctrl+s", "ctrl+s")
        disk.go_on()
        await person.sees("Gespeichert: Beamer ausleihen", "Aufgaben · 1")

    assert len(saves(disk, "task")) == 1


async def test_a_record_that_is_finished_while_its_save_hangs_is_finished(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("ctrl+d")
        disk.go_on()
        await person.sees("Gespeichert: Beamer ausleihen", "Aufgaben · 1")
        await person.until(lambda: len(saves(disk, "task")) == 2, "The second save")

    assert [task.get("state") for task in saves(disk, "task")] == ["entwurf", "abgeschlossen"]


async def test_the_program_ends_only_after_a_save_that_hangs(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("ctrl+q")
        await person.type(" und testen")
        await person.sees("Beamer ausleihen und testen", "speichert …")
        assert person.app.is_running
        assert saves(disk, "task") == []
        disk.go_on()
        await person.leaves()

    assert [task["text"] for task in fieldbook.documents("task")] == ["Beamer ausleihen"]
    assert [draft["values"]["text"] for draft in fieldbook.drafts()] == ["Beamer ausleihen und testen"]
    assert [draft["left"] for draft in fieldbook.drafts()] == [True]


async def test_the_program_does_not_end_over_a_save_that_was_refused(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("ctrl+q")
        disk.full = True
        disk.go_on()
        await person.sees("Der Datenträger ist voll, gespeichert wurde nichts.")
        await person.sees_no_more("speichert …")
        assert person.app.is_running
        assert person.entered() == "Beamer ausleihen"

        disk.full = False
        await person.press("ctrl+q")
        await person.leaves()

    assert [draft["values"]["text"] for draft in fieldbook.drafts()] == ["Beamer ausleihen"]


async def test_who_leaves_though_the_disk_is_full_is_asked_and_may(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.full = True
        await person.press("ctrl+q")
        await person.sees("Der Datenträger ist voll, gespeichert wurde nichts.", "Trotzdem beenden?")
        await person.press("n")
        await person.sees_no_more("Trotzdem beenden?")
        assert person.entered() == "Beamer ausleihen"
        await person.press("ctrl+q")
        await person.sees("Trotzdem beenden?")
        await person.press("j")
        await person.leaves()


async def test_a_full_disk_is_told_and_the_form_stays_with_all_that_was_typed(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        await drafts_are_written(person)
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.type(" und testen")
        disk.full = True
        disk.go_on()
        await person.sees("Der Datenträger ist voll, gespeichert wurde nichts.")
        assert person.entered() == "Beamer ausleihen und testen"
        assert not person.sees_now("Gespeichert")
        assert fieldbook.documents("task") == []
        assert [draft["values"]["text"] for draft in fieldbook.drafts()] == ["Beamer ausleihen"]

        disk.full = False
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer ausleihen und testen")

    assert fieldbook.drafts() == []


async def test_esc_leaves_a_form_once_its_draft_is_written(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("escape", "escape")
        await person.sees("speichert …", "Aufgabe · Beamer ausleihen")
        assert not person.sees_now("Der Entwurf ist gesichert")
        disk.go_on()
        await person.sees("Der Entwurf ist gesichert und steht auf der Seite Heute.", "Aufgaben · 0")

    assert [draft["left"] for draft in fieldbook.drafts()] == [True]


async def test_a_form_that_was_saved_while_another_place_was_open_is_closed_when_one_comes_back(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await begin_a_task(person, "Beamer ausleihen")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.press("f3")
        await person.sees("Schulen · 3")
        disk.go_on()
        await person.sees("Gespeichert: Beamer ausleihen", "Schulen · 3")
        await person.press("f8")
        await person.sees("Aufgaben · 1")


async def test_taking_back_waits_for_the_save_before_it(fieldbook: Fieldbook, disk: SlowStore) -> None:
    add(fieldbook, "task", text="Flyer prüfen", due="2026-11-24")
    async with at_work(fieldbook) as person:
        await person.press("f8")
        await person.sees("Aufgaben · 1")
        disk.hang()
        await person.press("x", "ctrl+z")
        await person.sees("speichert …")
        assert not person.sees_now("Erledigt: ")
        disk.go_on()
        await person.sees("Zurückgenommen: Änderung an Aufgabe", "Aufgaben · 1")

    assert [task.get("done_on") for task in saves(disk, "task")[-2:]] == ["2026-11-24", None]


async def test_two_agreements_of_one_visit_are_both_done_though_the_first_one_hangs(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    visit = fieldbook.find("visit")[0]
    agreements = [{"id": "a", "text": "Muster senden"}, {"id": "b", "text": "Termin nennen"}]
    fieldbook.save(visit.changed(agreements=agreements))
    async with at_work(fieldbook) as person:
        await person.press("f8")
        await person.sees("Aufgaben · 2")
        disk.hang()
        await person.press("x", "down", "x")
        await person.sees("speichert …")
        disk.go_on()
        await person.sees("Aufgaben · 0")

    assert [entry.get("done_on") for entry in fieldbook.document(visit.id)["agreements"]] == ["2026-11-24"] * 2


async def test_head_counts_stand_there_at_once_and_all_of_them_are_saved(fieldbook: Fieldbook, disk: SlowStore) -> None:
    counts = [{"id": "a", "school": "100001"}, {"id": "b", "school": "100002"}]
    training = add(fieldbook, "training", title="Mikroskope", date="2026-11-24", counts=counts)
    async with at_work(fieldbook) as person:
        await person.press("f6", "t")
        await person.sees("Teilnahme · Mikroskope", "zusammen 0")
        disk.hang()
        await person.press("1", "2", "enter", "3")
        await person.sees("zusammen 15", "speichert …")
        disk.go_on()
        await person.sees_no_more("speichert …")
        await person.sees("zusammen 15")

    assert [entry["attended"] for entry in fieldbook.document(training.id)["counts"]] == [12, 3]


async def test_a_number_that_could_not_be_saved_does_not_stay_on_the_screen(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    add(fieldbook, "training", title="Mikroskope", date="2026-11-24", counts=[{"id": "a", "school": "100001"}])
    async with at_work(fieldbook) as person:
        await person.press("f6", "t")
        await person.sees("zusammen 0")
        disk.full = True
        await person.press("7")
        await person.sees("Der Datenträger ist voll, gespeichert wurde nichts.", "zusammen 0")


async def test_minutes_written_on_while_a_save_hangs_stay_and_are_saved_next(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    agenda = [{"id": "a", "title": "Informationsbörse"}]
    meeting = add(fieldbook, "meeting", title="Runde", date="2026-11-24", agenda=agenda)
    async with at_work(fieldbook) as person:
        await person.press("f7", "enter")
        await person.sees("Runde", "1 Informationsbörse")
        await person.press("enter")
        await person.type("Das Angebot steht.")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        await person.type(" Alle laden ein.")
        await person.sees("Das Angebot steht. Alle laden ein.")
        disk.go_on()
        await person.sees("Protokoll gespeichert.", "Das Angebot steht. Alle laden ein.")
        assert fieldbook.document(meeting.id)["agenda"][0]["notes"] == "Das Angebot steht."
        await drafts_are_written(person)
        await person.press("ctrl+s")
        await drafts_are_written(person, 0)

    assert fieldbook.document(meeting.id)["agenda"][0]["notes"] == "Das Angebot steht. Alle laden ein."


async def test_minutes_written_on_while_the_draft_before_them_hangs_are_not_put_back_to_it(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    agenda = [{"id": "a", "title": "Informationsbörse"}]
    meeting = add(fieldbook, "meeting", title="Runde", date="2026-11-24", agenda=agenda)
    async with at_work(fieldbook) as person:
        await person.press("f7", "enter")
        await person.sees("Runde", "1 Informationsbörse")
        await person.press("enter")
        await person.type("Das Angebot steht.")
        disk.hang()
        await person.press("f1", "escape")
        await person.sees("Das Angebot steht.", "speichert …")
        await person.type(" Alle laden ein.")
        await person.sees("Das Angebot steht. Alle laden ein.")
        await person.press("f1", "escape")
        disk.go_on()
        await person.sees_no_more("speichert …")
        await person.sees("Das Angebot steht. Alle laden ein.")
        await person.press("ctrl+s")
        await person.sees("Protokoll gespeichert.")

    assert fieldbook.document(meeting.id)["agenda"][0]["notes"] == "Das Angebot steht. Alle laden ein."


async def test_a_matrix_is_left_once_all_is_stored_that_was_rated_meanwhile(
    fieldbook: Fieldbook, disk: SlowStore
) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("0 von 13")
        await person.press("1")
        await person.sees("1 von 13")
        disk.hang()
        await person.press("escape")
        await person.sees("speichert …")
        await person.press("2")
        await person.sees("2 von 13")
        disk.go_on()
        await person.sees("Schule · GS Altstadt", "VERLAUF")

    (assessment,) = fieldbook.documents("assessment")
    assert [entry["level"] for entry in assessment["ratings"].values()] == [1, 2]
    assert fieldbook.drafts() == []


async def test_ratings_that_could_not_be_stored_stay_and_are_stored_next(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("0 von 13")
        disk.full = True
        await person.press("1", "escape")
        await person.sees("Der Datenträger ist voll, gespeichert wurde nichts.", "1 von 13")
        disk.full = False
        await person.press("escape")
        await person.sees("Schule · GS Altstadt", "VERLAUF")

    (assessment,) = fieldbook.documents("assessment")
    assert len(assessment["ratings"]) == 1


async def test_settings_are_called_saved_once_they_are(fieldbook: Fieldbook, disk: SlowStore) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f10")
        await person.fills_in("Region", "Dortmund")
        disk.hang()
        await person.press("ctrl+s")
        await person.sees("speichert …")
        assert not person.sees_now("Einstellungen gespeichert.")
        disk.go_on()
        await person.sees("Einstellungen gespeichert.")
        await person.sees_no_more("Darstellung")

    assert fieldbook.settings.region == "05913"
