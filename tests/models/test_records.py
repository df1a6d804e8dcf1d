"""The declarations: every field of every kind has all that form, check, merge, display and export are derived from."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import orjson
import pytest
from hypothesis import given, strategies as st
from textual.app import App

from models.errors import InvalidRecord
from models.fields import Choice, Items, MergeRule, Reference, References, Table, Tags, Text, Value, kind_of
from models.forms import Form
from models.present import full_title, present, search_text, title_of
from models.records import KINDS, Record, UnknownRecord, parse, record_class
from models.records.base import directory_id
from models.records.conflict import Conflict
from models.settings import Settings
from models.text import clean_tree
from models.vocabulary import vocabularies, vocabulary
from tests.models.records_strategy import NOT_VOCABULARIES, any_document, documents, example, json_values, lines
from tui.widgets.fields.editor import Editor
from tui.widgets.fields.row import editor_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from models.records import Document
    from models.records.base import Cleaned

TODAY = dt.date(2026, 11, 24)
SIDES = {"Stelle", "Davor", "Es gilt", "Andere Fassung"}
MODELS = [record_class(kind) for kind in KINDS]


class Nobody:
    """A fieldbook in which nothing is found."""

    def by_key(self, kind: str, key: str) -> Document | None:
        return None


def entry_models() -> Iterator[type[Cleaned]]:
    """Yield the models of all list entries, each once."""
    found: dict[type[Cleaned], None] = {}
    for model in MODELS:
        found.update((kind.model, None) for kind in model.kinds().values() if isinstance(kind, Items))
    return iter(found)


ALL_MODELS: list[type[Cleaned]] = [*MODELS, *entry_models(), Settings]
every_declaration = pytest.mark.parametrize("model", ALL_MODELS, ids=lambda model: model.__name__)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


# Declarations


@every_declaration
def test_every_field_has_a_kind_a_german_label_and_a_merge_rule(model: type[Cleaned]) -> None:
    for name, kind in model.kinds().items():
        assert kind_of(model.model_fields[name]) == kind
        assert kind.label
        assert kind.label != name
        assert kind.label == kind.label.strip()
        assert kind.merge in get_args(MergeRule)


def test_no_field_but_the_kind_itself_goes_without_a_declaration() -> None:
    for model in ALL_MODELS:
        assert set(model.model_fields) - set(model.kinds()) <= {"kind"}


async def test_every_field_that_a_person_fills_in_has_an_editor() -> None:
    async with App[None]().run_test():
        for model in ALL_MODELS:
            for name, kind in model.kinds().items():
                if not kind.derived:
                    assert isinstance(editor_for(Form(model, {}, TODAY), name, kind), Editor)


@every_declaration
def test_a_vocabulary_that_a_field_names_is_there(model: type[Cleaned]) -> None:
    for name, kind in model.kinds().items():
        match kind:
            case Choice(vocabulary=words):
                assert len(vocabulary(words)) > 1
            case Tags(vocabulary=words) if words:
                assert len(vocabulary(words)) > 1
            case Table(keys=keys, values=values):
                assert keys in vocabularies() or keys in NOT_VOCABULARIES
                assert not values or values in vocabularies()
            case _:
                pass
        default = model.model_fields[name].default
        if isinstance(kind, Choice) and default and isinstance(default, str):
            assert default in vocabulary(kind.vocabulary)


@every_declaration
def test_references_point_to_kinds_that_there_are(model: type[Cleaned]) -> None:
    for kind in model.kinds().values():
        if isinstance(kind, Reference | References):
            assert kind.to.split()
            assert set(kind.to.split()) <= set(KINDS)


@every_declaration
def test_conditions_name_a_field_of_the_same_record_and_values_that_it_can_have(model: type[Cleaned]) -> None:
    for kind in model.kinds().values():
        for condition in filter(None, (kind.when, kind.needed_when)):
            other, values = condition
            declared = model.kinds()[other]
            assert isinstance(declared, Choice)
            assert set(values) <= set(vocabulary(declared.vocabulary))


@every_declaration
def test_python_type_and_kind_fit(model: type[Cleaned]) -> None:
    for name, kind in model.kinds().items():
        default = model.model_fields[name].get_default(call_default_factory=True)
        if isinstance(kind, Tags | References):
            assert model.model_fields[name].annotation == frozenset[str]
        elif isinstance(kind, Items):
            assert default == []
            assert "id" in kind.model.model_fields
        elif isinstance(kind, Text | Choice | Reference):
            # A conflict holds values of any field.
            assert model.model_fields[name].annotation is (Any if model is Conflict and kind.label in SIDES else str)


@every_model
def test_what_a_kind_says_about_itself_names_its_own_fields(model: type[Record]) -> None:
    about = model.about
    assert about.title
    for name in (*about.title, about.when, about.subject, about.key, about.status):
        assert not name or name in model.kinds()
    assert not about.status or isinstance(model.kinds()[about.status], Choice)
    assert about.one
    assert about.many
    assert bool(about.new) == (model is not Conflict)
    assert str(model.model_fields["kind"].default) in KINDS


def test_what_kinds_are_called_is_unambiguous() -> None:
    for name in ("one", "new"):
        called = [getattr(model.about, name) for model in MODELS]
        assert len(set(called)) == len(called)


def test_only_a_case_round_stays_on_the_device_as_a_whole() -> None:
    assert [model.__name__ for model in MODELS if model.about.on_device_only] == ["CaseRound"]


# Round trips


@given(any_document)
def test_a_document_comes_back_equal(document: Document) -> None:
    record = parse(document)
    assert type(record) is record_class(document["kind"])
    assert record.document() == document
    assert orjson.loads(orjson.dumps(record.document())) == document


@given(any_document)
def test_whatever_is_left_out_of_a_document_a_second_reading_changes_nothing_more(document: Document) -> None:
    names = sorted(document)[::2]
    once = parse({name: document[name] for name in {*names, "kind", "id"}}).document()
    assert parse(once).document() == once


@given(st.dictionaries(lines, json_values, max_size=5), lines, lines)
def test_a_kind_of_a_newer_version_comes_back_equal(values: Document, kind: str, record_id: str) -> None:
    document = {**values, "kind": f"neu {kind}", "id": record_id}
    record = parse(document)
    assert isinstance(record, UnknownRecord)
    assert record.document() == clean_tree(document)
    assert parse(record.document()).document() == record.document()


@given(any_document, st.data())
def test_a_record_with_a_broken_value_comes_back_whole(document: Document, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(record_class(document["kind"]).kinds().keys() - {"id", "kind"})))
    broken = {**document, name: {"unlesbar": [name]}}
    record = parse(broken)
    assert record.document() == broken


@pytest.mark.parametrize(
    "broken",
    [
        {"rev": "abc"},
        {"labels": 5},
        {"date": "gestern"},
        {"topics": "lms"},
        {"agreements": [{"text": 5}]},
        {"school": None},
        {"start": "25:00"},
    ],
)
def test_a_broken_value_makes_an_unknown_record_that_loses_nothing(broken: Document) -> None:
    document = {**example("visit"), "id": "a1", **broken}
    record = parse(document)
    assert isinstance(record, UnknownRecord)
    assert record.kind == "visit"
    assert record.document() == document
    assert record.changed(delete_reason="x").document() == {**document, "delete_reason": "x"}
    assert list(record.rules()) == []
    for name, kind in record_class("visit").kinds().items():
        assert isinstance(present(kind, document.get(name), Nobody()), str)
    assert full_title(document, Nobody())


def test_a_document_without_kind_is_kept_too() -> None:
    assert parse({"id": "a1", "text": "x"}).document() == {"id": "a1", "text": "x", "kind": ""}
    assert parse({"id": "a1", "kind": 5}).document() == {"id": "a1", "kind": 5}


def test_a_choice_that_was_emptied_stays_empty() -> None:
    visit = parse({**example("visit"), "format": ""})
    assert visit.document()["format"] == ""
    assert parse(visit.document()).document()["format"] == ""


def test_none_empties_a_field_and_leaves_the_others() -> None:
    task = parse({**example("task"), "due": "2026-12-01", "notes": "viel", "neu": None})
    changed = task.changed(due=None, notes=None)
    assert changed.document() == {k: v for k, v in task.document().items() if k not in ("due", "notes")}
    assert changed.document()["neu"] is None


# Identity


@every_model
def test_a_new_record_gets_an_id_of_its_own(model: type[Record]) -> None:
    kind = str(model.model_fields["kind"].default)
    one, other = parse(example(kind)), parse(example(kind))
    assert len(one.id) == 32
    assert (one.id == other.id) is bool(model.about.key)


def test_the_official_number_names_a_school_the_same_on_every_device() -> None:
    assert parse(example("school")).id == directory_id("school", "100001")
    assert parse(example("authority")).id == directory_id("authority", "100001")


def test_entries_get_ids_of_their_own_and_keep_them() -> None:
    visit = parse({**example("visit"), "agreements": [{"text": "a"}, {"text": "b"}]})
    ids = [entry["id"] for entry in visit.document()["agreements"]]
    assert len(set(ids)) == 2
    assert [entry["id"] for entry in parse(visit.document()).document()["agreements"]] == ids


# Display


@given(any_document)
def test_every_filled_in_field_can_be_shown_and_every_record_has_a_title(document: Document) -> None:
    model = record_class(document["kind"])
    for name, kind in model.kinds().items():
        if name in document:
            text = present(kind, document[name], Nobody())
            assert isinstance(text, str)
            assert isinstance(kind, Items) or text
            assert "{'" not in text or any("{'" in one for one in strings(document[name]))
    assert title_of(document, Nobody())
    assert full_title(document, Nobody()).startswith(model.about.one)


@given(any_document)
def test_a_record_is_found_by_every_field_that_carries_a_weight(document: Document) -> None:
    model = record_class(document["kind"])
    searched = search_text(document, Nobody())
    for name, kind in model.kinds().items():
        text = present(kind, document.get(name), Nobody()) if kind.weight else ""
        assert text in (searched.weighty if kind.weight > 1 or name in model.about.title else "\n".join(searched))


@given(any_document)
def test_a_field_reads_the_same_from_its_json_form_and_its_python_form(document: Document) -> None:
    record = parse(document)
    for name, kind in record.kinds().items():
        if name in document and isinstance(kind, Value | Choice | Tags | Text):
            assert present(kind, getattr(record, name), Nobody()) == present(kind, document[name], Nobody())


def test_an_unknown_code_is_shown_as_it_is() -> None:
    kind = record_class("visit").kinds()
    assert present(kind["format"], "hologramm", Nobody()) == "hologramm"
    assert present(kind["topics"], ["hologramm", "lms"], Nobody()).endswith("hologramm")


# Hostile text

HOSTILE = "a\x1b]0;x\x07b\x9b\x00\u202e\u200b\ud800c"
HARMLESS = "a·]0;x·b·····c"


def hostile(info: FieldInfo) -> str:
    """Return hostile text for a field, a date where it holds none."""
    return HOSTILE if info.annotation is str else "2026-11-24"


def takes_text(info: FieldInfo) -> bool:
    """Tell whether a field holds text or has to hold something."""
    return info.annotation is str or info.is_required()


def strings(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(strings(member) for member in (*value, *value.values()))
    elif isinstance(value, list | tuple):
        yield from chain.from_iterable(map(strings, value))


@pytest.mark.parametrize("kind", [*KINDS, "neue_art"])
def test_hostile_text_is_made_harmless_in_every_field_known_or_not(kind: str) -> None:
    model = record_class(kind)
    document: Document = {
        "kind": kind,
        "id": "a1",
        "neu_liste": [{"neu_name\x1b": ["x\x1b[2J"]}],
        "neu\x9b": {"k\x00": "v\x07"},
    }
    for name, field in model.kinds().items():
        if name in ("id", "kind"):
            continue
        match field:
            case Text() | Choice() | Reference():
                document[name] = HOSTILE
            case Tags() | References():
                document[name] = [HOSTILE]
            case Table():
                of_text = get_args(model.model_fields[name].annotation)[1] is str
                document[name] = {f"k{HOSTILE}": HOSTILE if of_text else {"level\x1b": HOSTILE}}
            case Items(model=entry):
                document[name] = [{n: hostile(info) for n, info in entry.model_fields.items() if takes_text(info)}]
            case _ if model.model_fields[name].annotation is str:
                document[name] = HOSTILE
            case _ if model.model_fields[name].is_required():
                document[name] = "2026-11-24"
            case _:
                pass
    record = parse(document)
    assert isinstance(record, model)
    texts = list(strings(record.document()))
    assert any(HARMLESS in text for text in texts) or kind == "neue_art"
    for text in texts:
        assert not set(text) & set("\x1b\x07\x9b\x00\u202e\u200b\ud800"), text


def test_a_line_end_inside_a_one_line_field_becomes_a_blank_and_stays_in_long_text() -> None:
    visit = parse({**example("visit"), "infra_wifi": "a\r\nb", "goal": "a\r\nb"})
    assert visit.document()["infra_wifi"] == "a b"
    assert visit.document()["goal"] == "a\nb"


# Rules

CONTRADICTIONS: list[tuple[str, Document, str]] = [
    ("visit", {"start": "10:00", "end": "09:30"}, "end"),
    ("visit", {"start": "10:00", "end": "10:00"}, "end"),
    ("visit", {"status": "abgesagt"}, "cancel_reason"),
    ("visit", {"next_contact_on": "2026-11-23"}, "next_contact_on"),
    ("visit", {"duration": -1}, "duration"),
    ("visit", {"duration": 1441}, "duration"),
    ("visit", {"travel": 1441}, "travel"),
    ("visit", {"distance": 2001}, "distance"),
    ("visit", {"topics": []}, "topics"),
    ("consultation", {"outcome": "weitervermittelt"}, "referred_to"),
    ("consultation", {"follow_up_on": "2026-11-23"}, "follow_up_on"),
    ("consultation", {"feedback": 6}, "feedback"),
    ("consultation", {"feedback": 0}, "feedback"),
    ("training", {"start": "10:00", "end": "09:30"}, "end"),
    ("training", {"status": "abgesagt"}, "cancel_reason"),
    ("training", {"evaluation_mean": 2.0}, "evaluation_count"),
    ("training", {"evaluation_mean": 5.1, "evaluation_count": 3}, "evaluation_mean"),
    ("training", {"capacity": 10000}, "capacity"),
    ("training", {"sessions": [{"date": "2026-11-24", "until": "2026-11-23"}]}, "sessions"),
    ("training", {"sessions": [{"date": "2026-11-24", "start": "10:00", "end": "09:00"}]}, "sessions"),
    ("training", {"counts": [{"school": "100001", "attended": -1}]}, "counts"),
    ("meeting", {"start": "10:00", "end": "09:30"}, "end"),
    ("meeting", {"status": "abgesagt"}, "cancel_reason"),
    ("meeting", {"agenda": [{"title": "x", "minutes": 601}]}, "agenda"),
    ("circle", {"per_year": 0}, "per_year"),
    ("school", {"number": "12345"}, "number"),
    ("school", {"number": "12345x"}, "number"),
    ("school", {"number": "١٢٣٤٥٦"}, "number"),
    ("school", {"pupils": -1}, "pupils"),
    ("adviser", {"appointed_from": "2026-08-01", "appointed_to": "2026-07-31"}, "appointed_to"),
    ("adviser", {"release_hours": 29}, "release_hours"),
    ("deployment", {"since": "2026-08-01", "until": "2026-07-31"}, "until"),
]


@pytest.mark.parametrize(("kind", "values", "field"), CONTRADICTIONS)
def test_what_contradicts_itself_is_said_at_its_field(kind: str, values: Document, field: str) -> None:
    record = parse({**example(kind), **values})
    assert list(record.problems()) == [field]
    assert record.problems()[field].endswith(".")
    with pytest.raises(InvalidRecord) as raised:
        record.checked()
    assert raised.value.problems == record.problems()


@every_model
def test_a_record_with_its_required_fields_alone_is_in_order(model: type[Record]) -> None:
    record = parse(example(str(model.model_fields["kind"].default)))
    assert record.problems() == {}
    assert record.checked() is record


@every_model
def test_a_required_field_that_is_empty_is_missing(model: type[Record]) -> None:
    kind = str(model.model_fields["kind"].default)
    for name, info in model.model_fields.items():
        if info.is_required() and info.annotation is str:
            problems = parse({**example(kind), name: ""}).problems()
            assert problems[name] == f"{model.kinds()[name].label} fehlt."


@given(documents("visit"), st.integers(-5000, 5000))
def test_numbers_are_in_order_exactly_within_their_bounds(document: Document, number: int) -> None:
    problems = parse({**document, "duration": number}).problems()
    assert ("duration" in problems) == (not 0 <= number <= 1440)
