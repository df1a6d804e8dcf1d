"""The field kinds: one annotation per field says how it is edited, checked, merged, shown, searched and exported.

A record declares `notes: Annotated[str, Text("Notizen")] = ""`; form, validation message, merge rule, table column,
search text and export column are derived from that line and from nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from models.records.base import Cleaned

MergeRule = Literal["value", "text", "tags", "items", "map"]
"""How two edits of one field meet: see the merge table in the sync design."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What every field kind declares.

    `label` is the German term, `short` the one above a narrow column, `help` one sentence while the field is edited.
    `section` is the form's heading (a field without one continues the section above it). Fields that share a `group`
    merge as one value. `width` > 0 makes the field a table column of so many cells. `weight` is its weight in the search
    text (0: not searched). `previous` shows the last record's value beside the field. `private` values never leave the
    device. `derived` fields are the program's own and never shown in a form. `when` shows the field only while another
    field has one of the given values; `needed_when` demands a value then.
    """

    label: str
    help: str = ""
    short: str = ""
    section: str = ""
    group: str = ""
    width: int = 0
    weight: int = 0
    previous: bool = False
    private: bool = False
    derived: bool = False
    when: tuple[str, tuple[str, ...]] | None = None
    needed_when: tuple[str, tuple[str, ...]] | None = None

    merge: ClassVar[MergeRule] = "value"


@dataclass(frozen=True, slots=True)
class Value(Kind):
    """One line: text, number, yes/no, date or time; the Python type decides the editor.

    `unit` stands behind numbers. A `workday` is a day on which people work: weekends and holidays are remarked on.
    """

    unit: str = ""
    workday: bool = False
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Long text over several lines, merged on words."""

    merge: ClassVar[MergeRule] = "text"


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One member of a vocabulary, stored as its code. Unknown codes are kept and shown as they are."""

    vocabulary: str = ""


@dataclass(frozen=True, slots=True)
class Tags(Kind):
    """A set of members of a vocabulary; with no vocabulary, free words. Stored sorted."""

    vocabulary: str = ""
    merge: ClassVar[MergeRule] = "tags"


@dataclass(frozen=True, slots=True)
class Reference(Kind):
    """One other record: by its natural key (Schulnummer, Trägernummer) where its kind has one, else by id.

    `to` names the kind or kinds, separated by blanks. What `may_be_gone` may lead nowhere without anything being wrong.
    """

    to: str = ""
    may_be_gone: bool = False


@dataclass(frozen=True, slots=True)
class References(Kind):
    """A set of other records, stored like `Reference`."""

    to: str = ""
    merge: ClassVar[MergeRule] = "tags"


@dataclass(frozen=True, slots=True)
class Items(Kind):
    """A list of small entries with ids of their own (`Item`), merged entry by entry.

    `entry` is the model of an entry; it is read from the field's annotation, never declared a second time.
    """

    entry: type[Cleaned] | None = None
    merge: ClassVar[MergeRule] = "items"

    @property
    def model(self) -> type[Cleaned]:
        """The model of an entry; raises `TypeError` for a kind that was not read from a model's field."""
        if self.entry is None:
            raise TypeError("the model of the entries is known once the kind was read from its field")
        return self.entry


@dataclass(frozen=True, slots=True)
class Table(Kind):
    """A mapping from a key (criterion, section, product, school) to a value, merged key by key.

    `keys` is a vocabulary or `to:<kind>`; `values` a vocabulary, or empty for free text or numbers.
    """

    keys: str = ""
    values: str = ""
    merge: ClassVar[MergeRule] = "map"


def kind_of(info: FieldInfo) -> Kind:
    """Return the declared kind of a model field; raises `TypeError` where a field has none."""
    for entry in info.metadata:
        if isinstance(entry, Items):
            return replace(entry, entry=get_args(info.annotation)[0])
        if isinstance(entry, Kind):
            return entry
    raise TypeError("a record's field needs a field kind in its annotation")


def kinds_of(fields: Mapping[str, FieldInfo]) -> dict[str, Kind]:
    """Return name → kind for a model's fields, in their order of declaration."""
    return {name: kind_of(info) for name, info in fields.items()}


def is_empty(value: Any) -> bool:
    """Tell whether a field's value counts as not filled in (`False` and `0` are filled in)."""
    return value is None or value in ("", [], {}, frozenset())
