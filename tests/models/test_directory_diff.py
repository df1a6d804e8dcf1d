"""What an import would change: new, changed, gone; regions; local additions; doubts; the German report."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from models.directory.diff import compare
from models.directory.reader import parse_directory
from models.directory.region import counties, find_region, region_of
from models.directory.report import details, summary
from models.errors import UsageError
from models.records import parse
from tests.models.directory_files import COLUMNS_2021, school, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.directory.reader import Directory

Document = dict[str, Any]
FIRST, SECOND = date(2021, 9, 1), date(2022, 9, 1)
GUETERSLOH, DORTMUND = "05754008", "05913000"


def directory(*rows: Mapping[str, str], edition: date | None = FIRST) -> Directory:
    return parse_directory(written(rows).encode(), edition=edition)


def applied(file: Directory, current: Iterable[Document] = (), region: str = "") -> list[Document]:
    """Return the fieldbook's documents after the import, each through its record as a save would do it."""
    before = {document["id"]: document for document in current}
    saved = [parse(document) for document in compare(file, before.values(), region).documents(before.values())]
    assert all(not record.problems() for record in saved)
    return list({**before, **{record.id: record.document() for record in saved}}.values())


def by_number(documents: Iterable[Document], number: str) -> Document:
    return next(document for document in documents if document.get("number") == number)


def test_an_empty_fieldbook_takes_in_everything() -> None:
    file = directory(school(), school("600754", Schulform="0A", Traegernummer="0"))

    difference = compare(file, [])

    assert [one["number"] for one in difference.schools.new] == ["123456"]
    assert [one["number"] for one in difference.organisations.new] == ["600754"]
    assert [one["number"] for one in difference.authorities.new] == ["10100"]
    assert {document["kind"] for document in applied(file)} == {"school", "organisation", "authority"}


def test_the_ids_of_what_the_directory_numbers_are_the_same_on_every_device() -> None:
    file = directory(school(), school("600754", Schulform="0A"))

    assert {document["id"] for document in applied(file)} == {document["id"] for document in applied(file)}


_ROWS = st.lists(
    st.builds(
        lambda number, place, key, phone, form: school(
            str(number), Ort=place, Gemeindeschluessel=key, Telefon=phone, Schulform=form, Traegernummer=key[-5:]
        ),
        st.integers(100000, 100020),
        st.sampled_from(["Verl", "Rietberg", ""]),
        st.sampled_from([GUETERSLOH, DORTMUND, "05711000"]),
        st.sampled_from(["", "505"]),
        st.sampled_from(["02", "0A", "50"]),
    ),
    max_size=8,
    unique_by=lambda row: row["Schulnummer"],
)


@given(_ROWS, _ROWS, st.sampled_from(["", "05754", "057", "05913"]))
def test_a_second_import_of_the_same_file_changes_nothing(
    before: list[Mapping[str, str]], after: list[Mapping[str, str]], region: str
) -> None:
    current = applied(directory(*before), region=region)
    file = directory(*after, edition=SECOND)

    once = applied(file, current, region)

    again = compare(file, once, region)
    assert not again
    assert list(again.documents(once)) == []


@given(_ROWS, _ROWS)
def test_an_import_of_all_regions_leaves_exactly_the_files_schools_in_the_directory(
    before: list[Mapping[str, str]], after: list[Mapping[str, str]]
) -> None:
    file = directory(*after)

    documents = applied(file, applied(directory(*before)))

    listed = {one["number"] for one in documents if one["kind"] == "school" and one["in_directory"]}
    assert listed == {one["number"] for one in file.schools}


def test_a_changed_field_is_shown_with_both_values_and_local_additions_stay() -> None:
    current = applied(directory(school()))
    by_number(current, "123456").update(notes="Eingang über den Hof", own_tags=["WLAN"])
    file = directory(school(Telefon="707", Homepage="https://example.org"), edition=SECOND)

    (change,) = compare(file, current).schools.changed
    after = by_number(applied(file, current), "123456")

    assert change.fields == {"phone": ("05241 505", "05241 707"), "homepage": (None, "https://example.org")}
    assert after["phone"] == "05241 707"
    assert (after["notes"], after["own_tags"]) == ("Eingang über den Hof", ["WLAN"])
    assert after["directory_date"] == "2022-09-01"


