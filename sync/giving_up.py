"""Giving up: what a person does with edits that the server refused and that are not worth mending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.i18n import _
from models.jsonl import with_private_of
from models.records import record_class

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


def give_up(fieldbook: Fieldbook, record_id: str) -> bool:
    """Take the server's state of a record back, in one commit that `undo` takes back; raises `NotFound`.

    Edits of private fields stay: no server has another state of these. Returns whether the record is still there: one
    that no server ever took is gone.
    """
    with fieldbook.alone():
        before = fieldbook.document(record_id)
        base = fieldbook.base(record_id)
        one = _(record_class(str(before.get("kind", ""))).about.one)
        after = with_private_of(base, before) if base is not None else None
        fieldbook.put_back(record_id, after, _("Aufgegeben: {one}").format(one=one))
        return after is not None and not after.get("deleted_at")
