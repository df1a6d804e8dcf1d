"""The scenes: every screen of the program in the states that people meet it in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.records import parse
from models.records.meeting import Meeting
from models.records.people import Adviser
from models.records.shared import Agreement
from tests.snapshots import sync_scenes  # noqa: F401 - its scenes add themselves
from tests.snapshots.scene import ALL, EMPTY, LOCKED, NEW, Scene, scene
from tests.snapshots.stage import PHRASE
from tui.places import PLACES
from tui.screens.encryption_offer import EncryptionOfferScreen
from tui.screens.recovery_code import RecoveryCodeScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from models.records import Record
    from tests.snapshots.stage import Stage

SCHOOL = "900067"
"""A school of the demo region with many visits."""


def _place(name: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        stage.app.action_place(name)
        await stage.ready()

    return play


ALL += [Scene(f"place_{place.name}", _place(place.name), themed=True) for place in PLACES]
ALL += [Scene(f"place_{place.name}_empty", _place(place.name), EMPTY) for place in PLACES]


# Lists


@scene()
async def list_searched(stage: Stage) -> None:
    await stage.press("f3", "slash")
    await stage.type("gym")


@scene()
async def list_nothing_found(stage: Stage) -> None:
    await stage.press("f3", "slash")
    await stage.type("xyz")


@scene()
async def list_own_and_filtered(stage: Stage) -> None:
    await stage.press("f4", "o", "f")
    await stage.type("geplant")
    await stage.press("enter")


@scene()
async def list_tasks_by_school(stage: Stage) -> None:
    await stage.press("f8", "g")


@scene(themed=True)
async def register_needs(stage: Stage) -> None:
    stage.app.opening.register("need")
    await stage.ready()


@scene()
async def register_empty(stage: Stage) -> None:
    stage.app.opening.register("organisation")
    await stage.ready()
    await stage.press("slash")
    await stage.type("xyz")


@scene()
async def register_circles(stage: Stage) -> None:
    await stage.press("f7", "k")


# Forms


def _new(stage: Stage, kind: str, **values: Any) -> None:
    stage.app.opening.new(kind, **values)


@scene()
async def form_visit_new(stage: Stage) -> None:
    _new(stage, "visit")
    await stage.ready()


@scene(themed=True)
async def form_visit_with_previous(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL)
    await stage.ready()


@scene()
async def form_visit_stored(stage: Stage) -> None:
    stage.app.opening.record(stage.some("visit", status="durchgefuehrt")["id"])
    await stage.ready()


@scene()
async def form_visit_planned(stage: Stage) -> None:
    stage.app.opening.record(stage.some("visit", status="geplant")["id"])
    await stage.ready()


@scene()
async def form_visit_at_its_end(stage: Stage) -> None:
    stage.app.opening.record(stage.some("visit", status="durchgefuehrt")["id"])
    await stage.field("next_contact_on")


@scene()
async def form_visit_notes(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL)
    await stage.field("notes_pedagogy")


@scene(themed=True)
async def form_visit_with_errors(stage: Stage) -> None:
    _new(stage, "visit")
    await stage.field("date")
    await stage.press("home", "shift+end", "delete")
    await stage.type("31.02.")
    await stage.field("start")
    await stage.press("home", "shift+end", "delete")
    await stage.type("25:99")
    await stage.press("ctrl+s")


@scene()
async def form_visit_with_warning(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL, topics=["medienkonzept"])
    await stage.field("date")
    await stage.press("home", "shift+end", "delete")
    await stage.type("28.11.")
    await stage.press("tab")


@scene()
async def form_draft_kept(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL)
    await stage.field("goal")
    await stage.type("Medienkonzept weiterschreiben")
    await stage.press("escape")


@scene(NEW)
async def form_draft_recovered(stage: Stage) -> None:
    stage.fieldbook.save(_small_school())
    visit = {"school": "100001", "date": "24.11.2026", "goal": "Medienkonzept"}
    stage.fieldbook.save_draft("0" * 32, "visit", visit, "Besuch GS Altstadt")
    stage.app.pop_screen()
    stage.app.opening.recover_drafts()
    await stage.ready()


_FORMS = (
    "consultation",
    "training",
    "task",
    "circle",
    "need",
    "school",
    "authority",
    "contact",
    "recommendation",
    "working_aid",
    "assessment",
    "meeting",
    "case_round",
    "media_concept",
    "information",
)


def _stored(kind: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        stage.app.opening.form(stage.some(kind))
        await stage.ready()

    return play


def _fresh(kind: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        _new(stage, kind)
        await stage.ready()

    return play


ALL += [Scene(f"form_{kind}_stored", _stored(kind), themed=kind in ("consultation", "training")) for kind in _FORMS]
ALL += [Scene(f"form_{kind}_new", _fresh(kind)) for kind in ("consultation", "training", "task", "circle")]


@scene()
async def form_deletion_asked(stage: Stage) -> None:
    stage.app.opening.form(stage.some("visit", status="durchgefuehrt"))
    await stage.ready()
    await stage.press("ctrl+y")


# Dialogs


@scene(themed=True)
async def dialog_item(stage: Stage) -> None:
    entry = {"text": "Muster für Fachkonferenzbeschlüsse senden", "owner": "ich", "due": "2026-12-01"}
    stage.app.opening.item("Vereinbarung", Agreement, entry, lambda _entry: None)
    await stage.ready()


@scene()
async def dialog_item_with_error(stage: Stage) -> None:
    stage.app.opening.item("Vereinbarung", Agreement, {"text": "", "owner": "ich"}, lambda _entry: None)
    await stage.field("due")
    await stage.type("31.02.")
    await stage.press("ctrl+s")


@scene(themed=True)
async def dialog_picker_one(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL)
    await stage.field("occasion")
    await stage.press("enter")


@scene()
async def dialog_picker_school(stage: Stage) -> None:
    _new(stage, "visit")
    await stage.field("school")
    await stage.press("enter")
    await stage.type("gym")


@scene()
async def dialog_picker_nothing_found(stage: Stage) -> None:
    _new(stage, "visit")
    await stage.field("school")
    await stage.press("enter")
    await stage.type("xyz")


@scene(themed=True)
async def dialog_picker_several(stage: Stage) -> None:
    _new(stage, "visit", topics=["medienkonzept", "support"])
    await stage.field("topics")
    await stage.press("enter")


@scene(themed=True)
async def dialog_palette(stage: Stage) -> None:
    await stage.press("ctrl+p")


@scene()
async def dialog_palette_searched(stage: Stage) -> None:
    await stage.press("ctrl+p")
    await stage.type("medienkonzept")


@scene(themed=True)
async def dialog_help(stage: Stage) -> None:
    await stage.press("f8", "f1")


@scene()
async def dialog_help_of_a_form(stage: Stage) -> None:
    _new(stage, "visit", school=SCHOOL)
    await stage.ready()
    await stage.press("f1")


@scene()
async def dialog_keys(stage: Stage) -> None:
    await stage.press("f3", "question_mark")


@scene(themed=True)
async def dialog_ask(stage: Stage) -> None:
    stage.app.opening.ask("Was hier getippt wurde, verwerfen?", lambda _yes: None)
    await stage.ready()


@scene()
async def dialog_ask_text(stage: Stage) -> None:
    stage.app.opening.ask_text("Warum wird dieses Kriterium nicht bewertet?", lambda _text: None, "Umbau")
    await stage.ready()


@scene()
async def dialog_ask_long_text(stage: Stage) -> None:
    text = "Der Ganztag wird umgebaut.\nBis dahin gibt es dort kein Netz."
    stage.app.opening.ask_long_text("Eigene Kommentierung: Sächliche Ausstattung", lambda _text: None, text)
    await stage.ready()


@scene()
async def dialog_note_of_an_error(stage: Stage) -> None:
    stage.app.say(
        "Die Platte ist voll. Nichts ging verloren. Bitte Platz schaffen und noch einmal speichern.", problem=True
    )
    await stage.ready()


@scene()
async def dialog_sync_without_server(stage: Stage) -> None:
    await stage.press("ctrl+r")


# Settings and first start


@scene(themed=True)
async def settings(stage: Stage) -> None:
    await stage.press("f10")


@scene()
async def settings_with_error(stage: Stage) -> None:
    await stage.press("f10")
    await stage.field("region")
    await stage.press("home", "shift+end", "delete")
    await stage.type("Atlantis")
    await stage.press("ctrl+s")


@scene(NEW, themed=True)
async def first_start(stage: Stage) -> None:
    await stage.ready()


@scene(NEW)
async def first_start_with_error(stage: Stage) -> None:
    await stage.press("ctrl+s")


# Encryption


@scene(EMPTY, themed=True)
async def encryption_offer(stage: Stage) -> None:
    stage.app.push_screen(EncryptionOfferScreen(stage.protect(system=True)))
    await stage.ready()


@scene(EMPTY)
async def encryption_offer_without_keyring(stage: Stage) -> None:
    stage.app.push_screen(EncryptionOfferScreen(stage.protect()))
    await stage.ready()


@scene(EMPTY)
async def encryption_off(stage: Stage) -> None:
    stage.protect()
    await stage.press("f10", "ctrl+o")


@scene(EMPTY)
async def encryption_on(stage: Stage) -> None:
    stage.protect(PHRASE, system=True)
    await stage.press("f10", "ctrl+o")


@scene()
async def encryption_of_the_demo(stage: Stage) -> None:
    await stage.press("f10", "ctrl+o")


@scene(EMPTY)
async def passphrase_with_problem(stage: Stage) -> None:
    stage.protect(PHRASE)
    await stage.press("f10", "ctrl+o", "p")
    await stage.type(PHRASE)
    await stage.press("enter")
    await stage.type("kurz")
    await stage.press("ctrl+s")


async def _code(stage: Stage) -> None:
    stage.app.push_screen(RecoveryCodeScreen("7KQM-XW3D-HJ9R-V2TB-4YNC-P8FG-EZ6A-S5UK"))
    await stage.ready()


@scene(EMPTY, themed=True)
async def recovery_code(stage: Stage) -> None:
    await _code(stage)


@scene(EMPTY)
async def recovery_code_mistyped(stage: Stage) -> None:
    await _code(stage)
    await stage.type("7KQW")
    await stage.press("enter")


@scene(LOCKED, themed=True)
async def unlock(stage: Stage) -> None:
    await stage.ready()


@scene(LOCKED)
async def unlock_with_wait(stage: Stage) -> None:
    for _number in range(4):
        await stage.type("falsch geraten")
        await stage.press("enter")


@scene(LOCKED)
async def unlock_with_slip_in_the_code(stage: Stage) -> None:
    await stage.press("ctrl+o")
    await stage.type("7KQM-XW3D-HJ9R-V2TB-4YNC-P8FG-EZ6A-S5UK")
    await stage.press("enter")


@scene(LOCKED)
async def unlock_help(stage: Stage) -> None:
    await stage.press("f1")


# Pages


@scene(themed=True)
async def page_school(stage: Stage) -> None:
    stage.app.opening.record(stage.some("school", number=SCHOOL)["id"])
    await stage.ready()


@scene(EMPTY)
async def page_school_empty(stage: Stage) -> None:
    stage.app.opening.record(stage.fieldbook.save(_small_school()).id)
    await stage.ready()


@scene()
async def page_authority(stage: Stage) -> None:
    stage.app.opening.record(_authority(stage)["id"])
    await stage.ready()


@scene()
async def page_circle(stage: Stage) -> None:
    stage.app.opening.record(stage.some("circle")["id"])
    await stage.ready()


@scene(themed=True)
async def minutes(stage: Stage) -> None:
    stage.app.opening.record(stage.some("meeting", minutes_state="freigegeben")["id"])
    await stage.ready()


@scene()
async def minutes_being_written(stage: Stage) -> None:
    stage.app.opening.record(stage.some("meeting", minutes_state="freigegeben")["id"])
    await stage.ready()
    await stage.press("down", "enter")


@scene()
async def minutes_empty(stage: Stage) -> None:
    meeting = Meeting(title="Runder Tisch", date=date(2026, 11, 24))
    stage.app.opening.record(stage.fieldbook.save(meeting).id)
    await stage.ready()


@scene(themed=True)
async def attendance(stage: Stage) -> None:
    stage.app.opening.attendance(stage.some("meeting", minutes_state="freigegeben")["id"])
    await stage.ready()


@scene()
async def attendance_empty(stage: Stage) -> None:
    meeting = Meeting(title="Runder Tisch", date=date(2026, 11, 24))
    stage.app.opening.attendance(stage.fieldbook.save(meeting).id)
    await stage.ready()


@scene(themed=True)
async def head_counts(stage: Stage) -> None:
    training = max(stage.fieldbook.documents("training"), key=lambda t: (len(t.get("counts", ())), t["id"]))
    stage.app.opening.head_counts(training["id"])
    await stage.ready()


# Matrix


def _assessment(stage: Stage, rated: int, **values: Any) -> str:
    earlier = stage.some("assessment", subject=values["subject"])
    ratings = dict(list(earlier["ratings"].items())[:rated])
    document = {"kind": "assessment", "date": "2026-11-24", "mode": "gemeinsam"}
    return stage.fieldbook.save(parse({**document, **values, "ratings": ratings})).id


def _matrix(rated: int, subject: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        stage.app.opening.record(_assessment(stage, rated, subject=subject))
        await stage.ready()

    return play


ALL += [
    Scene("matrix_with_previous", _matrix(0, "900010"), themed=True),
    Scene("matrix_half", _matrix(6, "900010"), themed=True),
    Scene("matrix_complete", _matrix(13, "900010")),
]


@scene(EMPTY)
async def matrix_empty(stage: Stage) -> None:
    stage.fieldbook.save(_small_school())
    document = {"kind": "assessment", "date": "2026-11-24", "subject": "100001", "mode": "gemeinsam"}
    stage.app.opening.record(stage.fieldbook.save(parse(document)).id)
    await stage.ready()


@scene()
async def matrix_of_an_authority(stage: Stage) -> None:
    stage.app.opening.record(stage.some("assessment", catalogue="traeger")["id"])
    await stage.ready()


@scene()
async def matrix_refused_key(stage: Stage) -> None:
    stage.app.opening.record(_assessment(stage, 0, subject="900010"))
    await stage.ready()
    await stage.press("9", "4")


@scene(themed=True)
async def matrix_overview(stage: Stage) -> None:
    stage.app.opening.record(_assessment(stage, 9, subject="900010"))
    await stage.ready()
    await stage.press("1", "3", "g")


@scene()
async def matrix_finish_asked(stage: Stage) -> None:
    stage.app.opening.record(_assessment(stage, 6, subject="900010"))
    await stage.ready()
    await stage.press("ctrl+d")


def _authority(stage: Stage) -> dict[str, Any]:
    """Return the authority with the most schools."""
    schools = stage.fieldbook.documents("school")
    count = {str(a["number"]): 0 for a in stage.fieldbook.documents("authority")}
    for school in schools:
        count[str(school.get("authority"))] = count.get(str(school.get("authority")), 0) + 1
    number = max(count, key=lambda key: (count[key], key))
    return dict(stage.some("authority", number=number))


@scene(themed=True)
async def comparison_of_schools(stage: Stage) -> None:
    stage.app.opening.comparison(str(_authority(stage)["number"]))
    await stage.ready()


@scene()
async def comparison_over_time(stage: Stage) -> None:
    stage.app.opening.over_time("900010")
    await stage.ready()


@scene(EMPTY)
async def comparison_empty(stage: Stage) -> None:
    stage.fieldbook.save(_small_school())
    stage.app.opening.over_time("100001")
    await stage.ready()


def _small_school() -> Record:
    return parse({"kind": "school", "number": "100001", "short_name": "GS Altstadt", "place": "Erlenau"})


SCENES = tuple(ALL)


def owner() -> Adviser:
    """Return the person whom an otherwise empty fieldbook belongs to."""
    return Adviser(name="Mara Lindhoff")
