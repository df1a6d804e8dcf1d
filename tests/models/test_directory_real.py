"""The ministry's file itself, where it is present: the counts that are known, and an import of a Kreis."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from models.directory.diff import compare
from models.directory.reader import Directory, read_directory
from models.directory.region import counties
from models.records import parse
from models.text import clean, fold

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def directory(real_directory: Path) -> Directory:
    return read_directory(real_directory)


def test_the_edition_of_2021_has_its_schools_and_authorities(directory: Directory) -> None:
    assert len(directory.schools) == 5448
    assert Counter(one["organisation_type"] for one in directory.organisations) == {
        "ministerium": 1,
        "bezirksregierung": 5,
        "schulamt": 53,
    }
    assert len(directory.authorities) == 772
    assert directory.warnings == ()


def test_kreis_guetersloh_has_its_schools_and_authorities(directory: Directory) -> None:
    difference = compare(directory, [], "05754")

    assert Counter(one["school_form"] for one in difference.schools.new) == {
        "02": 57, "20": 12, "15": 11, "08": 11, "30": 7, "10": 5, "14": 2, "04": 2, "17": 1, "83": 1,
    }  # fmt: skip
    assert len(difference.schools.new) == 109
    assert len(difference.authorities.new) == 22
    assert [one["organisation_type"] for one in difference.organisations.new] == [
        "ministerium",
        "bezirksregierung",
        "schulamt",
    ]


def test_dortmund_has_its_schools_and_its_schulamt(directory: Directory) -> None:
    difference = compare(directory, [], "05913")

    assert len(difference.schools.new) == 172
    assert "600913" in {one["number"] for one in difference.organisations.new}


@pytest.mark.parametrize("region", ["05754", ""])
def test_a_second_import_changes_nothing(directory: Directory, region: str) -> None:
    records = [parse(document) for document in compare(directory, [], region).documents([])]
    documents = [record.document() for record in records]

    assert all(not record.problems() for record in records)
    assert not compare(directory, documents, region)


def test_every_district_and_county_of_the_file_is_known_by_the_name_of_its_schulamt(directory: Directory) -> None:
    districts = Counter(one["district"] for one in directory.schools + directory.organisations if "district" in one)
    bodies = {
        one["municipality_key"][:5]: fold(one["name"])
        for one in directory.organisations
        if one["organisation_type"] == "schulamt"
    }

    assert set(districts) == {"1", "3", "5", "7", "9"}
    assert {one["municipality_key"][:5] for one in directory.schools} == {region.key for region in counties()}
    for region in counties():
        assert _stem(region.name) in bodies[region.key]


def _stem(name: str) -> str:
    """Return the name without the ending that the dative changes ("Oberbergischer", "für den Oberbergischen")."""
    return fold(name).split("er kreis")[0]


def test_values_are_clean_and_names_have_no_divided_words(directory: Directory) -> None:
    for document in directory.schools:
        for value in document.values():
            assert not isinstance(value, str) or clean(value, lines=False) == value
        assert "Förder- schule" not in document["name"]
        assert "  " not in document["name"]
