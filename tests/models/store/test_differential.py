"""The same calls on JournalDB and on stock TinyDB: every documented call answers alike, but for ids that are never used again."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import assume, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tinydb import Query, TinyDB, operations, where
from tinydb.storages import Storage
from tinydb.table import Document

from models.store.db import JournalDB
from models.store.indexes import ByField, IndexSpec
from tests.models.store.ground import CODECS, NoSync, codec

TABLES = ("_default", "schools", "Träger")
INDEXED = (
    None,
    {name: IndexSpec(1, {"kind": ByField("kind")}) for name in TABLES},
    {"schools": IndexSpec(2, {"kind": ByField("kind"), "a": ByField("a")}, late=frozenset({"a"}))},
)


class JsonInMemory(Storage):
    """What stock TinyDB does with a file, in memory: every read gives fresh documents."""

    def __init__(self) -> None:
        self.text = ""

    def read(self) -> dict[str, dict[str, Any]] | None:
        found: dict[str, dict[str, Any]] | None = json.loads(self.text) if self.text else None
        return found

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        self.text = json.dumps(data)


# Documents and queries

texts = st.sampled_from(["a", "b", "ä", "", '"', "\\", "a\nb", "A", " ", '","kind":"a', '{"kind":"a"}', "nie gesehen"])
numbers = st.integers(-3, 3)
scalars = st.one_of(texts, numbers, st.none(), st.booleans(), st.sampled_from([0.5, -0.0, 2**53]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=4,
)
deep = st.fixed_dictionaries({}, optional={"kind": texts, "n": numbers})
documents = st.fixed_dictionaries(
    {},
    optional={
        "kind": texts,
        "a": values,
        "n": numbers,
        "deep": deep,
        "list": st.lists(st.one_of(texts, numbers, deep)),
        '"': texts,
    },
)


def _is(value: Any, *others: Any) -> bool:
    return value in others


def _length(value: Any) -> int:
    return len(str(value))


_PATHS = [
    where("kind"),
    where("a"),
    where("n"),
    where("deep"),
    where("deep").kind,
    where('"'),
    where("a")["kind"],
    where("list"),
]
paths = st.sampled_from(range(len(_PATHS))).map(lambda number: _PATHS[number])
inner_queries = st.builds(lambda text: where("kind") == text, texts) | st.builds(lambda n: where("n") >= n, numbers)
# None of them raises an error for any document: which documents are asked at all is up to the indexes.
leaves = st.one_of(
    st.builds(lambda path, value: path == value, paths, values | texts),
    st.builds(lambda path, text: path == text, paths, texts),
    st.builds(lambda path, value: path != value, paths, values),
    st.builds(lambda n: where("n") < n, numbers),
    st.builds(lambda n: where("deep").n <= n, numbers),
    st.builds(lambda n: where("n") > n, numbers),
    st.builds(lambda n: where("deep")["n"] >= n, numbers),
    st.builds(lambda path: path.exists(), paths),
    st.builds(lambda path, regex: path.matches(regex), paths, st.sampled_from(["a", ".", "^$", '"'])),
    st.builds(lambda path, regex: path.search(regex, re.IGNORECASE), paths, st.sampled_from(["a", "ä$", "kind"])),
    st.builds(lambda path, one, two: path.test(_is, one, two), paths, scalars, scalars),
    st.builds(lambda path, some: path.any(some), paths, st.lists(scalars, max_size=3)),
    st.builds(lambda path, some: path.all(some), paths, st.lists(texts, max_size=2)),
    st.builds(lambda path, query: path.any(query), paths, inner_queries),
    st.builds(lambda path, query: path.all(query), paths, inner_queries),
    st.builds(lambda path, some: path.one_of(some), paths, st.lists(scalars, max_size=3)),
    st.builds(lambda part: Query().fragment(part), documents),
    st.builds(lambda part: where("deep").fragment(part), deep),
    st.builds(lambda path, size: path.map(_length) == size, paths, numbers),
    st.builds(lambda: Query().noop()),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda one, other: one & other, inner, inner),
        st.builds(lambda one, other: one | other, inner, inner),
        st.builds(lambda one: ~one, inner),
    ),
    max_leaves=4,
)


def _append(document: Any) -> None:
    document["list"] = [*document.get("list", []), "neu"]


def _empty(document: Any) -> None:
    document.clear()


changes = st.one_of(
    documents,
    st.builds(operations.set, st.sampled_from(["kind", "a", "neu"]), values),
    st.builds(operations.delete, st.sampled_from(["kind", "n"])),
    st.builds(operations.add, st.just("n"), numbers),
    st.builds(operations.subtract, st.just("n"), numbers),
    st.builds(operations.increment, st.sampled_from(["n", "kind"])),
    st.builds(operations.decrement, st.just("n")),
    st.sampled_from([_append, _empty]),
)
names = st.sampled_from(TABLES)
picks = st.lists(st.integers(0, 30), max_size=3)

Ids = Callable[[int], int]


class StoreLikeTinyDB(RuleBasedStateMachine):
    """Calls both and compares what they answer, what they raise and what is stored then.

    Documents are named by the id that JournalDB gave them; `stock_ids` tells the id that stock TinyDB gave the same one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.kind, self.indexes = "plain", INDEXED[0]
        self.memory = JsonInMemory()
        self.stock = TinyDB(storage=lambda: self.memory)
        self.stock_ids: dict[str, dict[int, int]] = {name: {} for name in TABLES}

    @initialize(kind=st.sampled_from(CODECS), indexes=st.sampled_from(INDEXED))
    def begin(self, kind: str, indexes: Any) -> None:
        self.kind, self.indexes = kind, indexes
        self._open()

    def _open(self) -> None:
        self.ours = JournalDB(
            self.folder, files=NoSync(), codec=codec(self.kind), indexes=self.indexes, smallest_compaction=2000
        )

    def teardown(self) -> None:
        if hasattr(self, "ours"):
            self.ours.close()
        shutil.rmtree(self.folder)

    # Comparing

    def both(self, name: str, call: Callable[[Any, Ids], Any]) -> Any:
        """Call on both tables and compare; returns what ours answered. New documents must come from `added`."""
        stock_of = self.stock_ids[name]
        ours_of = {stock_of[key]: key for key in self.live(name)}
        ours = _outcome(lambda: call(self.ours.table(name), lambda key: key))
        stock = _outcome(lambda: call(self.stock.table(name), lambda key: stock_of.get(key, key)))
        assert _plain(ours, {}) == _plain(stock, ours_of)
        return ours

    def added(self, name: str, call: Callable[[Any, Ids], Any]) -> None:
        """Call what may add documents on both tables, and note which of them are the same."""
        stock_of = self.stock_ids[name]
        before = {stock_of[key] for key in self.live(name)}
        used = set(stock_of)
        ours = _outcome(lambda: call(self.ours.table(name), lambda key: key))
        stock = _outcome(lambda: call(self.stock.table(name), lambda key: stock_of.get(key, key)))
        if isinstance(ours, Exception) or isinstance(stock, Exception):
            assert _plain(ours, {}) == _plain(stock, {})
            return
        assert type(ours) is type(stock)
        our_ids, stock_ids = (ours, stock) if isinstance(ours, list) else ([ours], [stock])
        for our_id, stock_id in zip(our_ids, stock_ids, strict=True):
            if stock_id in before:
                assert stock_of[our_id] == stock_id
            else:
                assert our_id not in used or our_id == stock_id, "an id was used again"
                stock_of[our_id] = stock_id

    def live(self, name: str) -> list[int]:
        """Return the ids of the documents of a table; before `begin` there are none."""
        return [document.doc_id for document in self.ours.table(name)]

    def some(self, name: str, picks: list[int]) -> list[int]:
        """Return ids of documents that are there, and one that never was where the pick is beyond them."""
        live = self.live(name)
        return [live[pick] if pick < len(live) else 10**6 + pick for pick in picks]

    @invariant()
    def same_documents(self) -> None:
        if not hasattr(self, "ours"):
            return
        assert self.ours.tables() == self.stock.tables()
        for name in self.ours.tables():
            ours, stock = self.ours.table(name).all(), self.stock.table(name).all()
            stock_of = self.stock_ids[name]
            assert [stock_of[document.doc_id] for document in ours] == [document.doc_id for document in stock]
            assert [json.dumps(document) for document in ours] == [json.dumps(document) for document in stock]
            assert len(self.ours.table(name)) == len(self.stock.table(name)) == len(ours)
        assert len(self.ours) == len(self.stock)

    # Adding

    @rule(name=names, document=documents)
    def insert(self, name: str, document: Any) -> None:
        self.added(name, lambda table, _ids: table.insert(document))

    @rule(name=names, document=documents, key=st.integers(1, 40))
    def insert_with_an_own_id(self, name: str, document: Any, key: int) -> None:
        there = key in self.live(name)
        assume(there == (key in [document.doc_id for document in self.stock.table(name)]))
        assume(not there or self.stock_ids[name][key] == key)
        self.added(name, lambda table, _ids: table.insert(Document(document, key)))

    @rule(name=names, several=st.lists(documents, max_size=4))
    def insert_multiple(self, name: str, several: list[Any]) -> None:
        self.added(name, lambda table, _ids: table.insert_multiple(deepcopy(several)))

    @rule(name=names, several=st.lists(documents, max_size=3), key=st.integers(50, 60), bad=st.booleans())
    def insert_multiple_with_own_ids(self, name: str, several: list[Any], key: int, bad: bool) -> None:
        keys = range(key, key + len(several))
        assume(not {*keys} & {*self.live(name), *(document.doc_id for document in self.stock.table(name))})
        more: list[Any] = [Document(document, own) for document, own in zip(several, keys, strict=True)]
        self.added(name, lambda table, _ids: table.insert_multiple([*more, 7] if bad else more))
        # Else stock TinyDB would give the own ids of this call to later documents.
        self.stock.table(name)._next_id = None

    @rule(name=names, what=st.sampled_from([7, None, "text", [1], {"a": {1, 2}}, {"a": object()}]))
    def insert_what_is_no_document(self, name: str, what: Any) -> None:
        self.both(name, lambda table, _ids: table.insert(what))
        self.both(name, lambda table, _ids: table.insert_multiple([{"a": 1}, what]))

    @rule(name=names, document=documents, query=queries)
    def upsert(self, name: str, document: Any, query: Any) -> None:
        self.added(name, lambda table, _ids: table.upsert(document, query))

    @rule(name=names, document=documents, pick=st.integers(0, 30))
    def upsert_by_id(self, name: str, document: Any, pick: int) -> None:
        (key,) = self.some(name, [pick])
        self.added(name, lambda table, ids: table.upsert(Document(document, ids(key))))

    @rule(name=names, document=documents)
    def upsert_without_a_query(self, name: str, document: Any) -> None:
        self.both(name, lambda table, _ids: table.upsert(document))

    # Reading

    @rule(name=names, query=queries)
    def search(self, name: str, query: Any) -> None:
        self.both(name, lambda table, _ids: table.search(query))
        self.both(name, lambda table, _ids: table.get(query))
        self.both(name, lambda table, _ids: table.count(query))
        self.both(name, lambda table, _ids: table.contains(query))

    @rule(name=names, number=numbers)
    def search_with_what_cannot_be_compared(self, name: str, number: int) -> None:
        self.both(name, lambda table, _ids: table.search(where("a") < number))
        self.both(name, lambda table, _ids: table.search(where("a").fragment({"kind": "a"})))
        # Not `search`: stock TinyDB keeps an empty query in its cache, where comparing it with others fails.
        self.both(name, lambda table, _ids: table.get(Query()))

    @rule(name=names, picks=picks)
    def get_by_id(self, name: str, picks: list[int]) -> None:
        keys = self.some(name, picks)
        self.both(name, lambda table, ids: table.get(doc_ids=[ids(key) for key in keys]))
        for one in keys:
            self.get_one(name, one)

    def get_one(self, name: str, key: int) -> None:
        self.both(name, lambda table, ids: table.get(doc_id=ids(key)))
        self.both(name, lambda table, ids: table.get(where("n") == 1, doc_id=ids(key)))
        self.both(name, lambda table, ids: table.contains(doc_id=ids(key)))

    @rule(name=names)
    def read_everything(self, name: str) -> None:
        self.both(name, lambda table, _ids: list(table))
        self.both(name, lambda table, _ids: table.get())
        self.both(name, lambda table, _ids: table.contains())
        self.both(name, lambda table, _ids: table.clear_cache())

    @rule(name=names, query=queries)
    def change_what_was_read(self, name: str, query: Any) -> None:
        for document in [*self.ours.table(name).search(query), *self.ours.table(name)]:
            _empty(document)

    # Changing

    @rule(name=names, fields=changes, query=queries)
    def update(self, name: str, fields: Any, query: Any) -> None:
        self.both(name, lambda table, _ids: table.update(fields, query))

    @rule(name=names, fields=changes)
    def update_all(self, name: str, fields: Any) -> None:
        self.both(name, lambda table, _ids: table.update(fields))

    @rule(name=names, fields=changes, picks=picks, text=st.booleans())
    def update_by_id(self, name: str, fields: Any, picks: list[int], text: bool) -> None:
        keys = self.some(name, picks)
        self.both(
            name, lambda table, ids: table.update(fields, doc_ids=[str(ids(k)) if text else ids(k) for k in keys])
        )

    @rule(name=names, fields=st.sampled_from([{"a": {1}}, 7, operations.set("a", object())]))
    def update_with_what_is_no_json(self, name: str, fields: Any) -> None:
        self.both(name, lambda table, _ids: table.update(fields))

    @rule(name=names, updates=st.lists(st.tuples(changes, queries), max_size=3))
    def update_multiple(self, name: str, updates: list[Any]) -> None:
        self.both(name, lambda table, _ids: table.update_multiple(updates))

    @rule(name=names, query=queries)
    def remove(self, name: str, query: Any) -> None:
        self.both(name, lambda table, _ids: table.remove(query))

    @rule(name=names, picks=picks)
    def remove_by_id(self, name: str, picks: list[int]) -> None:
        keys = self.some(name, picks)
        self.both(name, lambda table, ids: table.remove(doc_ids=[ids(key) for key in keys]))

    @rule(name=names)
    def remove_without_a_query(self, name: str) -> None:
        self.both(name, lambda table, _ids: table.remove())

    @rule(name=names)
    def truncate(self, name: str) -> None:
        self.both(name, lambda table, _ids: table.truncate())

    @rule(name=names)
    def drop_table(self, name: str) -> None:
        self.ours.drop_table(name)
        self.stock.drop_table(name)

    @rule()
    def drop_tables(self) -> None:
        self.ours.drop_tables()
        self.stock.drop_tables()

    # What stock TinyDB does not know

    @rule(indexes=st.sampled_from(INDEXED))
    def reopen(self, indexes: Any) -> None:
        self.ours.close()
        self.indexes = indexes
        self._open()

    @rule(forget=st.booleans())
    def compact(self, forget: bool) -> None:
        self.ours.journal.compact(forget=forget)

    @rule(name=names, document=documents, query=queries, fields=changes, fails=st.booleans(), drops=st.booleans())
    def batch(self, name: str, document: Any, query: Any, fields: Any, fails: bool, drops: bool) -> None:
        text, ids, commit = self.memory.text, deepcopy(self.stock_ids), self.ours.journal._commit
        before = self.ours.journal.read()
        try:
            with self.ours.batch():
                if drops:
                    self.drop_table(name)
                self.insert(name, document)
                with self.ours.batch():
                    self.update(name, fields, query)
                self.search(name, query)
                self.remove(name, query)
                if fails:
                    raise InterruptedError
        except InterruptedError:
            self.memory.text, self.stock_ids = text, ids
            for table in self.stock._tables.values():
                table.clear_cache()
                table._next_id = None
            assert self.ours.journal.read() == before
        assert self.ours.journal._commit == commit + (not fails)


