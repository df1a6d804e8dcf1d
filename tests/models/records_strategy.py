"""Documents of every kind, built from the declarations alone: what tests of the core throw at it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text, Value, is_empty
from models.forms import value_type
from models.records import KINDS, Record, record_class
from models.text import clean
from models.vocabulary import vocabularies, vocabulary

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from models.records import Document
    from models.records.base import Cleaned

NOT_VOCABULARIES = frozenset({"criterion", "section"})
"""Keys of tables that a catalogue names, not a vocabulary."""

words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=12).map(
    lambda text: clean(text, lines=False)
)
lines = words.filter(bool)
long_texts = st.lists(words, min_size=1, max_size=3).map("\n".join).filter(lambda text: bool(text.strip()))
keys = st.text(alphabet="abcdef0123456789", min_size=4, max_size=8)
days = st.dates(dt.date(1990, 1, 1), dt.date(2089, 12, 31)).map(dt.date.isoformat)
times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.floats(-1e9, 1e9) | lines,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(lines, inner, max_size=3),
    max_leaves=6,
)


@cache
def codes(name: str) -> st.SearchStrategy[str]:
    """Members of a vocabulary, and now and then one that a newer version knows."""
    return st.sampled_from(list(vocabulary(name))) | st.just("aus_der_zukunft")


def _sets(members: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.sets(members, min_size=1, max_size=3).map(sorted)


def one_line(kind: Value, info: FieldInfo) -> st.SearchStrategy[Any]:
    """Values of a one-line field, within its bounds."""
    wanted = value_type(info)
    if wanted is bool:
        return st.booleans()
    if wanted is int:
        low = 0 if kind.minimum is None else kind.minimum
        return st.integers(low, low + 20 if kind.maximum is None else kind.maximum)
    if wanted is float:
        return st.floats(kind.minimum or 0, kind.maximum or 5, allow_nan=False)
    if wanted is dt.date:
        return days
    if wanted is dt.time:
        return times
    return lines


def values_of(kind: Kind, info: FieldInfo) -> st.SearchStrategy[Any]:
    """Values of a field in their JSON form, as its declaration allows them, never empty."""
    match kind:
        case Choice(vocabulary=name):
            return codes(name)
        case Tags(vocabulary=name):
            return _sets(codes(name) if name else lines)
        case Reference():
            return keys
        case References():
            return _sets(keys)
        case Items(model=model):
            return st.lists(entries(model), min_size=1, max_size=2)
        case Table(keys=name, values=value_name):
            return st.dictionaries(
                codes(name) if name in vocabularies() else keys, _table_values(info, value_name), min_size=1, max_size=3
            )
        case Text():
            return long_texts
        case Value():
            return one_line(kind, info)
        case _:
            raise TypeError(type(kind).__name__)


def _table_values(info: FieldInfo, name: str) -> st.SearchStrategy[Any]:
    if name:
        return codes(name)
    member = get_args(info.annotation)[1]
    return lines if member is str else st.dictionaries(lines, json_values, min_size=1, max_size=2)


def usual(model: type[Cleaned]) -> Document:
    """Return the fields that a record of this model writes without being told."""
    infos = model.model_fields.items()
    return {name: info.default for name, info in infos if not info.is_required() and not is_empty(info.default)}


@cache
def entries(model: type[Cleaned]) -> st.SearchStrategy[Document]:
    """Entries of a list, as a record writes them: with all their fields and some that this version does not know."""
    blank = {name: info.default for name, info in model.model_fields.items() if not info.is_required() and name != "id"}
    return st.builds(lambda known, unknown: {**unknown, **blank, **known}, _fields(model), _unknown())


def _fields(model: type[Cleaned]) -> st.SearchStrategy[Document]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, kind in model.kinds().items():
        info = model.model_fields[name]
        needed = info.is_required() or name == "id"
        (required if needed else optional)[name] = keys if name == "id" else values_of(kind, info)
    optional.pop("kind", None)
    return st.fixed_dictionaries(required, optional=optional)


def _unknown() -> st.SearchStrategy[Document]:
    return st.dictionaries(keys.map("neu_{}".format), json_values, max_size=2)


@cache
def documents(kind: str) -> st.SearchStrategy[Document]:
    """Documents of a kind, as records write them, deleted ones left out."""
    model = record_class(kind)
    base = {**usual(model), "kind": kind}
    dead = ("deleted_at", "delete_reason")

    def put_together(known: Document, unknown: Document) -> Document:
        return {**unknown, **base, **{name: value for name, value in known.items() if name not in dead}}

    return st.builds(put_together, _fields(model), _unknown())


any_document = st.sampled_from(KINDS).flatmap(documents)


def example(kind: str) -> Document:
    """Return a small document of a kind that can be saved: required fields only."""
    model = record_class(kind)
    filled: Document = {"kind": kind}
    for name, field in model.kinds().items():
        if name not in Record.model_fields and model.model_fields[name].is_required():
            filled[name] = _sample(name, field, model.model_fields[name])
    return filled


def _sample(name: str, kind: Kind, info: FieldInfo) -> Any:
    match kind:
        case Choice(vocabulary=words_name):
            return next(iter(vocabulary(words_name)))
        case Tags(vocabulary=words_name):
            return [next(iter(vocabulary(words_name)))]
        case Reference():
            return "100001"
        case _ if value_type(info) is dt.date:
            return "2026-11-24"
        case _:
            return "100001" if name == "number" else f"Text für {name}"
