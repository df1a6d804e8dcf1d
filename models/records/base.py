"""Record: what every record of the fieldbook has, and what is derived from the declarations of its fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)

from models.errors import InvalidRecord
from models.fields import Choice, Items, Kind, Tags, Text, Value, is_empty, kinds_of
from models.i18n import _
from models.text import clean, clean_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
"""A record's JSON form: what is stored, exported and sent."""

TagSet = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""A set of codes or words; sorted in JSON so that equal sets have equal documents."""

ClockTime = Annotated[
    dt.time,
    PlainSerializer(lambda moment: moment.isoformat("minutes"), return_type=str),
]
"""A time of day to the minute, "09:30" in JSON."""

Date = dt.date
OptionalDate = dt.date | None
OptionalTime = ClockTime | None


def new_id() -> str:
    """Return an id for a new record or list entry, never used before on any device."""
    return uuid4().hex


def directory_id(kind: str, number: str) -> str:
    """Return the id of a record that an official directory numbers: the same on every device."""
    return uuid5(NAMESPACE_URL, f"feldbuch:{kind}:{number}").hex


@dataclass(frozen=True, slots=True)
class About:
    """What a kind of record is called and where its main facts stand.

    `title` names the fields that make a record's title; `when` the field with its date, `subject` the field that
    names the school, authority or circle it belongs to. `key` is the official number by which others refer to it.
    `status` is the vocabulary field that lists show as a sign.
    """

    one: str
    many: str
    new: str
    title: tuple[str, ...]
    when: str = ""
    subject: str = ""
    key: str = ""
    status: str = ""
    on_device_only: bool = False


CLEAN: Final = {"clean": True}
"""The context in which texts are taken as they are: they went through `clean_tree` already."""


class Cleaned(BaseModel):
    """A model whose texts are all made harmless when it is built, unknown ones included."""

    model_config = ConfigDict(extra="allow", defer_build=True, validate_assignment=False)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or info.context is CLEAN:
            return data
        if not data.keys() <= cls.model_fields.keys():
            data = _with_clean_names(data)
        long_texts = _long_texts(cls)
        return {
            name: clean(value, lines=name in long_texts) if isinstance(value, str) else clean_tree(value)
            for name, value in data.items()
        }

    @classmethod
    def kinds(cls) -> Mapping[str, Kind]:
        """Return the field kinds of this model by field name, in their order."""
        return _kinds(cls)

    def problems(self) -> dict[str, str]:
        """Return field name → German message for all that must be mended before this can be saved."""
        found = dict(_field_problems(self))
        for name, text in self.rules():
            found.setdefault(name, text)
        return found

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield (field, message) for each rule over several fields that is broken; families override this."""
        return iter(())

    def document(self) -> Document:
        """Return the JSON form. Left out is what reads back as empty anyway; what this version does not know is kept."""
        blanks = _blanks(type(self))
        dumped = self.model_dump(mode="json")
        return {name: value for name, value in dumped.items() if name not in blanks or not is_empty(value)}


def _with_clean_names(data: Mapping[str, Any]) -> dict[str, Any]:
    # A name that was clean from the start wins over one that became equal to it.
    cleaned = {clean(name, lines=False): value for name, value in data.items()}
    return {**cleaned, **{name: value for name, value in data.items() if name in cleaned}}


@cache
def _kinds(model: type[BaseModel]) -> Mapping[str, Kind]:
    return kinds_of({name: info for name, info in model.model_fields.items() if name != "kind" or info.metadata})


@cache
def _long_texts(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, kind in _kinds(model).items() if isinstance(kind, Text))


@cache
def _blanks(model: type[BaseModel]) -> frozenset[str]:
    infos = model.model_fields.items()
    return frozenset(name for name, info in infos if not info.is_required() and is_empty(info.default))


def _field_problems(model: Cleaned) -> Iterator[tuple[str, str]]:
    values = model.__dict__
    for name, kind in model.kinds().items():
        value = values[name]
        if is_empty(value):
            if type(model).model_fields[name].is_required() or _asked(kind, values):
                yield name, _("{label} fehlt.").format(label=_(kind.label))
            continue
        if isinstance(kind, Value) and isinstance(value, int | float):
            if kind.minimum is not None and value < kind.minimum:
                yield (
                    name,
                    _("{label}: mindestens {bound}.").format(label=_(kind.label), bound=kind.minimum),
                )
            if kind.maximum is not None and value > kind.maximum:
                yield (
                    name,
                    _("{label}: höchstens {bound}.").format(label=_(kind.label), bound=kind.maximum),
                )
        if isinstance(kind, Items):
            for number, item in enumerate(value, 1):
                for text in item.problems().values():
                    yield (
                        name,
                        _("{label}, Zeile {number}: {text}").format(label=_(kind.label), number=number, text=text),
                    )


