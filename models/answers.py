"""Answers: what a typed answer means for a field. For the command line, where nothing can be picked with arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import InvalidRecord
from models.fields import Choice, Items, Reference, References, Table, Tags, Text, Value
from models.forms import Form
from models.i18n import _
from models.present import title_of
from models.records import record_class
from models.text import clean, fold
from models.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.fieldbook import Fieldbook
    from models.fields import Kind

Option = tuple[str, str]
"""What is stored, and how it reads."""

SHOWN_OPTIONS = 9


class Unclear(ValueError):
    """An answer fits several options; `options` are the ones that it may mean, none where they are too many."""

    def __init__(self, message: str, options: Sequence[Option] = ()) -> None:
        self.options = tuple(options)
        super().__init__(message)


def word_options(name: str) -> list[Option]:
    """Return all members of a vocabulary in their order."""
    words = vocabulary(name)
    return [(code, words.label(code)) for code in words]


def numbered_option(text: str, options: Sequence[Option]) -> str | None:
    """Return the key of the option whose number in the list (from 1) was typed, `None` where no such number was."""
    typed = text.strip()
    if typed.isascii() and typed.isdigit() and len(typed) <= len(str(len(options))):
        number = int(typed)
        if 1 <= number <= len(options):
            return options[number - 1][0]
    return None


def read_word(name: str, text: str) -> str:
    """Return the code of the vocabulary `name` that is meant by `text`; raises `Unclear`."""
    words = vocabulary(name)
    shown = clean(text, lines=False)
    codes = words.find(text)
    if len(codes) == 1:
        return codes[0]
    options = [(code, words.label(code)) for code in codes or words]
    message = _("„{text}“ ist nicht eindeutig: {labels}.") if codes else _("„{text}“ gibt es hier nicht: {labels}.")
    raise Unclear(
        message.format(text=shown, labels=", ".join(label for _code, label in options)),
        options,
    )


def read_reference(to: str, text: str, fieldbook: Fieldbook) -> str:
    """Return the key of the record of one of the kinds `to` that is meant by `text`: number, id or words of its title.

    Raises `Unclear` with the records that fit, or with none where nothing or too much fits.
    """
    wanted = text.strip()
    found: list[Option] = []
    for kind in to.split():
        key = record_class(kind).about.key or "id"
        document = fieldbook.by_key(kind, wanted)
        if document is not None:
            return str(document[key])
        found.extend(_by_words(kind, key, wanted, fieldbook))
    if len(found) == 1:
        return found[0][0]
    what = _(" oder ").join(_(record_class(kind).about.one) for kind in to.split())
    shown = clean(text, lines=False)
    if not found:
        raise Unclear(
            _("{what} „{text}“ gibt es in diesem Feldbuch nicht. Bitte Nummer oder Namen prüfen.").format(
                what=what, text=shown
            )
        )
    if len(found) > SHOWN_OPTIONS:
        raise Unclear(_("„{text}“ passt zu {count} Einträgen. Bitte genauer.").format(text=shown, count=len(found)))
    labels = "; ".join(label for _key, label in found)
    raise Unclear(_("„{text}“ ist nicht eindeutig: {labels}.").format(text=shown, labels=labels), found)


def _by_words(kind: str, key: str, text: str, fieldbook: Fieldbook) -> Iterable[Option]:
    words = fold(text).split()
    model = record_class(kind)
    searched = [name for name, declared in model.kinds().items() if declared.weight > 1 and isinstance(declared, Value)]
    for document in fieldbook.documents(kind):
        title = title_of(document, fieldbook)
        text_of = fold(" ".join([title, *(str(document.get(name, "")) for name in searched)]))
        if words and all(word in text_of for word in words):
            label = f"{document[key]} {title}" if key != "id" else title
            place = str(document.get("place", ""))
            yield str(document[key]), label + (f", {place}" if place else "")


def read_entries(form: Form, name: str, texts: Sequence[str], fieldbook: Fieldbook) -> Any:
    """Return what is entered into the field `name` by `texts`, one or several; raises `ValueError` in German."""
    kind = form.model.kinds()[name]
    several = isinstance(kind, Tags | References | Items | Table)
    if len(texts) > 1 and not several:
        raise ValueError(_("Hier ist nur eine Angabe möglich."))
    if all(not text.strip() for text in texts):
        return _nothing(kind)
    match kind:
        case Choice():
            return read_word(kind.vocabulary, texts[0])
        case Reference():
            return read_reference(kind.to, texts[0], fieldbook)
        case References():
            return sorted({read_reference(kind.to, text, fieldbook) for text in texts})
        case Tags():
            return sorted({read_tag(kind, word) for text in texts for word in text.split(",") if word.strip()})
        case Items():
            return [_entry(form, kind, text, fieldbook) for text in texts]
        case Table():
            return dict(_pair(kind, text, fieldbook) for text in texts)
        case _:
            return texts[0]


def _nothing(kind: Kind) -> Any:
    if isinstance(kind, Tags | References | Items):
        return []
    return {} if isinstance(kind, Table) else ""


def read_tag(kind: Tags, text: str) -> str:
    """Return the code or the free word that is meant by `text`; raises `Unclear`."""
    return read_word(kind.vocabulary, text) if kind.vocabulary else clean(text, lines=False)


def _entry(form: Form, kind: Items, text: str, fieldbook: Fieldbook) -> dict[str, Any]:
    # One line is an entry's first field: "--agreements 'Konzept schicken'".
    inner = Form(kind.model, {}, form.today)
    first = next(field for field, _kind in inner.fields())
    enter(inner, first, [text], fieldbook)
    entry, problems = inner.read()
    if entry is None:
        raise ValueError(" ".join(problems.values()))
    return entry.document()


def _pair(kind: Table, text: str, fieldbook: Fieldbook) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(_("Hier bitte Schlüssel=Wert."))
    return read_table_key(kind, key, fieldbook), read_table_value(kind, value)


def read_table_key(kind: Table, text: str, fieldbook: Fieldbook) -> str:
    """Return the key of a table that is meant by `text`; raises `Unclear`."""
    if kind.keys.startswith("to:"):
        return read_reference(kind.keys.removeprefix("to:"), text, fieldbook)
    return read_word(kind.keys, text) if kind.keys else clean(text, lines=False)


def read_table_value(kind: Table, text: str) -> str:
    """Return the value of a table that is meant by `text`; raises `Unclear`."""
    return read_word(kind.values, text) if kind.values else clean(text, lines=False)


def enter(form: Form, name: str, texts: Sequence[str], fieldbook: Fieldbook) -> None:
    """Enter `texts` into a field of `form`; raises `InvalidRecord` with the field's label in its message."""
    kind = form.model.kinds()[name]
    try:
        entered = read_entries(form, name, texts, fieldbook)
    except ValueError as error:
        raise InvalidRecord({name: f"{_(kind.label)}: {error}"}) from error
    form.set(name, entered)
    problem = form.problem(name) if isinstance(kind, Value | Text) else ""
    if problem:
        raise InvalidRecord({name: f"{_(kind.label)}: {problem}"})
