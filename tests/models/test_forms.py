"""The form: what is typed becomes a record or a German message, and nothing that was not touched is changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from models.fields import Choice, Items, Text, Value
from models.forms import Form, read_value, write_value
from models.records import KINDS, Record, parse, record_class
from models.records.meeting import AgendaItem
from models.records.shared import Agreement, Attendee
from models.records.training import Session
from models.settings import Settings
from tests.models.records_strategy import any_document, example

if TYPE_CHECKING:
    from models.records import Document
    from models.records.base import Cleaned

TODAY = dt.date(2026, 11, 24)
MODELS: list[type[Cleaned]] = [
    *(record_class(kind) for kind in KINDS),
    AgendaItem,
    Agreement,
    Attendee,
    Session,
    Settings,
]
NUMBER = Value("Zahl")
MINUTES = Value("Dauer", unit="min")


def form(kind: str, **values: Any) -> Form:
    """Return the form of a record that can be saved."""
    return Form(record_class(kind), parse({**example(kind), "id": "a1", **values}).document(), TODAY)


def new(kind: str, **values: Any) -> Form:
    """Return the form of a record that does not exist yet."""
    return Form(record_class(kind), {"kind": kind, "id": "a1", **values}, TODAY)


def record_of(filled: Form) -> Record:
    """Return what a form has become."""
    record, problems = filled.read()
    assert problems == {}
    assert isinstance(record, Record)
    return record


# Reading one line


@pytest.mark.parametrize(
    ("kind", "wanted", "text", "value"),
    [
        (NUMBER, str, "  Text  ", "Text"),
        (NUMBER, str, "a\x1bb", "a·b"),
        (NUMBER, str, "   ", None),
        (NUMBER, int, "12", 12),
        (NUMBER, int, "-3", -3),
        (NUMBER, float, "2,5", 2.5),
        (NUMBER, float, "2.5", 2.5),
        (NUMBER, bool, "ja", True),
        (NUMBER, bool, "J", True),
        (NUMBER, bool, "x", True),
        (NUMBER, bool, "nein", False),
        (NUMBER, bool, "-", False),
        (NUMBER, dt.date, "24.11.", "2026-11-24"),
        (NUMBER, dt.date, "heute", "2026-11-24"),
        (NUMBER, dt.date, "morgen", "2026-11-25"),
        (NUMBER, dt.date, "+14", "2026-12-08"),
        (NUMBER, dt.time, "930", "09:30"),
        (NUMBER, dt.time, "9", "09:00"),
        (MINUTES, int, "90", 90),
        (MINUTES, int, "1:30", 90),
        (MINUTES, int, "1,5 h", 90),
        (NUMBER, int, "", None),
        (NUMBER, dt.date, "", None),
    ],
)
def test_what_is_typed_is_understood(kind: Value, wanted: type, text: str, value: Any) -> None:
    assert read_value(kind, wanted, text, TODAY) == value


@pytest.mark.parametrize(
    ("wanted", "text", "message"),
    [
        (int, "zwölf", "„zwölf“ ist keine Zahl."),
        (int, "2,5", "„2,5“ ist keine Zahl."),
        (float, "nan", "„nan“ ist keine Zahl."),
        (float, "inf", "„inf“ ist keine Zahl."),
        (float, "1e999", "„1e999“ ist keine Zahl."),
        (int, "9" * 5000, "ist keine Zahl."),
        (bool, "vielleicht", "Hier bitte ja oder nein."),
        (dt.date, "31.02.", "."),
        (dt.date, "bald", "."),
        (dt.time, "25:00", "."),
    ],
)
def test_what_cannot_be_understood_is_said_in_german(wanted: type, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as raised:
        read_value(NUMBER, wanted, text, TODAY)
    assert str(raised.value).endswith(message)


@pytest.mark.parametrize(
    ("wanted", "value", "text"),
    [
        (str, "Text", "Text"),
        (bool, True, "ja"),
        (bool, False, "nein"),
        (int, 0, "0"),
        (float, 2.5, "2,5"),
        (dt.date, "2026-11-24", "Di 24.11.2026"),
        (dt.date, "kaputt", "kaputt"),
        (dt.time, "09:30", "09:30"),
        (int, None, ""),
        (str, "", ""),
    ],
)
def test_a_stored_value_is_shown_as_people_write_it(wanted: type, value: Any, text: str) -> None:
    assert write_value(NUMBER, wanted, value) == text


@given(
    st.text(max_size=40) | st.from_regex(r"[0-9+\-.,:/ hminEe]{0,12}"),
    st.sampled_from([str, int, float, bool, dt.date, dt.time]),
    st.sampled_from([NUMBER, MINUTES]),
)
@settings(max_examples=400)
def test_no_text_breaks_a_one_line_field(text: str, wanted: type, kind: Value) -> None:
    try:
        value = read_value(kind, wanted, text, TODAY)
    except ValueError as error:
        message = str(error)
        assert message
        assert message[-1] in ".!?"
        assert "Traceback" not in message
        assert "invalid literal" not in message
    else:
        shown = write_value(kind, wanted, value)
        again = read_value(kind, wanted, shown, TODAY)
        assert again == (pytest.approx(value, rel=1e-5) if wanted is float and value is not None else value)


ODD = ["0", "-1", "24.11.", "9:30", "ja", "+14", "1e400", "[/x]", "{0}", "%s", "99999999999", "\ud800", "31.12.9999"]


@given(st.sampled_from(MODELS), st.lists(st.text(max_size=20) | st.sampled_from(ODD), min_size=1, max_size=4))
def test_no_text_in_any_field_makes_more_than_a_message(model: type[Cleaned], texts: list[str]) -> None:
    filled = Form(model, {}, TODAY)
    typed = (name for name, kind in filled.fields() if isinstance(kind, Value | Text))
    for number, name in enumerate(typed):
        filled.set(name, texts[number % len(texts)])
        assert isinstance(filled.problem(name), str)
    record, problems = filled.read()
    assert (record is None) == bool(problems)
    assert all(problems.values())


# A whole form


@given(any_document)
def test_entering_what_is_shown_changes_nothing(document: Document) -> None:
    filled = Form(record_class(document["kind"]), document, TODAY)
    for name, _kind in filled.fields():
        filled.set(name, filled.get(name))
        filled.set(name, filled.understood(name) if filled.understood(name) is not None else filled.get(name))
    assert filled.edits == {}
    assert filled.result() == document


@given(any_document)
def test_only_what_was_edited_is_changed(document: Document) -> None:
    filled = Form(record_class(document["kind"]), document, TODAY)
    for name, kind in filled.fields():
        if isinstance(kind, Text | Choice):
            filled.set(name, "anders")
            assert filled.result() == {**document, name: "anders"}
            filled.set(name, filled.initial(name))
            assert filled.edits == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_with_its_required_fields_is_a_record(kind: str) -> None:
    filled = new(kind)
    _record, problems = filled.read()
    required = {name for name, info in record_class(kind).model_fields.items() if info.is_required()}
    assert problems.keys() == required
    for name in required:
        assert problems[name] == f"{record_class(kind).kinds()[name].label} fehlt."
        field = record_class(kind).kinds()[name]
        value = example(kind)[name]
        filled.set(name, filled.shown(name, value) if isinstance(field, Value) else value)
    assert record_of(filled).document() == parse({**example(kind), "id": "a1"}).document()


def test_a_form_reads_every_kind_of_field() -> None:
    filled = new("visit")
    entered = {
        "school": "100001",
        "date": "24.11.",
        "start": "930",
        "end": "11",
        "format": "online",
        "topics": ["lms", "netz_wlan"],
        "co_advisers": ["b", "a"],
        "attendees": [{"id": "x", "function": "schulleitung"}],
        "goal": "eins\nzwei ",
        "logineo": {"lms": "genutzt"},
        "infra_wifi": "  neu ",
        "duration": "1:30",
        "next_contact_on": "+90",
    }
    for name, value in entered.items():
        filled.set(name, value)
    document = record_of(filled).document()
    assert document["date"] == "2026-11-24"
    assert (document["start"], document["end"], document["duration"]) == ("09:30", "11:00", 90)
    assert document["co_advisers"] == ["a", "b"]
    assert document["attendees"][0] == {"id": "x", "function": "schulleitung", "name": "", "present": True}
    assert document["goal"] == "eins\nzwei "
    assert document["infra_wifi"] == "neu"
    assert document["logineo"] == {"lms": "genutzt"}
    assert document["next_contact_on"] == "2027-02-22"


def test_prefilled_values_are_shown_and_are_no_edits() -> None:
    filled = new("visit", date="2026-11-24", start="09:30", school="100001")
    assert (filled.get("date"), filled.get("start"), filled.get("school")) == ("Di 24.11.2026", "09:30", "100001")
    assert filled.get("status") == "durchgefuehrt"
    assert filled.edits == {}
    filled.set("topics", ["lms"])
    assert record_of(filled).document()["school"] == "100001"


def test_a_draft_goes_on_where_it_was_left() -> None:
    filled = form("visit")
    filled.set("goal", "angefangen")
    filled.set("date", "31.2.")
    again = form("visit")
    for name, entered in filled.edits.items():
        again.set(name, entered)
    assert again.edits == filled.edits
    assert again.get("date") == "31.2."
    assert again.read()[1].keys() == {"date"}


def test_typing_a_value_back_is_no_edit() -> None:
    filled = form("visit", goal="Ziel")
    for text in ("Ziele", "Ziel"):
        filled.set("goal", text)
    filled.set("date", "")
    filled.set("date", "Di 24.11.2026")
    filled.set("end", "")
    assert filled.edits == {}


def test_a_field_is_visible_only_while_its_condition_holds() -> None:
    filled = form("visit")
    assert not filled.visible("cancel_reason")
    assert not filled.visible("moved_to")
    filled.set("status", "verschoben")
    assert not filled.visible("cancel_reason")
    assert filled.visible("moved_to")
    filled.set("status", "abgesagt")
    assert filled.visible("cancel_reason")
    assert filled.visible("goal")
    assert filled.read()[1] == {"cancel_reason": "Absagegrund fehlt."}
    filled.set("cancel_reason", "krank")
    assert record_of(filled).document()["cancel_reason"] == "krank"


def test_all_problems_are_said_at_once() -> None:
    filled = new("visit", date="2026-11-24")
    filled.set("start", "99:99")
    filled.set("duration", "viel")
    assert filled.read()[1].keys() == {"start", "duration", "school", "topics"}


def test_rules_over_several_fields_are_said_at_their_field() -> None:
    filled = form("visit")
    filled.set("start", "10:00")
    filled.set("end", "9:00")
    assert filled.read() == (None, {"end": "Das Ende liegt nicht nach dem Beginn."})
    filled.set("end", "11:00")
    assert filled.read()[1] == {}


def test_what_is_unusual_is_remarked_and_can_be_saved() -> None:
    filled = form("visit")
    assert filled.remarks() == {}
    filled.set("date", "22.11.2026")
    assert filled.remarks().keys() == {"date"}
    assert record_of(filled).document()["date"] == "2026-11-22"
    filled.set("start", "kaputt")
    assert filled.remarks().keys() == {"date"}
    filled.set("date", "31.02.2026")
    assert filled.remarks() == {}


def test_a_remark_waits_for_no_other_field() -> None:
    begun = Form(record_class("visit"), {"id": "a1", "kind": "visit"}, TODAY)
    assert begun.remarks() == {}
    begun.set("date", "So")
    assert begun.read()[0] is None
    assert begun.remarks() == {
        "date": "Der 29.11.2026 ist ein Sonntag. So 29.11.2026 kommt erst noch, der Status ist aber „durchgeführt“."
    }
    begun.set("status", "geplant")
    assert begun.remarks() == {"date": "Der 29.11.2026 ist ein Sonntag."}


@pytest.mark.parametrize("kind", ["visit", "meeting", "training"])
def test_what_is_still_to_come_and_said_to_be_held_is_remarked_and_can_be_saved(kind: str) -> None:
    filled = form(kind, date="2026-11-25", status="durchgefuehrt")
    assert filled.remarks() == {"date": "Mi 25.11.2026 kommt erst noch, der Status ist aber „durchgeführt“."}
    assert record_of(filled).document()["status"] == "durchgefuehrt"
    for day, status in (("24.11.2026", "durchgefuehrt"), ("25.11.2026", "geplant"), ("25.11.2026", "abgesagt")):
        filled.set("date", day)
        filled.set("status", status)
        assert filled.remarks() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_can_be_cleared_and_is_then_empty(kind: str) -> None:
    model = record_class(kind)
    for name, field in new(kind).fields():
        if model.model_fields[name].is_required():
            continue
        filled = form(kind, **{name: _filling(model, name)})
        filled.set(name, [] if isinstance(field, Items) else "" if isinstance(filled.get(name), str) else None)
        stored = record_of(filled).document()
        assert not stored.get(name), name
        again = Form(model, stored, TODAY)
        assert not again.get(name) or again.get(name) == "nein", name


def _filling(model: type[Record], name: str) -> Any:
    match model.model_fields[name].annotation:
        case annotation if annotation is str:
            return "etwas"
        case annotation if annotation is bool:
            return True
        case annotation if annotation == frozenset[str]:
            return ["a"]
        case annotation if annotation in (int | None, float | None):
            return 1 if name != "evaluation_mean" else None
        case annotation if "date" in str(annotation):
            return "2027-11-24"
        case annotation if "time" in str(annotation):
            return "23:00" if name == "end" else "01:00"
        case annotation if "dict" in str(annotation):
            return {"a": "b"}
        case _:
            return []


def test_a_yes_or_no_that_is_usually_yes_has_to_be_answered() -> None:
    filled = Form(Attendee, {"id": "x", "function": "schulleitung"}, TODAY)
    assert filled.get("present") == "ja"
    filled.set("present", "nein")
    entry, problems = filled.read()
    assert entry is not None
    assert entry.document()["present"] is False
    filled.set("present", "")
    entry, problems = filled.read()
    assert (entry, problems) == (None, {"present": "anwesend fehlt."})


def test_hostile_text_is_harmless_as_soon_as_it_is_entered() -> None:
    filled = form("visit")
    filled.set("infra_wifi", "a\x1b[2J\nb")
    filled.set("goal", "a\x1b\nb")
    assert filled.get("infra_wifi") == "a·[2J b"
    assert filled.get("goal") == "a·\nb"


def test_an_entry_of_a_list_has_a_form_of_its_own() -> None:
    filled = Form(Session, {"id": "s1"}, TODAY)
    assert filled.read()[1] == {"date": "Datum fehlt."}
    filled.set("date", "24.11.")
    filled.set("until", "23.11.2026")
    assert filled.read()[1] == {"until": "Das Ende liegt vor dem Beginn."}


def test_settings_are_a_form_too() -> None:
    filled = Form(Settings, Settings.first().document(), TODAY)
    filled.set("idle_days", "0")
    assert filled.read()[1].keys() == {"idle_days"}
    filled.set("idle_days", "")
    assert filled.read()[1] == {"idle_days": f"{Settings.kinds()['idle_days'].label} fehlt."}
    filled.set("idle_days", "90")
    assert filled.read()[1] == {}
