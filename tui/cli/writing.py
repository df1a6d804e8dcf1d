"""Writing: the commands `add` and `edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from models.answers import enter, numbered_option
from models.errors import FeldbuchError, InvalidRecord, NotFound, UsageError
from models.fields import is_empty
from models.forms import Form
from models.i18n import _
from models.naming import find_field, find_kind, find_record
from models.present import full_title, present, title_of
from models.records import CONFLICT, KINDS, record_class
from models.records.base import new_id
from models.rules.consequences import consequences
from models.rules.prefill import prefilled
from tui.cli.dialogue import Dialogue, ask, ask_yes
from tui.cli.output import complain, out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.fieldbook import Fieldbook
    from models.fields import Kind
    from models.records import Document, Record


def add_record(fieldbook: Fieldbook, kind_name: str, given: Mapping[str, Sequence[str]]) -> int:
    """Make a record of a kind from `given` (field → texts) and from answers; required fields are asked for first.

    Where everything required was given, nothing is asked. What was answered stays as a draft until it is saved.
    """
    kind = find_kind(kind_name)
    if not record_class(kind).about.new:
        raise UsageError(_("Konflikte entstehen beim Abgleich; anlegen lässt sich keiner."))
    named = {find_field(record_class(kind), name): texts for name, texts in given.items()}
    work = Work(fieldbook, kind, new_id())
    draft = None if named else _draft_to_go_on(fieldbook, kind)
    if draft is not None:
        work.go_on(draft)
    for name, texts in named.items():
        work.enter(name, texts)
    work.prefill()
    asked = not named or work.lacks_something()
    return work.finish(work.required() if asked else (), more=asked)


def _draft_to_go_on(fieldbook: Fieldbook, kind: str) -> Document | None:
    draft = next(
        (draft for draft in fieldbook.drafts() if draft["kind"] == kind and not _stored(fieldbook, draft)), None
    )
    if draft is None:
        return None
    question = _("Es gibt einen Entwurf „{title}“. Weiterschreiben?").format(title=draft["title"])
    return draft if ask_yes(question, default=True) else None


def _stored(fieldbook: Fieldbook, draft: Document) -> bool:
    return fieldbook.by_key(str(draft["kind"]), str(draft["id"])) is not None


def edit_record(fieldbook: Fieldbook, name: str, given: Mapping[str, Sequence[str]]) -> int:
    """Change fields of one record: those in `given`, else those that are named when asked."""
    document = _editable(find_record(fieldbook, name))
    work = Work(fieldbook, str(document["kind"]), document["id"], document)
    draft = fieldbook.draft(document["id"])
    if draft is not None and not given:
        question = _("Es gibt einen Entwurf dazu. Weiterschreiben?")
        if ask_yes(question, default=True):
            work.go_on(draft)
    for field, texts in given.items():
        work.enter(find_field(work.form.model, field), texts)
    if given:
        return work.finish((), more=False)
    out(full_title(document, fieldbook))
    return work.guarded(work.ask_which)


def _editable(document: Document) -> Document:
    if document.get("kind") not in KINDS:
        raise UsageError(_("Diesen Eintrag schrieb eine neuere Version; ändern lässt er sich hier nicht."))
    if document.get("deleted_at"):
        raise NotFound(_("Dieser Eintrag ist gelöscht."))
    if document["kind"] == CONFLICT:
        raise UsageError(_("Einen Konflikt entscheidet „feldbuch resolve“."))
    return document


class Work:
    """One record while it is written on the command line, with its draft."""

    def __init__(self, fieldbook: Fieldbook, kind: str, record_id: str, stored: Document | None = None) -> None:
        """Begin a new record, or change the `stored` one."""
        self._fieldbook = fieldbook
        self._stored = stored
        self._id = record_id
        self._kind = kind
        self._answered: set[str] = set()
        document = stored or {"id": record_id, "kind": kind}
        self.form = Form(record_class(kind), document, fieldbook.clock.today())
        self._dialogue = Dialogue(self.form, fieldbook, self._keep)

    def go_on(self, draft: Document) -> None:
        """Take over what was entered into a draft, and its id."""
        self._id = str(draft["id"])
        self.form.document = {**self.form.document, "id": self._id}
        for name, entered in draft["values"].items():
            if name in self.form.model.kinds():
                self.form.set(name, entered)
                self._answered.add(name)

    def enter(self, name: str, texts: Sequence[str]) -> None:
        """Enter `texts` into a field; raises `InvalidRecord`."""
        enter(self.form, name, texts, self._fieldbook)
        self._answered.add(name)

    def prefill(self) -> None:
        """Fill in what follows from the answers so far; what was answered stays as it is."""
        if self._stored is not None:
            return
        document = self.form.document
        own = {"id": self._id, "kind": self._kind}
        kept = {name: document[name] for name in self._answered if name in document and name not in self.form.edits}
        derived = prefilled(self._kind, {**kept, **self._understood()}, self._fieldbook)
        fresh = {name: value for name, value in derived.items() if name not in self._answered}
        self.form.document = {**own, **fresh, **kept}

    def _understood(self) -> Document:
        readable = Form(self.form.model, {}, self.form.today)
        for name, entered in self.form.edits.items():
            if not self.form.problem(name):
                readable.set(name, entered)
        return readable.result()

    def required(self) -> list[str]:
        """Return the fields that must be filled in and were not answered yet, in their order."""
        fields = self.form.model.model_fields
        return [
            name
            for name, kind in self.form.fields()
            if name not in self._answered and (fields[name].is_required() or self._needed(kind))
        ]

    def lacks_something(self) -> bool:
        """Tell whether a field that must be filled in is empty."""
        return any(is_empty(self.form.get(name)) for name in self.required())

    def _needed(self, kind: Kind) -> bool:
        return kind.needed_when is not None and self.form.get(kind.needed_when[0]) in kind.needed_when[1]

    def finish(self, required: Sequence[str], *, more: bool) -> int:
        """Ask for the `required` fields, for the others if `more` is wanted, and save."""

        def work() -> int:
            self._dialogue.ask_fields(required)
            self._answered.update(required)
            self.prefill()
            if more and ask_yes(_("Weitere Angaben?")):
                self._dialogue.ask_fields(name for name, _kind in self.form.fields() if name not in self._answered)
            return self.save(ask_again=more)

        return self.guarded(work)

    def ask_which(self) -> int:
        """Let fields be named and changed until an empty line, and save."""
        names = [name for name, _kind in self.form.fields() if self.form.visible(name)]
        kinds = self.form.model.kinds()
        for number, name in enumerate(names, 1):
            shown = present(kinds[name], self.form.get(name), self._fieldbook)
            out(f"  {number} {_(kinds[name].label)}" + (f": {shown}" if shown else ""))
        options = [(name, "") for name in names]
        while text := ask(_("Welche Angabe ändern? Nummer oder Name, leer speichert:")).strip():
            try:
                field = numbered_option(text, options) or find_field(self.form.model, text)
            except UsageError as error:
                out(str(error))
                continue
            self._dialogue.ask_field(field)
        return self.save(ask_again=True)

    def save(self, *, ask_again: bool) -> int:
        """Save the record and what comes with it; what is wrong is asked for again, or raised as `InvalidRecord`."""
        record, problems = self.form.read()
        while record is None:
            asked = [name for name in problems if not self.form.model.kinds()[name].derived]
            if not ask_again or not asked:
                raise InvalidRecord(problems)
            for name in asked:
                out(problems[name])
                self._dialogue.ask_field(name)
            record, problems = self.form.read()
        for text in self.form.remarks().values():
            out(_("Hinweis: {text}").format(text=text))
        self._store(cast("Record", record))
        return 0

    def _store(self, record: Record) -> None:
        fieldbook = self._fieldbook
        with fieldbook.batch(_(record.about.one)):
            saved = fieldbook.save(record)
            others = [fieldbook.save(other) for other in consequences(record, self._stored, fieldbook)]
        fieldbook.drop_draft(self._id)
        out(_("Gespeichert: {title}").format(title=full_title(saved.document(), fieldbook)))
        out(_("Kennung: {id}").format(id=saved.id))
        for other in others:
            out(_("Dazu angelegt: {title}").format(title=full_title(other.document(), fieldbook)))

    def guarded(self, work: Any) -> int:
        """Return what `work` returns; where it is broken off, what was entered stays as a draft and that is said."""
        try:
            code: int = work()
        except (EOFError, KeyboardInterrupt) as error:
            kept = self._keep()
            out()
            if kept:
                complain(_("Noch nicht gespeichert. Der Entwurf liegt im Feldbuch."))
            if isinstance(error, EOFError):
                raise FeldbuchError(_("Die Eingabe endete, bevor alles Nötige da war.")) from error
            raise
        return code

    def _keep(self) -> bool:
        if not self.form.edits:
            return False
        entered = {name: self.form.get(name) for name in self._prefilled_names()} | self.form.edits
        title = title_of({**self.form.document, **self._understood(), "kind": self._kind}, self._fieldbook)
        self._fieldbook.save_draft(self._id, self._kind, entered, title)
        return True

    def _prefilled_names(self) -> list[str]:
        if self._stored is not None:
            return []
        return [name for name, _kind in self.form.fields() if name in self.form.document]