def _asked(kind: Kind, values: Mapping[str, Any]) -> bool:
    return kind.needed_when is not None and values.get(kind.needed_when[0]) in kind.needed_when[1]


class Item(Cleaned):
    """An entry of a list inside a record; its id lets two devices edit different entries of one list."""

    id: Annotated[str, Value("Kennung", derived=True)] = ""

    @model_validator(mode="before")
    @classmethod
    def _give_id(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("id"):
            return {**data, "id": new_id()}
        return data


class Record(Cleaned):
    """The envelope of every record; families add their own fields and `about`."""

    about: ClassVar[About] = About(one="Eintrag", many="Einträge", new="Eintrag anlegen", title=("kind",))
    schema_now: ClassVar[int] = 1

    id: Annotated[str, Value("Kennung", derived=True)] = ""
    kind: Annotated[str, Value("Satzart", derived=True)] = ""
    schema_version: Annotated[int, Value("Schema-Version", derived=True)] = 1
    rev: Annotated[int, Value("Revision", derived=True)] = 0
    state: Annotated[str, Choice("Bearbeitungsstand", derived=True, vocabulary="state")] = "entwurf"
    created_by: Annotated[str, Value("Angelegt von", derived=True)] = ""
    created_at: Annotated[str, Value("Angelegt am", derived=True)] = ""
    updated_by: Annotated[str, Value("Geändert von", derived=True)] = ""
    updated_at: Annotated[str, Value("Geändert am", derived=True)] = ""
    device: Annotated[str, Value("Gerät", derived=True)] = ""
    region: Annotated[str, Value("Region", derived=True)] = ""
    confidentiality: Annotated[str, Choice("Vertraulichkeit", derived=True, vocabulary="confidentiality")] = "team"
    deleted_at: Annotated[str, Value("Gelöscht am", derived=True)] = ""
    delete_reason: Annotated[str, Value("Grund des Löschens", derived=True)] = ""
    labels: Annotated[TagSet, Tags("Schlagwörter", derived=True, weight=1)] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _identify(cls, data: Any) -> Any:
        return identified(cls, data) if isinstance(data, dict) else data

    def checked(self) -> Self:
        """Return this record; raises `InvalidRecord` with all problems where it breaks a rule."""
        problems = self.problems()
        if problems:
            raise InvalidRecord(problems)
        return self

    def changed(self, **values: Any) -> Self:
        """Return a copy with some fields changed, validated anew; `None` empties a field."""
        kept = {name: value for name, value in self.document().items() if name not in values}
        given = {name: value for name, value in values.items() if value is not None}
        return type(self).model_validate({**kept, **given})


def identified(model: type[Record], data: Document) -> Document:
    """Return the document with its kind and an id: that of its official number where it has one, else a new one."""
    if data.get("id") and data.get("kind"):
        return data
    kind = data.get("kind") or model.model_fields["kind"].default
    number = data.get(model.about.key) if model.about.key else None
    record_id = data.get("id") or (directory_id(kind, str(number)) if number else new_id())
    return {**data, "kind": kind, "id": record_id}


class UnknownRecord(Record):
    """A record of a kind, or with values, that this version cannot read: kept, shown and passed on as it is."""

    about: ClassVar[About] = About(
        one="Unbekannter Eintrag",
        many="Unbekannte Einträge",
        new="",
        title=("kind",),
        when="date",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _take_whole(cls, data: Any, handler: ModelWrapValidatorHandler[UnknownRecord]) -> UnknownRecord:
        if not isinstance(data, Mapping):
            return handler(data)
        # Not judged and not converted: even what should be a number or a set may be something else by now.
        document: Document = clean_tree(identified(cls, dict(data)))
        record = cls.model_construct()
        record.__dict__.update({name: value for name, value in document.items() if name in cls.model_fields})
        record.__pydantic_extra__ = {name: value for name, value in document.items() if name not in cls.model_fields}
        record.__pydantic_fields_set__ = set(document)
        return record

    def document(self) -> Document:
        """Return the document as it came, with its texts made harmless."""
        held = {**self.__dict__, **(self.__pydantic_extra__ or {})}
        return {name: value for name, value in held.items() if name in self.model_fields_set}

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: what this version cannot read it cannot judge."""
        return iter(())
