"""Records as JSON Lines: what was written comes back equal, and what cannot be used is named by its row."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from models.errors import ImportRefused
from models.jsonl import read_lines, with_private_of, without_private, write_lines
from models.text import clean_tree

texts = st.text(st.characters(codec="utf-8"), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
unknown = st.dictionaries(
    texts.filter(lambda name: name not in ("id", "kind", "deleted_at", "confidentiality")), values, max_size=5
)


def tasks() -> st.SearchStrategy[dict[str, Any]]:
    known = {"id": st.uuids().map(lambda value: value.hex), "kind": st.just("task"), "text": texts.filter(str.strip)}
    return st.builds(
        lambda more, record: {**{f"neu_{name}": value for name, value in more.items()}, **record},
        unknown,
        st.fixed_dictionaries(known),
    )


def strangers() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda more, number, kind: {**more, "id": f"s{number}", "kind": f"neu {kind}"},
        unknown,
        st.integers(0, 10**9),
        st.text("abcäöü", min_size=1, max_size=5),
    )


@given(st.lists(tasks() | strangers(), max_size=6, unique_by=lambda document: str(document["id"])))
def test_documents_with_any_unknown_fields_come_back_equal(documents: list[dict[str, Any]]) -> None:
    stored = [clean_tree(document) for document in documents]
    lines = list(write_lines(stored, private=True))
    read = read_lines(lines)
    assert sorted(map(orjson_key, read)) == sorted(map(orjson_key, stored))
    assert list(write_lines(read, private=True)) == lines


def orjson_key(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "a", "kind": "task"', "kein JSON"),
        (b'{"id": "\xff", "kind": "task"}', "kein JSON"),
        (b"NaN", "kein JSON"),
        (b'"text"', "kein Datensatz"),
        (b'{"kind": "task", "text": "x"}', "id"),
        (b'{"id": 5, "kind": "task", "text": "x"}', "id"),
        (b'{"id": "a", "kind": " "}', "kind"),
        (b'{"id": "a", "kind": "task"}', "Aufgabe"),
        (b'{"id": "a", "kind": "visit", "school": "1", "topics": [], "date": "2026-02-31"}', "Besuch"),
        (b'{"id": "a", "kind": "neu", "x": ' + b"[" * 200 + b"]" * 200 + b"}", "verschachtelt"),
        (b'{"id": "gut", "kind": "task", "text": "x"}', "Zeile 1"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_by_its_row(line: bytes, reason: str) -> None:
    good = b'{"id": "gut", "kind": "task", "text": "x"}\n'
    with pytest.raises(ImportRefused, match="Zeile 3: ") as refused:
        read_lines([good, b"\n", line])
    assert reason in str(refused.value)
    assert "Nichts wurde übernommen" in str(refused.value)


def test_a_record_of_a_newer_version_and_a_tombstone_need_not_be_readable() -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "a", "kind": "visit", "schema_version": 99, "date": {"von": 1}}',
        b'{"id": "b", "kind": "visit", "deleted_at": "2026-11-24T08:00:00+00:00"}',
    ]
    assert [document["id"] for document in read_lines(lines)] == ["a", "b"]


def test_private_fields_stay_here_and_are_not_lost_when_the_rest_comes_back() -> None:
    stored = {"id": "a", "kind": "consultation", "content": "Netz", "private_note": "geheim"}
    travelling = without_private(stored)
    assert travelling == {"id": "a", "kind": "consultation", "content": "Netz"}
    assert with_private_of(travelling, stored) == stored
    assert without_private({"id": "b", "kind": "task", "confidentiality": "privat"}) is None
    assert without_private({"id": "c", "kind": "case_round"}) is None
