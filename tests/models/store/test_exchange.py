"""Beside stock TinyDB: it opens every export, its files come in, and it works on the same storage."""

from __future__ import annotations

import errno
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st
from tinydb import Query, TinyDB, where

from models.errors import ImportRefused, StoreFull
from models.store.db import JournalDB
from models.store.exchange import KEYS, database_lines, read_database
from models.store.indexes import ByField, IndexSpec
from models.store.queries import candidates
from models.store.storage import JournalStorage
from tests.models.breaking_files import BreakingFiles
from tests.models.store.ground import open_store, put

if TYPE_CHECKING:
    from collections.abc import Callable

names = st.text(max_size=5).filter(lambda name: name != KEYS)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
documents = st.dictionaries(st.text(max_size=5), scalars | st.lists(scalars, max_size=3), max_size=4)
keys = st.text(max_size=5) | st.integers(0, 99).map(str)
contents = st.dictionaries(names, st.dictionaries(keys, documents, max_size=5), max_size=3)


def encoded(tables: dict[str, dict[str, Any]]) -> bytes:
    rows = {name: {key: json.dumps(one).encode() for key, one in table.items()} for name, table in tables.items()}
    return b"".join(database_lines(rows))


@given(contents)
def test_what_is_exported_comes_back_with_its_keys_and_in_its_order(tables: dict[str, dict[str, Any]]) -> None:
    back = read_database(encoded(tables))

    assert back == tables
    assert [list(table) for table in back.values()] == [list(table) for table in tables.values()]


@given(contents)
def test_stock_tinydb_opens_every_export(tables: dict[str, dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.json"
        path.write_bytes(encoded(tables))
        with TinyDB(path) as stock:
            assert stock.tables() - {KEYS} == set(tables)
            for name, table in tables.items():
                assert stock.table(name).all() == list(table.values())


def test_records_found_by_stock_tinydb_in_an_export_and_changed_there_come_back(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    with JournalDB(tmp_path / "store") as ours:
        put(ours.journal, {"b-1": {"kind": "visit"}, "a-2": {"kind": "task"}}, "records")
        ours.table("plain").insert({"n": 1})
        ours.export_json(path)
    with TinyDB(path, encoding="utf-8") as stock:
        found = stock.table("records").get(where("kind") == "task")
        assert found is not None
        assert not isinstance(found, list)
        stock.table("records").update({"done": True}, doc_ids=[found.doc_id])
    with JournalDB(tmp_path / "other") as other:
        other.import_json(path)

        assert other.journal.read() == {
            "records": {"b-1": {"kind": "visit"}, "a-2": {"kind": "task", "done": True}},
            "plain": {"1": {"n": 1}},
        }


@pytest.mark.parametrize(
    "content", [b"[]", b"{", b'{"t": []}', b'{"t": {"1": 2}}', b'{"_keys": {"1": {}}}', b"\xff\x00"]
)
def test_a_file_that_is_none_of_tinydbs_changes_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "fremd.json").write_bytes(content)
    with JournalDB(tmp_path / "store") as ours:
        ours.insert({"n": 1})
        before = ours.journal.read()
        for name in ("fremd.json", "fehlt.json"):
            with pytest.raises(ImportRefused, match="Nichts wurde verändert"):
                ours.import_json(tmp_path / name)

        assert ours.journal.read() == before


def test_an_export_onto_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    files = BreakingFiles(1_000, errno.ENOSPC)
    path = tmp_path / "export.json"
    path.write_text("vorher", encoding="utf-8")
    with JournalDB(tmp_path / "store", files=files) as ours:
        ours.insert({"n": 1})
        files.left = 0
        with pytest.raises(StoreFull):
            ours.export_json(path)
        files.left = 1_000

    assert path.read_text(encoding="utf-8") == "vorher"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["export.json", "store"]


def test_stock_tinydb_works_on_the_storage_and_each_of_its_calls_survives(tmp_path: Path) -> None:
    def insert(stock: TinyDB) -> None:
        stock.insert_multiple({"n": number} for number in range(3))

    def update(stock: TinyDB) -> None:
        stock.update({"m": "ä"}, where("n") > 0)

    def remove(stock: TinyDB) -> None:
        stock.remove(where("n") == 1)

    def other(stock: TinyDB) -> None:
        stock.table("other").upsert({"n": 9}, where("n") == 9)

    def drop(stock: TinyDB) -> None:
        stock.drop_table("_default")

    memory: list[dict[str, dict[str, Any]]] = []
    calls: list[Callable[[TinyDB], None]] = [insert, update, remove, other, drop]
    for call in calls:
        with TinyDB(tmp_path, storage=JournalStorage) as stock:
            call(stock)
        store = open_store(tmp_path)
        memory.append(store.read())
        store.close()

    assert memory == [
        {"_default": {"1": {"n": 0}, "2": {"n": 1}, "3": {"n": 2}}},
        {"_default": {"1": {"n": 0}, "2": {"n": 1, "m": "ä"}, "3": {"n": 2, "m": "ä"}}},
        {"_default": {"1": {"n": 0}, "3": {"n": 2, "m": "ä"}}},
        {"_default": {"1": {"n": 0}, "3": {"n": 2, "m": "ä"}}, "other": {"1": {"n": 9}}},
        {"other": {"1": {"n": 9}}},
    ]


def test_tinydb_still_keeps_what_a_query_asks_for_where_indexes_look_for_it() -> None:
    """Else every query would look at every document: right, but slow, and nothing else would tell."""
    query = (where("school") == "900001") & (Query().place.name == "Halle")
    # The one place outside `queries` that looks: a new TinyDB which keeps it elsewhere has to be noticed here.
    assert query._hash == (
        "and",
        frozenset({("==", ("school",), "900001"), ("==", ("place", "name"), "Halle")}),
    )


def test_an_equality_on_an_indexed_field_looks_at_the_documents_that_have_the_value_only(tmp_path: Path) -> None:
    with JournalDB(tmp_path, indexes={"t": IndexSpec(1, {"school": ByField("school")})}) as ours:
        ours.table("t").insert_multiple({"school": str(number % 5), "n": number} for number in range(50))
        stored = ours.journal.table("t")
        query = (where("school") == "3") & (where("n") > 20)

        assert len(list(candidates(query, "t", stored, ours.journal.indexes))) == 10
        assert {one["n"] for one in ours.table("t").search(query)} == {23, 28, 33, 38, 43, 48}
