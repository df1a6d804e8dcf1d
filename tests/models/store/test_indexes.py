"""Indexes: what they find is what a look at every document finds, saved or built, whatever happened to their file."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from models.store.indexes import ByField, IndexSpec
from models.store.saved_indexes import INDEX
from tests.models.store.ground import CODECS, delete, open_store, put
from tests.models.store.test_damage import damaged, newest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.store.storage import JournalStorage


def _words(document: Any) -> Iterable[str]:
    return str(document.get("text", "")).split()


SPEC = {"t": IndexSpec(1, {"kind": ByField("kind"), "words": _words}, late=frozenset({"words"}))}

values = st.sampled_from(["a", "b", "ä", '"', "\\", "],{", 'x","1b', ""])
documents = st.fixed_dictionaries({}, optional={"kind": values, "text": st.lists(values, max_size=3).map(" ".join)})
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("pqrs"), documents),
        st.tuples(st.just("delete"), st.sampled_from("pqrs"), st.none()),
        st.tuples(st.sampled_from(["compact", "reopen", "ask", "batch"]), st.none(), st.none()),
    ),
    max_size=14,
)


def check(store: JournalStorage) -> None:
    stored = store.read().get("t", {})
    for name, keys in SPEC["t"].keys.items():
        plain: dict[str, set[str]] = {}
        for key, document in stored.items():
            for text in keys(document):
                plain.setdefault(text, set()).add(key)
        assert store.indexes.texts("t", name) == sorted(plain)
        for text in ["a", "b", "nirgends", *plain]:
            assert set(store.indexes.find("t", name, text)) == plain.get(text, set())


@given(steps, st.sampled_from(CODECS))
@settings(max_examples=60, deadline=None)
def test_what_is_found_is_what_a_plain_look_finds(taken: list[Any], kind: str) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder), kind, indexes=SPEC)
        for what, key, document in taken:
            if what == "put":
                put(store, {key: document})
            elif what == "delete":
                delete(store, [key])
            elif what == "compact":
                store.compact()
            elif what == "reopen":
                store.close()
                store = open_store(Path(folder), kind, indexes=SPEC)
            elif what == "batch":
                with store.batch():
                    put(store, {"z": {"kind": "b"}})
            else:
                check(store)
        check(store)
        store.close()


@pytest.mark.parametrize("kind", CODECS)
def test_damage_to_the_saved_indexes_changes_no_answer(tmp_path: Path, kind: str) -> None:
    original = tmp_path / "original"
    store = open_store(original, kind, indexes=SPEC)
    put(store, {key: {"kind": key, "text": f"{key} eins"} for key in "abcd"})
    store.compact()
    put(store, {"a": {"kind": "x", "text": "zwei"}})
    store.close()
    content = newest(original, INDEX).read_bytes()
    for step, (_what, bad) in enumerate(damaged(content)):
        if step % 9 == 0:
            copy = tmp_path / "copy"
            shutil.copytree(original, copy)
            newest(copy, INDEX).write_bytes(bad)
            store = open_store(copy, kind, indexes=SPEC)
            check(store)
            store.close()
            shutil.rmtree(copy)


def test_indexes_of_another_meaning_are_made_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path, indexes=SPEC)
    put(store, {"a": {"kind": "k"}})
    store.compact()
    store.close()
    other = {"t": IndexSpec(2, {"kind": lambda document: [document["kind"].upper()]})}
    store = open_store(tmp_path, indexes=other)
    assert store.indexes.find("t", "kind", "K") == ["a"]
    put(store, {"b": {"kind": "k"}})
    assert store.indexes.find("t", "kind", "K") == ["a", "b"]
    store.close()


@given(steps, st.sampled_from(CODECS))
@settings(max_examples=60, deadline=None)
def test_what_has_several_texts_is_found_in_the_order_of_the_table(taken: list[Any], kind: str) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder), kind, indexes=SPEC)
        for what, key, document in taken:
            if what == "put":
                put(store, {key: document})
            elif what == "delete":
                delete(store, [key])
            elif what == "compact":
                store.compact()
            elif what == "reopen":
                store.close()
                store = open_store(Path(folder), kind, indexes=SPEC)
            else:
                for one, other in [("a", "a"), ("b", "ä")]:
                    found = store.indexes.find_all("t", [("kind", one), ("words", other)])
                    plain = store.read().get("t", {}).items()
                    assert found == [key for key, doc in plain if doc.get("kind") == one and other in _words(doc)]
        store.close()
