"""Catalogue files: a TOML text becomes a `Catalogue`, or a German sentence that says where the file is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from models.catalogue import MOST_LEVELS, Catalogue, Criterion, Section
from models.errors import FeldbuchError
from models.i18n import _
from models.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUBJECTS = ("school", "authority")
FEWEST_LEVELS = 2


class CatalogueDamaged(FeldbuchError):
    """A catalogue file cannot be used; `file` is its name without `.toml`."""

    def __init__(self, file: str, problem: str) -> None:
        self.file = file
        self.problem = problem
        super().__init__(
            _("Der Katalog „{file}“ ist nicht lesbar: {problem} Die Bestandsaufnahmen bleiben unverändert.").format(
                file=clean(file, lines=False), problem=problem
            )
        )


def read_catalogues(texts: Mapping[str, str]) -> tuple[Catalogue, ...]:
    """Return the catalogues of several files (name without `.toml` → text); raises CatalogueDamaged.

    A file is called `<id>` or `<id>-<version>`, so that several versions stand side by side.
    """
    found: dict[tuple[str, str], Catalogue] = {}
    for name in sorted(texts):
        catalogue = read_catalogue(texts[name], name)
        key = catalogue.id, catalogue.version
        if key in found:
            raise CatalogueDamaged(name, _("Diese Fassung gibt es schon in einer anderen Datei."))
        found[key] = catalogue
    return tuple(found.values())


def read_catalogue(text: str, name: str) -> Catalogue:
    """Return the catalogue that the TOML `text` of the file `name` holds; raises CatalogueDamaged."""
    import tomllib  # noqa: PLC0415 - the parser costs time only where a matrix is shown

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueDamaged(name, _("Kein gültiges TOML ({detail}).").format(detail=clean(str(error)))) from error
    return _Reader(name).catalogue(raw)


class _Reader:
    """Reads one file's tables; every complaint names the place."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ids: set[str] = set()

    def catalogue(self, raw: dict[str, Any]) -> Catalogue:
        place = _("Kopf")
        self._only(raw, ("id", "version", "title", "subject", "language", "levels", "goal_label", "sections"), place)
        catalogue_id, version = self._text(raw, "id", place), self._text(raw, "version", place)
        if self._name not in (catalogue_id, f"{catalogue_id}-{version}"):
            self._fail(_("Der Dateiname passt nicht zu Kennung und Fassung."))
        subject = self._text(raw, "subject", place)
        if subject not in SUBJECTS:
            self._fail(_("„subject“ muss school oder authority sein."))
        names = self._texts(raw, "levels", place)
        if not FEWEST_LEVELS <= len(names) <= MOST_LEVELS:
            self._fail(_("Ein Katalog hat zwei bis vier Stufen."))
        sections = tuple(self._section(entry, len(names)) for entry in self._tables(raw, "sections", place))
        return Catalogue(
            id=catalogue_id,
            version=version,
            title=self._text(raw, "title", place),
            subject=subject,
            levels=names,
            sections=sections,
            goal_label=self._text(raw, "goal_label", place) if "goal_label" in raw else _("Zielbild"),
            language=self._text(raw, "language", place) if "language" in raw else "de",
        )

    def _section(self, raw: dict[str, Any], levels: int) -> Section:
        place = _("Abschnitt „{id}“").format(id=clean(str(raw.get("id", "?")), lines=False))
        self._only(raw, ("id", "title", "group", "criteria"), place)
        section_id = self._new_id(raw, place, "section")
        criteria = tuple(self._criterion(entry, levels) for entry in self._tables(raw, "criteria", place))
        group = self._text(raw, "group", place) if "group" in raw else ""
        return Section(section_id, self._text(raw, "title", place), criteria, group)

    def _criterion(self, raw: dict[str, Any], levels: int) -> Criterion:
        place = _("Kriterium „{id}“").format(id=clean(str(raw.get("id", "?")), lines=False))
        self._only(raw, ("id", "title", "goal", "goal_beyond_top", "levels"), place)
        criterion_id = self._new_id(raw, place, "criterion")
        texts = self._texts(raw, "levels", place)
        if len(texts) != levels:
            self._fail(_("{place}: Es braucht genau {count} Stufentexte.").format(place=place, count=levels))
        beyond = raw.get("goal_beyond_top", False)
        if not isinstance(beyond, bool) or levels + beyond > MOST_LEVELS:
            self._fail(_("{place}: „goal_beyond_top“ passt nicht.").format(place=place))
        return Criterion(criterion_id, self._text(raw, "title", place), self._text(raw, "goal", place), texts, beyond)

    def _new_id(self, raw: dict[str, Any], place: str, kind: str) -> str:
        found = self._text(raw, "id", place)
        key = f"{kind} {found}"
        if key in self._ids:
            self._fail(_("{place}: Die Kennung ist doppelt.").format(place=place))
        self._ids.add(key)
        return found

    def _only(self, raw: dict[str, Any], allowed: tuple[str, ...], place: str) -> None:
        # A slip such as goal_beyond_topp would otherwise take a level away without a word.
        for key in raw:
            if key not in allowed:
                self._fail(_("{place}: „{key}“ ist unbekannt.").format(place=place, key=clean(key, lines=False)))

    def _text(self, raw: dict[str, Any], key: str, place: str) -> str:
        value = raw.get(key)
        if not isinstance(value, str) or not value.strip():
            self._fail(_("{place}: „{key}“ fehlt oder ist kein Text.").format(place=place, key=key))
        return clean(value, lines=False)

    def _texts(self, raw: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
        values = raw.get(key)
        if not isinstance(values, list) or not all(isinstance(each, str) and each.strip() for each in values):
            self._fail(_("{place}: „{key}“ muss eine Liste von Texten sein.").format(place=place, key=key))
        return tuple(clean(each, lines=False) for each in values)

    def _tables(self, raw: dict[str, Any], key: str, place: str) -> Iterator[dict[str, Any]]:
        values = raw.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(each, dict) for each in values):
            self._fail(_("{place}: „{key}“ fehlt oder ist leer.").format(place=place, key=key))
        yield from values

    def _fail(self, problem: str) -> NoReturn:
        raise CatalogueDamaged(self._name, problem)
