"""Form: one record while it is being filled in. Pure: the same for screens, list entries and the command line."""

from __future__ import annotations

import datetime as dt
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError

from models.dates import DateProblem, parse_date, parse_minutes, parse_time, show_date
from models.fields import Kind, Text, Value, is_empty
from models.i18n import _
from models.records.base import Record
from models.rules.remarks import remarks
from models.text import clean, clean_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

    from models.records import Document
    from models.records.base import Cleaned


def value_type(info: FieldInfo) -> type:
    """Return the plain Python type of a one-line field: str, int, float, bool, date or time."""
    return _plain_type(info.annotation)


def _plain_type(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain_type(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return _plain_type(next(arg for arg in get_args(annotation) if arg is not NoneType))
    return annotation if isinstance(annotation, type) else str


def write_value(kind: Value, wanted: type, value: Any) -> str:
    """Return the text with which the editor of a one-line field shows `value` (JSON form)."""
    if is_empty(value):
        return ""
    if wanted is bool:
        return _("ja") if value else _("nein")
    if wanted is dt.date:
        try:
            return show_date(dt.date.fromisoformat(value))
        except (TypeError, ValueError):
            return str(value)
    if wanted is float:
        return f"{value:g}".replace(".", ",")
    if wanted is dt.time:
        return str(value)[:5]
    del kind
    return str(value)


def read_value(kind: Value, wanted: type, text: str, today: dt.date) -> Any:
    """Return the JSON value that a person means by `text`; `None` for nothing. Raises `ValueError` with a German text."""
    text = clean(text, lines=False).strip()
    if not text:
        return None
    if wanted is dt.date:
        return parse_date(text, today).isoformat()
    if wanted is dt.time:
        return parse_time(text).isoformat("minutes")
    if wanted is bool:
        return _read_yes_no(text)
    if wanted is int and kind.unit == "min":
        return parse_minutes(text)
    if wanted in (int, float):
        return _read_number(text, wanted)
    return text


def _read_yes_no(text: str) -> bool:
    if text.lower() in ("ja", "j", "x", "1"):
        return True
    if text.lower() in ("nein", "n", "-", "0"):
        return False
    raise ValueError(_("Hier bitte ja oder nein."))


def _read_number(text: str, wanted: type) -> int | float:
    try:
        number: int | float = wanted(text.replace(",", ".") if wanted is float else text)
    except ValueError as error:
        raise ValueError(_("„{text}“ ist keine Zahl.").format(text=text)) from error
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is unequal to itself
        raise ValueError(_("„{text}“ ist keine Zahl.").format(text=text))
    return number


class Form:
    """The values of one record while it is edited: one-line fields as typed, all others in JSON form.

    `edits` holds what was entered and is what a draft keeps; `read` turns all of it into a record or into problems.
    """

    def __init__(self, model: type[Cleaned], document: Document, today: dt.date) -> None:
        """Begin with `document`, which may lack required fields, or come from a file that was never cleaned."""
        self.model = model
        self.document: Document = clean_tree(document)
        self.today = today
        self.edits: dict[str, Any] = {}

    def fields(self) -> Iterator[tuple[str, Kind]]:
        """Yield name and kind of all fields that a person edits, in their order, hidden ones included."""
        for name, kind in self.model.kinds().items():
            if not kind.derived:
                yield name, kind

    def visible(self, name: str) -> bool:
        """Tell whether a field is to be shown now (its `when` holds)."""
        when = self.model.kinds()[name].when
        return when is None or self.get(when[0]) in when[1]

    def type_of(self, name: str) -> type:
        """Return the Python type of a one-line field."""
        return value_type(self.model.model_fields[name])

    def get(self, name: str) -> Any:
        """Return what the editor of a field shows: text as typed for one-line fields, else the JSON value."""
        if name in self.edits:
            return self.edits[name]
        return self.initial(name)

    def initial(self, name: str) -> Any:
        """Return what the editor showed before anything was entered."""
        return self.shown(name, self.document[name] if name in self.document else self._default(name))

    def shown(self, name: str, value: Any) -> Any:
        """Return how the editor of a field shows `value`, a JSON value of another record."""
        kind = self.model.kinds()[name]
        return write_value(kind, self.type_of(name), value) if isinstance(kind, Value) else value

    def understood(self, name: str) -> str | None:
        """Return how a one-line field's text is written out once it was read; `None` for other fields."""
        kind = self.model.kinds()[name]
        text = self.get(name)
        if not isinstance(kind, Value) or not isinstance(text, str):
            return None
        return write_value(kind, self.type_of(name), read_value(kind, self.type_of(name), text, self.today))

    def _default(self, name: str) -> Any:
        info = self.model.model_fields[name]
        if info.is_required() or isinstance(info.default, frozenset):
            return None if not info.is_required() else ""
        default = info.get_default(call_default_factory=True)
        return "" if default is None else default

    def set(self, name: str, entered: Any) -> None:
        """Take what was entered; entering the initial value again is no edit."""
        kind = self.model.kinds()[name]
        if isinstance(entered, str):
            entered = clean(entered, lines=isinstance(kind, Text))
        initial = self.initial(name)
        if entered == initial or (is_empty(entered) and is_empty(initial)):
            self.edits.pop(name, None)
        else:
            self.edits[name] = entered

    def follow(self, document: Document, sent: Mapping[str, Any]) -> None:
        """Go on over `document`, which holds the edits `sent` by now: what was entered since then stays an edit."""
        names = (name for name in {**sent, **self.edits} if name not in sent or self.get(name) != sent[name])
        kept = {name: self.get(name) for name in names}
        self.document, self.edits = clean_tree(document), {}
        for name, entered in kept.items():
            self.set(name, entered)

    def problem(self, name: str) -> str:
        """Return the German message for what stands in one field now; empty if it can be read."""
        kind = self.model.kinds()[name]
        if isinstance(kind, Value) and isinstance(self.get(name), str):
            try:
                read_value(kind, self.type_of(name), self.get(name), self.today)
            except (DateProblem, ValueError) as error:
                return str(error)
        return ""

    def result_of(self, name: str) -> Any:
        """Return the JSON value of one field as it stands; raises `ValueError` where it cannot be read."""
        kind = self.model.kinds()[name]
        entered = self.get(name)
        if isinstance(kind, Value) and isinstance(entered, str):
            return read_value(kind, self.type_of(name), entered, self.today)
        return entered

    def result(self) -> Document:
        """Return the document with the edits; raises `ValueError` where a field cannot be read."""
        document = dict(self.document)
        for name in self.edits:
            value = self.result_of(name)
            if is_empty(value):
                document.pop(name, None)
                if self._default(name):
                    document[name] = "" if isinstance(self._default(name), str) else value
            else:
                document[name] = value
        return document

    def read(self) -> tuple[Cleaned | None, dict[str, str]]:
        """Return the record, and field → problem for all that must be mended first (then there is no record)."""
        problems = {name: text for name, kind in self.fields() if (text := self.problem(name))}
        if problems:
            return None, {**self._missing(problems), **problems}
        try:
            record = self.model.model_validate(self.result())
        except ValidationError as error:
            return None, _readable(error, self.model.kinds())
        found = record.problems()
        return (None, found) if found else (record, {})

    def _missing(self, known: Mapping[str, str]) -> dict[str, str]:
        return {
            name: _("{label} fehlt.").format(label=_(kind.label))
            for name, kind in self.fields()
            if name not in known and self.model.model_fields[name].is_required() and is_empty(self.get(name))
        }

    def remarks(self) -> dict[str, str]:
        """Return field → remark for what is unusual but allowed in the fields that can be read so far."""
        if not issubclass(self.model, Record):
            return {}
        readable = {name: self.result_of(name) for name, _kind in self.fields() if not self.problem(name)}
        return remarks(self.model, {**self.document, **readable}, self.today)


def _readable(error: ValidationError, kinds: Mapping[str, Kind]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for entry in error.errors():
        name = str(entry["loc"][0]) if entry["loc"] else ""
        if name in kinds:
            missing = entry["type"] == "missing" or entry["input"] is None
            text = _("{label} fehlt.") if missing else _("{label}: Diese Angabe passt nicht.")
            problems.setdefault(name, text.format(label=_(kinds[name].label)))
    return problems
