"""Preview: the record under the cursor of a list, as the pane beside the list shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from models.fields import Text
from models.i18n import _
from models.present import present, title_of
from models.records import record_class
from tui.show import shown

if TYPE_CHECKING:
    from models.present import Lookup
    from models.records import Document


def preview(document: Document, lookup: Lookup) -> Content:
    """Return title and filled-in fields of a document, labels muted and long texts below theirs, as text that carries no markup."""
    kinds = record_class(str(document.get("kind", ""))).kinds()
    parts: list[Content] = [shown(title_of(document, lookup)).stylize("bold"), Content("\n")]
    for name, kind in kinds.items():
        if not kind.derived and name in document and (text := present(kind, document[name], lookup)):
            label = shown(_(kind.label)).stylize("$text-muted")
            parts += [Content("\n"), label, Content("\n" if isinstance(kind, Text) else "  "), shown(text)]
    return Content("").join(parts)