TestStoreLikeTinyDB = StoreLikeTinyDB.TestCase
TestStoreLikeTinyDB.settings = settings(max_examples=60, stateful_step_count=25)


def test_an_id_is_never_used_again_neither_after_removing_nor_after_reopening(tmp_path: Path) -> None:
    with JournalDB(tmp_path, files=NoSync()) as db:
        assert db.insert_multiple([{}, {}]) == [1, 2]
        db.truncate()
        assert db.insert({}) == 3
        db.drop_tables()
        assert db.insert({}) == 4
        db.remove(doc_ids=[4])
    with JournalDB(tmp_path, files=NoSync()) as db:
        assert db.insert({}) == 5
        db.truncate()
        db.journal.compact(forget=True)
    with JournalDB(tmp_path, files=NoSync()) as db:
        assert db.insert({}) == 6


def test_a_given_id_does_not_overwrite_one_that_a_document_of_the_same_call_brought(tmp_path: Path) -> None:
    with JournalDB(tmp_path, files=NoSync()) as db:
        assert db.insert_multiple([Document({"a": 1}, 1), {"a": 2}, Document({"a": 3}, 7), {"a": 4}]) == [1, 2, 7, 8]
        assert [document["a"] for document in db] == [1, 2, 3, 4]


def test_documents_may_be_removed_while_they_are_gone_through(tmp_path: Path) -> None:
    with JournalDB(tmp_path, files=NoSync()) as db:
        db.insert_multiple({"a": number} for number in range(4))
        seen = []
        for document in db:
            seen.append(document["a"])
            db.truncate()
        assert seen == [0, 1, 2, 3]


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whatever stock TinyDB raises is what ours must raise
        return error


def _plain(answer: Any, ours_of: dict[int, int]) -> Any:
    """Return an answer in which documents are named by the ids that JournalDB gave them."""
    if isinstance(answer, Exception):
        return type(answer).__mro__[-3:]
    if isinstance(answer, Document):
        return ours_of.get(answer.doc_id, answer.doc_id), json.dumps(answer)
    if isinstance(answer, list):
        return [ours_of.get(each, each) if isinstance(each, int) else _plain(each, ours_of) for each in answer]
    return answer
