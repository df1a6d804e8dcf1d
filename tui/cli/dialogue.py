"""Dialogue: asks for the fields of a form one by one in plain lines. Made for screen readers and for scripts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from models.answers import (
    SHOWN_OPTIONS,
    Option,
    Unclear,
    numbered_option,
    read_reference,
    read_tag,
    read_word,
    word_options,
)
from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text, is_empty
from models.forms import Form
from models.i18n import _
from models.present import item_text, present
from models.text import clean
from tui.cli.output import out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from models.fieldbook import Fieldbook

with suppress(ImportError):
    import readline  # noqa: F401 - where the system has it, `input` lets a line be edited with arrows

CLEAR = "-"
END = "."


def ask(question: str) -> str:
    """Return the line that is typed after `question`; raises `EOFError` where no more input comes."""
    return input(clean(question, lines=False) + " ")


def ask_yes(question: str, *, default: bool = False) -> bool:
    """Ask a question that is answered with j or n; an empty line and the end of input mean `default`."""
    mark = _("[J/n]") if default else _("[j/N]")
    try:
        answer = ask(f"{question} {mark}").strip().lower()
    except EOFError:
        out()
        return default
    return answer.startswith("j") if answer else default


class Dialogue:
    """Asks for fields of one form; `keep` is called after each answer, so that nothing typed is lost."""

    def __init__(self, form: Form, fieldbook: Fieldbook, keep: Callable[[], object] = lambda: None) -> None:
        """Fill in `form`; the records that it refers to are looked up in `fieldbook`."""
        self.form = form
        self._fieldbook = fieldbook
        self._keep = keep

    def ask_fields(self, names: Iterable[str]) -> None:
        """Ask for each of these fields that is to be shown."""
        for name in names:
            if self.form.visible(name):
                self.ask_field(name)

    def ask_field(self, name: str) -> None:
        """Ask for one field until what is entered can be read; Enter keeps what is there, "-" empties it."""
        kind = self.form.model.kinds()[name]
        match kind:
            case Choice():
                self._choice(name, kind)
            case Tags():
                self._set_of(name, kind, lambda text: read_tag(kind, text))
            case References():
                self._set_of(name, kind, lambda text: self._reference(kind.to, text))
            case Reference():
                self._line(name, kind, lambda text: self._reference(kind.to, text))
            case Items():
                self._entries(name, kind)
            case Table():
                self._pairs(name, kind)
            case Text():
                self._long_text(name, kind)
            case _:
                self._line(name, kind, lambda text: text)
        self._keep()

    # One answer

    def _question(self, name: str, kind: Kind) -> str:
        shown = present(kind, self.form.get(name), self._fieldbook)
        help_text = f" ({_(kind.help)})" if kind.help else ""
        now = f" [{shown}]" if shown else ""
        return f"{_(kind.label)}{help_text}{now}:"

    def _line(self, name: str, kind: Kind, read: Callable[[str], Any]) -> None:
        while True:
            text = ask(self._question(name, kind)).strip()
            if not text:
                return
            try:
                self.form.set(name, "" if text == CLEAR else read(text))
            except Unclear as error:
                self._say_unclear(error)
                continue
            problem = self.form.problem(name)
            if not problem:
                return
            out(problem)
            self.form.edits.pop(name, None)

    @staticmethod
    def _say_unclear(error: Unclear) -> None:
        if len(error.options) > SHOWN_OPTIONS:
            out(_("Das ist nicht dabei. Bitte die Nummer oder den Anfang eines Wortes."))
        else:
            out(str(error) or _("Bitte eine der Nummern."))

    def _choice(self, name: str, kind: Choice) -> None:
        options = word_options(kind.vocabulary)
        self._offer(kind, options)
        self._line(name, kind, lambda text: numbered_option(text, options) or read_word(kind.vocabulary, text))

    @staticmethod
    def _offer(kind: Kind, options: Sequence[Option]) -> None:
        out(_(kind.label) + ":")
        for number, (_key, label) in enumerate(options, 1):
            out(f"  {number} {label}")

    def _reference(self, to: str, text: str) -> str:
        try:
            return read_reference(to, text, self._fieldbook)
        except Unclear as error:
            if not error.options:
                raise
            return self._one_of(error.options)

    def _one_of(self, options: Sequence[Option]) -> str:
        for number, (_key, label) in enumerate(options, 1):
            out(f"  {number} {label}")
        picked = numbered_option(ask(_("Welcher Eintrag? Nummer:")), options)
        if picked is None:
            raise Unclear("")
        return picked

    # Several answers

    def _set_of(self, name: str, kind: Tags | References, read: Callable[[str], str]) -> None:
        options = word_options(kind.vocabulary) if isinstance(kind, Tags) and kind.vocabulary else []
        if options:
            self._offer(kind, options)
        chosen = set(self.form.get(name) or ())
        if chosen:
            out(_("Bisher: {values}").format(values=present(kind, sorted(chosen), self._fieldbook)))
        while text := ask(_("{label}, eins je Zeile, leer beendet:").format(label=_(kind.label))).strip():
            if text == CLEAR:
                chosen.clear()
                continue
            words = [text] if isinstance(kind, References) else text.split(",")
            for word in filter(None, map(str.strip, words)):
                try:
                    chosen.add(numbered_option(word, options) or read(word))
                except Unclear as error:
                    self._say_unclear(error)
        self.form.set(name, sorted(chosen))

    def _entries(self, name: str, kind: Items) -> None:
        model = kind.model
        entries = list(self.form.get(name) or [])
        for entry in entries:
            out("  - " + item_text(entry, kind, self._fieldbook))
        fields = [field for field, declared in model.kinds().items() if not declared.derived]
        while True:
            out(_("{label}, Zeile {number}; leer beendet.").format(label=_(kind.label), number=len(entries) + 1))
            inner = Form(model, {}, self.form.today)
            dialogue = Dialogue(inner, self._fieldbook)
            dialogue.ask_field(fields[0])
            if fields[0] not in inner.edits:
                break
            dialogue.ask_fields(fields[1:])
            entry, problems = inner.read()
            while entry is None:
                for field, text in problems.items():
                    out(text)
                    dialogue.ask_field(field)
                entry, problems = inner.read()
            entries.append(entry.document())
            self.form.set(name, entries.copy())
            self._keep()
        self.form.set(name, entries)

    def _pairs(self, name: str, kind: Table) -> None:
        pairs = dict(self.form.get(name) or {})
        keys = word_options(kind.keys) if kind.keys and not kind.keys.startswith("to:") else []
        values = word_options(kind.values) if kind.values else []
        if keys:
            self._offer(kind, keys)
        while text := ask(_("{label}, eins je Zeile, leer beendet:").format(label=_(kind.label))).strip():
            try:
                key = self._pair_key(kind, keys, text)
            except Unclear as error:
                self._say_unclear(error)
                continue
            if values:
                self._offer(kind, values)
            try:
                entered = ask(_("Wert:")).strip()
                value = numbered_option(entered, values) or (read_word(kind.values, entered) if values else entered)
            except Unclear as error:
                self._say_unclear(error)
                continue
            pairs[key] = value
        self.form.set(name, pairs)

    def _pair_key(self, kind: Table, keys: Sequence[Option], text: str) -> str:
        if kind.keys.startswith("to:"):
            return self._reference(kind.keys.removeprefix("to:"), text)
        return numbered_option(text, keys) or (read_word(kind.keys, text) if keys else clean(text, lines=False))

    def _long_text(self, name: str, kind: Text) -> None:
        before = self.form.get(name)
        if not is_empty(before):
            out(str(before))
        out(_("{label}: Text über mehrere Zeilen, Ende mit einer Zeile nur mit „.“").format(label=_(kind.label)))
        lines: list[str] = []
        while (line := ask(">").rstrip()) != END:
            if not line and not lines:
                return
            lines.append(line)
        text = "\n".join(lines)
        if text:
            self.form.set(name, "" if text == CLEAR else text)
