"""Catalogues: the versioned matrices against which schools and authorities are assessed, from fixtures/catalogues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from models.errors import NotFound
from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL_LEVELS = 3
MOST_LEVELS = 4
"""The highest level that any catalogue has, the goal beyond the named levels included."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its goal and the texts of its levels, lowest first."""

    id: str
    title: str
    goal: str
    levels: tuple[str, ...]
    goal_beyond_top: bool = False

    @property
    def top(self) -> int:
        """The highest level that can be given: one more than there are texts where the goal asks for more."""
        return len(self.levels) + self.goal_beyond_top

    def text(self, level: int) -> str:
        """Return what `level` (1 …) means here: its text, the goal for the level beyond, nothing for any other."""
        if 1 <= level <= len(self.levels):
            return self.levels[level - 1]
        return self.goal if self.goal_beyond_top and level == self.top else ""


@dataclass(frozen=True, slots=True)
class Section:
    """Criteria under one heading, with one comment of their own; `group` is a heading over several sections."""

    id: str
    title: str
    criteria: tuple[Criterion, ...]
    group: str = ""

    @property
    def heading(self) -> str:
        """The title with its group in front."""
        return f"{self.group} · {self.title}" if self.group else self.title


@dataclass(frozen=True)
class Catalogue:
    """One version of a matrix. `levels` names the levels, lowest first; `subject` is school or authority.

    `known` is False for one that was put together from an assessment because this program does not ship its version.
    """

    id: str
    version: str
    title: str
    subject: str
    levels: tuple[str, ...]
    sections: tuple[Section, ...]
    goal_label: str = "Zielbild"
    language: str = "de"
    known: bool = True

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the matrix."""
        return tuple(criterion for section in self.sections for criterion in section.criteria)

    @cached_property
    def age(self) -> list[tuple[int, str]]:
        """What versions are ordered by, older ones first: "2026.10" is newer than "2026.9"."""
        return [(int(digits or 0), other) for digits, other in re.findall(r"(\d+)|([^\d.]+)", self.version)]

    @cached_property
    def _by_id(self) -> dict[str, tuple[Section, Criterion]]:
        return {criterion.id: (section, criterion) for section in self.sections for criterion in section.criteria}

    def criterion(self, criterion_id: str) -> Criterion | None:
        """Return the criterion with this id, None where this version has none."""
        found = self._by_id.get(criterion_id)
        return found[1] if found else None

    def section_of(self, criterion_id: str) -> Section | None:
        """Return the section that holds the criterion, None where this version has no such criterion."""
        found = self._by_id.get(criterion_id)
        return found[0] if found else None

    def level_name(self, level: int) -> str:
        """Return what `level` (1 …) is called; the level above all names is the goal reached."""
        if 1 <= level <= len(self.levels):
            return self.levels[level - 1]
        return _("{goal} erreicht").format(goal=self.goal_label)


def load_catalogue(catalogue_id: str, version: str | None = None) -> Catalogue:
    """Return one version of a catalogue, the newest where none is named; raises NotFound, CatalogueDamaged."""
    versions = _shipped().get(catalogue_id, ())
    for catalogue in versions:
        if not version or catalogue.version == version:
            return catalogue
    if versions:
        unknown = _("Die Fassung {version} des Katalogs „{title}“ ist hier unbekannt. Bitte Feldbuch erneuern.")
        raise NotFound(unknown.format(version=version, title=versions[0].title))
    raise NotFound(_("Der Katalog „{id}“ ist hier unbekannt. Bitte Feldbuch erneuern.").format(id=catalogue_id))


def catalogues() -> tuple[Catalogue, ...]:
    """Return every shipped version of every catalogue, by id, newest version first; raises CatalogueDamaged."""
    return tuple(catalogue for versions in _shipped().values() for catalogue in versions)


def catalogue_for(subject: str) -> Catalogue:
    """Return the catalogue that a new assessment of a `subject` (school, authority) uses; raises NotFound."""
    for versions in _shipped().values():
        if versions[0].subject == subject:
            return versions[0]
    raise NotFound(_("Für diese Art von Stelle gibt es noch keinen Katalog."))


def catalogue_of(assessment: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue of an assessment document; where its version is unknown, one made of its own ratings.

    An assessment without a version is read with the newest one.
    """
    catalogue_id, version = str(assessment.get("catalogue") or ""), str(assessment.get("catalogue_version") or "")
    try:
        return load_catalogue(catalogue_id, version)
    except NotFound:
        return unknown_catalogue(assessment)


def unknown_catalogue(assessment: Mapping[str, Any]) -> Catalogue:
    """Return a catalogue without texts in which an assessment against an unknown version can still be read.

    A criterion that another version of the same catalogue has keeps its title; any other one is called by its id.
    Comments on unknown sections get a section without criteria.
    """
    catalogue_id = str(assessment.get("catalogue") or "")
    used = (assessment.get(name) or {} for name in ("ratings", "targets", "evidence", "criterion_comments"))
    ids = dict.fromkeys(criterion_id for table in used for criterion_id in table)
    titles = {
        criterion.id: criterion.title
        for catalogue in reversed(_shipped().get(catalogue_id, ()))
        for criterion in catalogue.criteria
    }
    beyond = {
        criterion_id
        for name in ("ratings", "targets")
        for criterion_id, entry in (assessment.get(name) or {}).items()
        if isinstance(entry, dict) and entry.get("level") == MOST_LEVELS
    }
    nothing = ("",) * USUAL_LEVELS
    criteria = tuple(Criterion(each, titles.get(each, each), "", nothing, each in beyond) for each in ids)
    comments = assessment.get("comments") or {}
    return Catalogue(
        id=catalogue_id,
        version=str(assessment.get("catalogue_version") or ""),
        title=_("Bestandsaufnahme nach unbekanntem Katalog"),
        subject=str(assessment.get("subject_type") or "school"),
        levels=tuple(_("Stufe {level}").format(level=level) for level in range(1, USUAL_LEVELS + 1)),
        sections=(
            Section("", _("Kriterien"), criteria),
            *(Section(section_id, section_id, ()) for section_id in comments),
        ),
        goal_label=_("Zielbild"),
        known=False,
    )


@cache
def _shipped() -> dict[str, tuple[Catalogue, ...]]:
    """Return id → versions, newest first."""
    from models.catalogue_file import read_catalogues  # noqa: PLC0415 - only a program that shows a matrix pays for it

    folder = files("fixtures").joinpath("catalogues")
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    found: dict[str, list[Catalogue]] = {}
    for catalogue in read_catalogues(texts):
        found.setdefault(catalogue.id, []).append(catalogue)
    return {name: tuple(sorted(found[name], key=lambda each: each.age, reverse=True)) for name in sorted(found)}
