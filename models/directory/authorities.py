"""Schulträger of the directory, which gives only their numbers: names come from their schools or a companion file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.records.base import Document

PUBLIC = "1"
"""Rechtsform öffentlich; 2 is a private Ersatzschule. Source: key_rechtsform.csv."""

_NAMED_PLACES = 2


def derived_authorities(schools: Iterable[Document]) -> list[Document]:
    """Return one authority for each number that a school names, in the order of the numbers.

    `name`, `authority_kind` and `place` are guesses from the schools: a public authority with its most frequent places
    first, a private one with its number.
    """
    places: dict[str, dict[str, int]] = {}
    balance: dict[str, int] = {}
    for school in schools:
        number = school.get("authority")
        if number:
            place = school["place"]
            counts = places.setdefault(number, {})
            counts[place] = counts.get(place, 0) + 1
            balance[number] = balance.get(number, 0) + (1 if school.get("legal_form", PUBLIC) == PUBLIC else -1)
    numbers = sorted(places, key=lambda number: (len(number), number))
    found = [_derived(number, places[number], public=balance[number] >= 0) for number in numbers]
    names = Counter(authority["name"] for authority in found)
    for authority in found:
        if names[authority["name"]] > 1:  # a town and its Kreis, for example, may have schools in the same places
            authority["name"] = f"{authority['name']} ({authority['number']})"
    return found


def _derived(number: str, places: Mapping[str, int], *, public: bool) -> Document:
    ordered = sorted(filter(None, places), key=lambda place: (-places[place], place))
    if public:
        named = ", ".join(ordered[:_NAMED_PLACES]) or number
        more = _(" u. a.") if len(ordered) > _NAMED_PLACES else ""
        name = _("Schulträger {places}").format(places=named) + more
    else:
        name = ", ".join([_("Freier Träger {number}").format(number=number), *ordered[:1]])
    return {
        "kind": "authority",
        "number": number,
        "name": name,
        "authority_kind": "kommune" if public else "privat",
        "place": ordered[0] if ordered else "",
        "in_directory": True,
    }


def enriched(
    authorities: Iterable[Document], official: Mapping[str, Document]
) -> tuple[list[Document], frozenset[str]]:
    """Return the authorities with names and addresses from the Schulträger file, and the numbers it knows.

    Leading zeros of a number do not count.
    """
    by_digits = {number.lstrip("0"): document for number, document in official.items()}
    found = [
        {**authority, **by_digits.get(authority["number"].lstrip("0"), {}), "number": authority["number"]}
        for authority in authorities
    ]
    return found, frozenset(one["number"] for one in found if one["number"].lstrip("0") in by_digits)