def test_a_value_that_the_file_no_longer_has_is_emptied_but_not_where_the_column_is_missing() -> None:
    current = applied(directory(school()))
    emptied = directory(school(Telefon=""))
    columns = [name for name in COLUMNS_2021 if name != "Telefon"]
    without_column = parse_directory(written([school()], columns).encode(), edition=FIRST)

    assert "phone" not in by_number(applied(emptied, current), "123456")
    assert by_number(applied(without_column, current), "123456")["phone"] == "05241 505"


def test_a_school_that_is_not_in_the_file_is_marked_and_comes_back() -> None:
    both = directory(school(), school("123457"))
    current = applied(both)
    fewer = directory(school(), edition=SECOND)

    without = applied(fewer, current)
    gone = by_number(without, "123457")

    assert [one.number for one in compare(fewer, current).schools.gone] == ["123457"]
    assert gone["in_directory"] is False
    assert gone["directory_date"] == "2021-09-01", "the last edition that had it"
    assert not compare(fewer, without)
    assert by_number(applied(both, without), "123457")["in_directory"] is True


def test_schools_of_other_regions_are_neither_taken_in_nor_marked() -> None:
    here, there = school(), school("200000", Gemeindeschluessel=DORTMUND, Traegernummer="20000")
    dortmund = applied(directory(there))

    after = applied(directory(here), dortmund, "05754")
    only_here = applied(directory(here, there), region="05754")

    assert by_number(after, "200000")["in_directory"] is True
    assert by_number(after, "20000")["in_directory"] is True
    assert {document["number"] for document in only_here} == {"123456", "10100"}


def test_a_school_that_moved_out_of_the_region_is_updated_and_not_gone() -> None:
    current = applied(directory(school()), region="05754")
    moved = directory(school(Gemeindeschluessel=DORTMUND))

    difference = compare(moved, current, "05754")

    assert difference.schools.gone == ()
    assert difference.schools.changed[0].fields["municipality_key"] == (GUETERSLOH, DORTMUND)
    assert not compare(moved, applied(moved, current, "05754"), "05754")


def test_a_region_brings_the_bodies_that_supervise_it() -> None:
    rows = [
        school("600000", Schulform="0A", Gemeindeschluessel="05111000"),
        school("600700", Schulform="0A", Gemeindeschluessel="05766020"),
        school("600900", Schulform="0A", Gemeindeschluessel="05958004"),
        school("600754", Schulform="0A", Gemeindeschluessel=GUETERSLOH),
        school("600758", Schulform="0A", Gemeindeschluessel="05758012"),
    ]

    new = compare(directory(*rows), [], "05754").organisations.new

    assert [one["number"] for one in new] == ["600000", "600700", "600754"]


def test_a_school_that_was_entered_by_hand_becomes_the_directorys() -> None:
    by_hand = parse({"kind": "school", "number": "123456", "short_name": "Viktoria", "notes": "neu"}).document()

    (after,) = (one for one in applied(directory(school()), [by_hand]) if one["kind"] == "school")

    assert (after["id"], after["in_directory"], after["notes"]) == (by_hand["id"], True, "neu")


def test_a_guessed_name_never_replaces_the_name_that_an_authority_has() -> None:
    current = applied(directory(school()))
    by_number(current, "10100")["name"] = "Stadt Musterstadt"

    moved = applied(directory(school(Ort="Verl")), current)
    official = directory(school()).with_authorities(
        {"10100": {"number": "10100", "name": "Stadt Musterstadt (Westf.)"}}
    )

    assert by_number(moved, "10100")["name"] == "Stadt Musterstadt"
    assert by_number(applied(official, current), "10100")["name"] == "Stadt Musterstadt (Westf.)"


def test_a_new_edition_without_changes_only_brings_its_day() -> None:
    current = applied(directory(school()))
    file = directory(school(), edition=SECOND)

    difference = compare(file, current)

    assert difference.schools.unchanged == ("123456",)
    assert difference.schools.changed == ()
    assert by_number(applied(file, current), "123456")["directory_date"] == "2022-09-01"


