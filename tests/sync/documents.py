"""Records in three versions, for the laws of the merge: with every kind of field, unknown ones, and deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from models.fields import Items, Table, Tags, Text, Value
from models.records.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.fields import Kind
    from models.records import Document

AGREEMENTS = Visit.kinds()["agreements"]
assert isinstance(AGREEMENTS, Items)

FIELDS: Mapping[str, Kind] = {
    "school": Value("Schule"),
    "date": Value("Datum", group="when"),
    "start": Value("von", group="when"),
    "notes": Text("Notizen"),
    "topics": Tags("Themen"),
    "agreements": AGREEMENTS,
    "ratings": Table("Bewertungen"),
}

scalars = st.one_of(st.sampled_from(["a", "b", "c"]), st.integers(0, 2), st.booleans(), st.sampled_from([0.0, 1.0]))
words = st.lists(st.sampled_from(["WLAN", "fehlt", "im", "Neubau", "Elternabend", "am", "Montag."]), max_size=7)
texts = words.map(" ".join).filter(bool)


@st.composite
def item_lists(draw: st.DrawFn) -> list[Document]:
    """Draw a list of agreements with ids of few."""
    keys = draw(st.lists(st.sampled_from("pqrst"), unique=True, min_size=1, max_size=4))
    entry = st.fixed_dictionaries({"text": texts}, optional={"owner": scalars, "neu": scalars})
    return [{"id": key, **draw(entry)} for key in keys]


VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "school": scalars,
    "date": st.sampled_from(["2026-11-24", "2026-11-25"]),
    "start": st.sampled_from(["09:00", "10:00"]),
    "notes": texts,
    "topics": st.lists(st.sampled_from("uvwx"), unique=True, min_size=1).map(sorted),
    "agreements": item_lists(),
    "ratings": st.dictionaries(st.sampled_from("klm"), scalars, min_size=1),
    "unknown": st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from("yz"), scalars)),
    "deleted_at": st.sampled_from(["2026-11-24T10:00:00+00:00", "2026-11-25T10:00:00+00:00"]),
    "updated_at": st.sampled_from(["2026-11-24T08:00:00+00:00", "2026-11-24T09:00:00+00:00"]),
    "updated_by": st.sampled_from(["anna", "bernd"]),
}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a record of which any field may be missing."""
    names = draw(st.sets(st.sampled_from(sorted(VALUES))))
    return {"id": "v1", "kind": "visit", "rev": 1, **{name: draw(VALUES[name]) for name in sorted(names)}}


@st.composite
def edits(draw: st.DrawFn, base: Document) -> Document:
    """Draw a version of `base` with few fields set anew or taken out."""
    edited = dict(base)
    for name in draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=4)):
        if draw(st.booleans()) and name in edited:
            del edited[name]
        else:
            edited[name] = draw(VALUES[name])
    return edited


@st.composite
def three(draw: st.DrawFn) -> tuple[Document, Document, Document]:
    """Draw a record as it was, as one side made it, and as the other did."""
    base = draw(documents())
    return base, draw(edits(base)), draw(edits(base))
