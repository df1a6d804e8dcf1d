"""Data: the fieldbooks that are measured, written once a day and then used again."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from fixtures.demo import demo_documents
from models.clock import SystemClock
from models.fieldbook import Fieldbook
from tests.bench.places import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from models.records import Document

SCHOOLS = 5507
"""As many schools and authorities as the official directory of North Rhine-Westphalia names."""

LISTED = 100_000


def empty() -> Path:
    """Return a fieldbook that was set up and holds nothing."""
    return _kept("leer", lambda: ())


def demo() -> Path:
    """Return the demo region as it comes."""
    return _kept("demo", lambda: demo_documents(_today()))


def with_records(count: int) -> Path:
    """Return the demo region with so many records."""
    return _kept(f"{count}", lambda: demo_documents(_today(), records=count))


def with_rows() -> Path:
    """Return a fieldbook whose list of visits and consultations has 100,000 rows."""
    return _kept("liste", _many_rows)


def with_schools() -> Path:
    """Return a fieldbook with as many schools as the state has."""
    return _kept("schulen", many_schools)


def _today() -> date:
    """Return the day that the measured program will take for today."""
    return SystemClock().today()


def _many_rows() -> Iterator[Document]:
    listed = 0
    for document in demo_documents(_today(), records=2 * LISTED):
        is_listed = document["kind"] in ("visit", "consultation")
        if is_listed or listed == 0:
            yield document
        listed += is_listed
        if listed == LISTED:
            return


def many_schools() -> Iterator[Document]:
    """Yield 5,507 schools: names of the demo region's schools, each in many of its places."""
    region = list(demo_documents(_today()))
    yield from (document for document in region if document["kind"] in ("adviser", "authority"))
    schools = [document for document in region if document["kind"] == "school"]
    for number in range(SCHOOLS):
        named, placed = schools[number % len(schools)], schools[number // len(schools) % len(schools)]
        own, other = str(named["place"]), str(placed["place"])
        key = str(100_000 + number)
        yield {
            **named,
            "id": f"bench-school-{key}",
            "number": key,
            "place": other,
            "name": str(named["name"]).replace(own, other),
            "short_name": str(named["short_name"]).replace(own, other),
        }


def _kept(name: str, documents: Callable[[], Iterable[Document]]) -> Path:
    """Return the fieldbook of this name; it is written where today's is not there yet, as its dates refer to today."""
    day = cache() / "feldbuecher" / _today().isoformat()
    folder = day / name
    if folder.exists():
        return folder
    for old in day.parent.glob("*") if day.parent.exists() else ():
        if old != day:
            shutil.rmtree(old)
    written = day / f"{name}.{os.getpid()}"
    with Fieldbook.open(written) as fieldbook:
        content = list(documents())
        fieldbook.bring_in(content)
        adviser = next((str(document["id"]) for document in content if document["kind"] == "adviser"), "")
        settings = fieldbook.settings.model_copy(update={"started": "eigen", "adviser": adviser})
        fieldbook.save_settings(settings)
    written.rename(folder)
    return folder
