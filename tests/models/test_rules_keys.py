"""The keys by which the store finds records: what they answer is what a look at every record would answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, strategies as st

from models.records import KINDS
from models.rules.agenda import SESSIONS, appointments
from models.rules.keys import RECORD_INDEXES, equal, indexed_fields, last_of_each
from models.rules.tasks import open_tasks
from models.rules.visits import last_contacts, latest_days
from tests.models.records_strategy import documents

if TYPE_CHECKING:
    from models.records import Document

TODAY = date(2026, 11, 24)

schools = st.sampled_from(["9", "90", "900001", "900001x", "Ä"])
days = st.sampled_from(["", "2025-12-31", "2026-01-01", "2026-11-24", "2026-11-26"])
several = st.lists(
    st.one_of(
        st.sampled_from(sorted(KINDS)).flatmap(documents),
        st.fixed_dictionaries(
            {"id": st.uuids().map(str), "kind": st.sampled_from(["visit", "consultation", "meeting"]), "date": days},
            optional={
                "school": schools,
                "client": schools,
                "status": st.sampled_from(["geplant", "durchgefuehrt", "abgesagt"]),
                "start": st.just("09:00"),
                "agreements": st.just([{"id": "p", "text": "anrufen"}]),
                "follow_up_on": days,
                "deleted_at": st.just("2026-11-24T08:00:00+00:00"),
            },
        ),
    ),
    max_size=8,
)


class Nobody:
    """Knows no record."""

    def by_key(self, kind: str, key: str) -> Document | None:
        return None


def found(everything: list[Document], index: str, text: str) -> list[Document]:
    return [document for document in everything if text in RECORD_INDEXES.keys[index](document)]


@given(several)
def test_todays_page_needs_no_record_that_its_indexes_leave_out(everything: list[Document]) -> None:
    live = [document for document in everything if not document.get("deleted_at")]
    last = TODAY + timedelta(days=6)
    pages = [SESSIONS, *((TODAY + timedelta(days=number)).isoformat() for number in range(7))]
    dated = [document for page in pages for document in found(everything, "day", page)]
    assert appointments(dated, TODAY, last, Nobody()) == appointments(live, TODAY, last, Nobody())
    assert open_tasks(found(everything, "open", ""), TODAY, Nobody()) == open_tasks(live, TODAY, Nobody())
    contacts = sorted({text for document in everything for text in RECORD_INDEXES.keys["contact"](document)})
    assert latest_days(last_of_each(contacts)) == last_contacts(live)


@given(several)
def test_a_live_record_is_found_by_its_kind_and_by_each_text_that_it_refers_with(everything: list[Document]) -> None:
    for document in everything:
        kind = document["kind"]
        for field in indexed_fields(kind):
            if isinstance(document.get(field), str):
                there = document in found(everything, "equal", equal(kind, field, document[field]))
                assert there is not bool(document.get("deleted_at"))
        assert (document in found(everything, "kind", kind)) is not bool(document.get("deleted_at"))


@given(st.lists(st.tuples(schools, days)))
def test_the_last_of_each_school_is_its_latest_day(contacts: list[tuple[str, str]]) -> None:
    texts = sorted({" ".join(contact) for contact in contacts})
    assert latest_days(last_of_each(texts)) == latest_days(contacts)
