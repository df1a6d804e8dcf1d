"""The regions of NRW: a Kreis, a kreisfreie Stadt or a Regierungsbezirk, found by its key or its name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from models.errors import UsageError
from models.i18n import _
from models.text import clean, cut, fold
from models.vocabulary import vocabulary

STATE = "05"
"""The first two digits of each Gemeindeschlüssel in Nordrhein-Westfalen."""

_SHOWN_CANDIDATES = 8


class Region(NamedTuple):
    """A region: its name and how its Gemeindeschlüssel begin (three digits for a Regierungsbezirk, else five)."""

    key: str
    name: str


@cache
def counties() -> tuple[Region, ...]:
    """Return the 53 Kreise and kreisfreie Städte in the order of their keys."""
    import tomllib  # noqa: PLC0415 - only who chooses a region pays for the parser

    raw = tomllib.loads(files("fixtures").joinpath("counties.toml").read_text(encoding="utf-8"))
    return tuple(Region(key, entry["name"]) for key, entry in sorted(raw.items()))


def districts() -> tuple[Region, ...]:
    """Return the five Regierungsbezirke; their keys have three digits."""
    words = vocabulary("district")
    return tuple(Region(STATE + code, words.label(code)) for code in words)


def find_region(text: str) -> Region:
    """Return the region that `text` means: a key, a name, or the beginning of a name or of a word in it.

    "Gütersloh" is enough for "Kreis Gütersloh", and "guetersloh" too. Raises UsageError where no region or more than
    one fits, with the candidates.
    """
    wanted = " ".join(fold(text).split())
    every = counties() + districts()
    for tier in (_same, _begins, _word_begins):
        found = [region for region in every if wanted and tier(region, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{region.name} ({region.key})" for region in found[:_SHOWN_CANDIDATES])
            more = _(" und {count} weitere").format(count=len(found) - _SHOWN_CANDIDATES)
            raise UsageError(
                _("„{text}“ ist nicht eindeutig: {names}. Bitte genauer angeben.").format(
                    text=_quoted(text), names=names + (more if len(found) > _SHOWN_CANDIDATES else "")
                )
            )
    raise UsageError(
        _("„{text}“ ist keine Region in NRW. Möglich ist etwa Kreis Gütersloh, Dortmund oder 05754.").format(
            text=_quoted(text)
        )
    )


def region_of(municipality_key: str) -> Region | None:
    """Return the Kreis or kreisfreie Stadt that a Gemeindeschlüssel lies in; None outside NRW."""
    return next((region for region in counties() if municipality_key.startswith(region.key)), None)


def _quoted(text: str) -> str:
    return cut(clean(text, lines=False), 40)


def _core(region: Region) -> str:
    """Return the folded name without what kind of region it is."""
    name = fold(region.name)
    for word in ("kreis ", "staedteregion "):
        name = name.removeprefix(word)
    return name


def _same(region: Region, wanted: str) -> bool:
    return wanted in (region.key, fold(region.name), _core(region), "stadt " + fold(region.name))


def _begins(region: Region, wanted: str) -> bool:
    return fold(region.name).startswith(wanted) or _core(region).startswith(wanted)


def _word_begins(region: Region, wanted: str) -> bool:
    words = fold(region.name).replace("-", " ").split()
    return any(word.startswith(wanted) for word in words)
