"""Hostile text: twenty payloads, records of every kind that carry one in every text, and what no screen may show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING, Any

from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text
from models.forms import value_type
from models.records import KINDS, record_class
from models.store import Change
from models.text import clean
from models.vocabulary import vocabularies, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.fields import FieldInfo
    from textual.app import App

    from models.fieldbook import Fieldbook
    from models.records import Document
    from models.records.base import Cleaned

PAYLOADS = {
    "escape": "ESC\x1b[31mrot\x1b[2Jleer",
    "c1": "C1\x9b2Jx\x85y\x90z",
    "nul": "NUL\x00x\x01y\x7fz",
    "title": "OSC\x1b]0;PWNED-TITLE\x07x",
    "clipboard": "OSC\x1b]52;c;UFdORUQ=\x07x",
    "string terminator": "DCS\x1bP+q544e\x1b\\x\x9d0;PWNED\x9c",
    "action": "[@click=app.exit]PWNED[/]",
    "bell action": "[@click=app.bell]x[/]",
    "closing tag": "Termin [/nope] und [/]",
    "bold": "[bold]fett[/bold] [red]rot",
    "brackets": "Termin [Mo] 8 Uhr [link=x]",
    "variable": "$primary {0} %s {name} ${x}",
    "bidi": "links\u202etfel\u2066x\u2069\u200fy",
    "zero width": "un\u200bsicht\u200dbar\ufeff\u2060x\u00ad",
    "surrogate": "halb\ud83dx\udc00y\ue000z",
    "combining": "z" + "\u0301\u0489\u0336" * 60 + "a",
    "line ends": "eins\nzwei\r\ndrei\u2028vier\x0bfünf\x0csechs",
    "long": "lang" * 2500,
    "emoji": "👩‍👩‍👧‍👦 ✌🏽 ❤️ 🇩🇪 é é ｗｉｄｅ",
    "quotes": "'; DROP TABLE--\\x1b \\u001b <b>&amp;\"`\t=1+1",
}

Take = Callable[[], str]
"""Gives the next payload."""

KEYS = {"school": "100001", "authority": "10100"}
"""What others refer to these by; all other kinds by the id of their first record."""


def storable(payload: str) -> str:
    """Return a payload without what JSON in UTF-8 cannot hold at all."""
    return payload.encode("utf-8", "replace").decode("utf-8")


def hostile_documents(texts: Sequence[str]) -> list[Document]:
    """Return two documents of each kind, one of them keeping to the vocabularies; their texts take `texts` in turn."""
    take = cycle(texts).__next__
    return [_document(kind, take, strict) for kind in KINDS for strict in (False, True)]


def _document(kind: str, take: Take, strict: bool) -> Document:
    model = record_class(kind)
    number = "2" if strict else "1"
    document: Document = {"kind": kind, "id": f"{kind}{number}", f"neu {take()[:20]}": {take(): [take()]}}
    document |= _values(model, take, strict)
    for name in ("deleted_at", "delete_reason", "rev", "schema_version", "confidentiality"):
        document.pop(name, None)
    if kind in KEYS:
        document["number"] = KEYS[kind][:-1] + number if strict else KEYS[kind]
    if kind == "assessment":
        document["catalogue"] = "schule"
    return document


def _values(model: type[Cleaned], take: Take, strict: bool) -> Document:
    kinds = model.kinds().items()
    return {n: _value(k, model.model_fields[n], take, strict) for n, k in kinds if n not in ("id", "kind")}


def _value(kind: Kind, info: FieldInfo, take: Take, strict: bool) -> Any:
    match kind:
        case Choice(vocabulary=words):
            return next(iter(vocabulary(words))) if strict else take()
        case Tags(vocabulary=words):
            return [*list(vocabulary(words))[:2], *([] if strict else [take()])] if words else [take()]
        case Reference(to=to):
            return _key(to.split()[0]) if strict else take()
        case References(to=to):
            return [_key(to.split()[0]), take()]
        case Items(model=model):
            return [{"id": "e1", **_values(model, take, strict)}, {"id": "e2", **_values(model, take, True)}]
        case Table(keys=keys, values=values):
            known = next(iter(vocabulary(keys))) if keys in vocabularies() else "a1"
            if "Any" in str(info.annotation):
                return {known: {"level": 1}, take(): {"level": 1, "due": take()}}
            return {known: next(iter(vocabulary(values))) if values and strict else take(), take(): take()}
        case Text():
            return f"{take()}\n{take()}"
        case _:
            return _plain(value_type(info), take)


def _plain(wanted: type, take: Take) -> Any:
    if wanted is str:
        return take()
    return {bool: True, int: 3, float: 2.5, dt.date: "2026-11-24", dt.time: "09:30"}[wanted]


def _key(kind: str) -> str:
    return KEYS.get(kind, f"{kind}1")


def put_unclean(fieldbook: Fieldbook, documents: list[Document]) -> None:
    """Write documents behind the fieldbook's back, as a damaged or foreign program would; open it again to see them."""
    fieldbook._store.commit([Change("records", document["id"], document) for document in documents])


def assert_harmless(app: App[Any], where: str) -> str:
    """Fail where the screen holds a character that a terminal obeys or hides, or a part that runs an action.

    Returns the text of the screen.
    """
    lines = []
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert not segment.control, f"{where}: control segment {segment!r}"
            assert clean(segment.text) == segment.text, f"{where}: {segment.text!r}"
            assert segment.text.count("\n") == 0, f"{where}: {segment.text!r}"
            meta = segment.style.meta if segment.style is not None else {}
            assert not [key for key in meta if key in ("@click", "link")], f"{where}: {segment.text!r} runs {meta}"
        lines.append(strip.text.rstrip())
    return "\n".join(lines)
