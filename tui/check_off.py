"""Checking off: one open task is done, whatever record it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.rules.tasks import done

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.records import Record
    from models.rules.tasks import OpenTask


def check_off(fieldbook: Fieldbook, task: OpenTask) -> Record:
    """Save that `task` is done. Its record is read only now: others of its tasks may just have been done."""
    return fieldbook.save(done(fieldbook.get(task.record), task.item, fieldbook.clock.today()))
