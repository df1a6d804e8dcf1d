"""The difference between file and fieldbook in German lines: counts for the question, names for the look behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.dates import show_date
from models.directory.region import counties, districts
from models.i18n import _
from models.present import present
from models.records import record_class
from models.text import clean, cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.directory.diff import Change, Difference
    from models.records import Document

_VALUE_WIDTH = 40


def summary(difference: Difference) -> list[str]:
    """Return the lines with region, edition and counts that stand above the question whether to apply it."""
    lines = []
    if difference.region:
        lines.append(_("Region: {name}").format(name=_region_name(difference.region)))
    if difference.edition:
        lines.append(_("Stand der Datei: {date}").format(date=show_date(difference.edition)))
    for kind, part in difference.parts():
        lines.append(
            _(
                "{many}: {new} neu, {changed} geändert, {gone} nicht mehr im Verzeichnis, {unchanged} unverändert"
            ).format(
                many=_(record_class(kind).about.many),
                new=len(part.new),
                changed=len(part.changed),
                gone=len(part.gone),
                unchanged=len(part.unchanged),
            )
        )
    if not difference:
        lines.append(_("Es gibt nichts zu übernehmen."))
    lines.extend(_("Achtung: {sentence}").format(sentence=sentence) for sentence in difference.doubts)
    lines.extend(_("Hinweis: {sentence}").format(sentence=sentence) for sentence in difference.warnings)
    return lines


def details(difference: Difference, limit: int = 100) -> list[str]:
    """Return one line for each record that is new (+), changed (~) or gone (−), at most `limit`, then how many more."""
    lines = list(_details(difference))
    if len(lines) > limit:
        rest = len(lines) - limit
        return [*lines[:limit], _("… und {count} weitere").format(count=rest)]
    return lines


def _details(difference: Difference) -> Iterator[str]:
    for kind, part in difference.parts():
        for document in part.new:
            title = str(document.get("short_name") or document.get("name", ""))
            yield _("+ {number} {title}: neu").format(number=document["number"], title=_one_line(title))
        for change in part.changed:
            texts = "; ".join(_field_texts(kind, change))
            yield _("~ {number} {title}: {changes}").format(
                number=change.number, title=_one_line(change.title), changes=texts
            )
        for change in part.gone:
            yield _("− {number} {title}: nicht mehr im Verzeichnis").format(
                number=change.number, title=_one_line(change.title)
            )


def _field_texts(kind: str, change: Change) -> Iterator[str]:
    kinds = record_class(kind).kinds()
    for field, (old, new) in change.fields.items():
        label = _(kinds[field].label) if field in kinds else field
        yield f"{label} {_value(kind, field, old)} → {_value(kind, field, new)}"


def _value(kind: str, field: str, value: Any) -> str:
    kinds = record_class(kind).kinds()
    if field == "in_directory":
        return _("ja") if value else _("nein")
    text = present(kinds[field], value, _Numbers()) if field in kinds else str(value)
    return _one_line(text) or _("leer")


class _Numbers:
    """Names nothing: a reference is shown by its number, which is what the file gives."""

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return None."""
        del kind, key
        return None


def _one_line(text: str) -> str:
    return cut(clean(text, lines=False), _VALUE_WIDTH)


def _region_name(key: str) -> str:
    for region in (*counties(), *districts()):
        if region.key == key:
            return f"{region.name} ({key})"
    return key
