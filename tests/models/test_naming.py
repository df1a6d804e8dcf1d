"""What people type to name a kind, a field or a record."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from models.errors import UsageError
from models.naming import find_field, find_kind, short_length
from models.records import KINDS, record_class


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found_by_its_identifier_and_its_german_words(kind: str) -> None:
    about = record_class(kind).about
    for word in (kind, about.one, about.one.upper(), about.many):
        assert find_kind(word) == kind


def test_the_beginning_of_a_word_is_enough_where_it_is_unique() -> None:
    assert find_kind("Medienberater") == "adviser"
    assert find_kind("fortb") == "training"
    with pytest.raises(UsageError):
        find_kind("medien")


def test_kinds_of_newer_versions_are_found_by_their_exact_name() -> None:
    assert find_kind("später", also=["später"]) == "später"
    with pytest.raises(UsageError):
        find_kind("später")


def test_fields_are_found_by_identifier_and_label_but_not_the_programs_own() -> None:
    visit = record_class("visit")
    assert find_field(visit, "next-contact-on") == "next_contact_on"
    assert find_field(visit, "Nächster Kontakt") == "next_contact_on"
    assert find_field(visit, "naechster-kontakt") == "next_contact_on"
    with pytest.raises(UsageError):
        find_field(visit, "rev")


@given(st.sets(st.text("ab1", min_size=1, max_size=12), max_size=20))
def test_short_ids_tell_all_ids_apart(ids: set[str]) -> None:
    length = short_length(ids, least=1)
    assert len({name[:length] for name in ids}) == len(ids)