def _many(count: int) -> list[Mapping[str, str]]:
    return [school(str(100000 + at)) for at in range(count)]


@pytest.mark.parametrize(
    ("known", "left", "suspicious"),
    [(200, 140, True), (200, 150, False), (60, 10, False), (60, 9, True), (300, 240, False), (300, 239, True)],
)
def test_a_file_that_drops_many_schools_of_the_region_is_doubted(known: int, left: int, suspicious: bool) -> None:
    difference = compare(directory(*_many(left)), applied(directory(*_many(known))), "05754")

    assert difference.suspicious is suspicious
    if suspicious:
        assert f"{known - left} von {known} Schulen der Region fehlen in der Datei." in difference.doubts[0]


def test_a_file_older_than_the_fieldbook_is_doubted() -> None:
    current = applied(directory(school(), edition=SECOND))

    difference = compare(directory(school()), current)

    assert difference.doubts == (
        "Die Datei ist vom Mi 01.09.2021 und damit älter als der Stand im Feldbuch; bitte vor dem Übernehmen prüfen.",
    )


def test_what_was_saved_between_looking_and_applying_is_kept() -> None:
    current = applied(directory(school()))
    difference = compare(directory(school(Telefon="707")), current)
    later = [{**document, "notes": "inzwischen"} for document in current]

    (after,) = difference.documents(later)

    assert (after["notes"], after["phone"]) == ("inzwischen", "05241 707")


def test_the_report_counts_and_names_what_changes() -> None:
    current = applied(directory(school(), school("123457", Kurzbezeichnung="Verl, GS Alt")))
    file = directory(school(Telefon="", Schulform="15"), school("123458", Kurzbezeichnung="Verl, GS Neu"))

    difference = compare(file, current, "05754")

    assert summary(difference) == [
        "Region: Kreis Gütersloh (05754)",
        "Stand der Datei: Mi 01.09.2021",
        "Schulen: 1 neu, 1 geändert, 1 nicht mehr im Verzeichnis, 0 unverändert",
        "Organisationen: 0 neu, 0 geändert, 0 nicht mehr im Verzeichnis, 0 unverändert",
        "Schulträger: 0 neu, 0 geändert, 0 nicht mehr im Verzeichnis, 1 unverändert",
    ]
    assert details(difference) == [
        "+ 123458 Verl, GS Neu: neu",
        "~ 123456 Musterstadt, GG Viktoria: Schulform Grundschule → Gesamtschule; Telefon 05241 505 → leer",
        "− 123457 Verl, GS Alt: nicht mehr im Verzeichnis",
    ]
    assert details(difference, 1) == ["+ 123458 Verl, GS Neu: neu", "… und 2 weitere"]


def test_a_report_without_changes_says_so() -> None:
    current = applied(directory(school()))

    assert summary(compare(directory(school()), current))[-1] == "Es gibt nichts zu übernehmen."


# --- regions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("05754", "05754"),
        ("Kreis Gütersloh", "05754"),
        ("gütersloh", "05754"),
        ("  GUETERSLOH ", "05754"),
        ("Kreis Güt", "05754"),
        ("Aachen", "05334"),
        ("Neuss", "05162"),
        ("Münster", "05515"),
        ("Stadt Münster", "05515"),
        ("Lübbecke", "05770"),
        ("Bezirksregierung Detmold", "057"),
        ("057", "057"),
    ],
)
def test_a_region_is_found_by_key_or_by_the_beginning_of_its_name(text: str, key: str) -> None:
    assert find_region(text).key == key


def test_a_name_that_fits_several_regions_is_answered_with_the_candidates() -> None:
    with pytest.raises(UsageError, match=r"Rhein-Kreis Neuss \(05162\), Rhein-Erft-Kreis \(05362\)"):
        find_region("Rhein")


@pytest.mark.parametrize("text", ["", "   ", "Bayern", "99999", "\x1b[2J"])
def test_what_is_no_region_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="ist keine Region in NRW"):
        find_region(text)


def test_each_county_is_found_by_its_own_name_and_key() -> None:
    assert len(counties()) == 53
    for region in counties():
        assert find_region(region.name) == find_region(region.key) == region == region_of(region.key + "000")
