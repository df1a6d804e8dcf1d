"""Reading the ministry's directory: editions, refusals with their lines, and what becomes of the values."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from models.directory.names import joined
from models.directory.reader import parse_directory, read_authorities, read_directory
from models.errors import ImportRefused
from tests.models.directory_files import (
    COLUMNS_2016,
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_AUTHORITIES,
    school,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.directory.reader import Directory


def parsed(text: str) -> Directory:
    return parse_directory(text.encode())


def refusal(data: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        parse_directory(data)
    assert "Nichts wurde übernommen." in str(refused.value)
    return str(refused.value)


def test_a_row_becomes_a_school_with_all_directory_fields(tmp_path: Path) -> None:
    path = tmp_path / "schuldaten.csv"
    path.write_text(written([school(EPSG="null")]), encoding="utf-8")

    directory = read_directory(path)

    assert directory.schools == [
        {
            "kind": "school",
            "number": "123456",
            "school_form": "02",
            "name": "Viktoria-Schule, Städt. Gemeinschaftsgrundschule Musterstadt - Primarstufe -",
            "short_name": "Musterstadt, GG Viktoria",
            "postcode": "33330",
            "place": "Musterstadt",
            "street": "Ahornallee 46",
            "phone": "05241 505",
            "fax": "",
            "mail": "123456@schule.nrw.de",
            "homepage": "",
            "legal_form": "1",
            "authority": "10100",
            "municipality_key": "05754008",
            "district": "7",
            "operating_status": "1",
            "operating_since": "1974-01-01",
            "epsg": "",
            "east": 458182,
            "north": 5753130,
            "in_directory": True,
        }
    ]
    assert directory.organisations == []
    assert directory.edition is None
    assert directory.warnings == ()


@pytest.mark.parametrize("columns", [COLUMNS_2021, COLUMNS_2026])
@pytest.mark.parametrize("sep_line", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_old_and_new_editions_in_every_dress_read_alike(
    columns: list[str], sep_line: bool, mark: str, end: str
) -> None:
    rows = [school(Bezirksregierung="7"), school("123457", Bezirksregierung="7")]
    plain = parsed(written(rows))

    dressed = parsed(mark + written(rows, columns, sep_line=sep_line, last_column_empty=sep_line, end=end))

    assert dressed == plain


@given(st.permutations(COLUMNS_2026))
def test_the_order_of_the_columns_does_not_matter(columns: list[str]) -> None:
    rows = [school(), school("123457", Schulbezeichnung_2="und Teilstandort")]

    assert parsed(written(rows, columns)) == parsed(written(rows, COLUMNS_2026))


def test_columns_that_are_unknown_are_passed_over() -> None:
    columns = [*COLUMNS_2021[:3], "Neue Spalte", *COLUMNS_2021[3:]]

    assert parsed(written([school(**{"Neue Spalte": "x"})], columns)) == parsed(written([school()]))


def test_a_column_that_is_missing_leaves_its_field_out_so_that_nothing_is_emptied() -> None:
    columns = ["Schulnummer", "Schulform", "Kurzbezeichnung", "PLZ", "Ort", "Gemeindeschluessel"]

    (only,) = parsed(written([school()], columns)).schools

    assert set(only) == {
        "kind", "number", "school_form", "short_name", "postcode", "place", "municipality_key", "district",
        "in_directory",
    }  # fmt: skip


def test_the_coordinates_of_old_editions_do_not_claim_the_system_of_new_ones() -> None:
    row = school(KoordinatenRechtswert="2567890", KoordinatenHochwert="5678901")

    (only,) = parsed(written([row], COLUMNS_2016)).schools

    assert (only["east"], only["north"], only["epsg"]) == (2567890, 5678901, "")


@pytest.mark.parametrize("said", ["7", "07", "Detmold", "Bezirksregierung Detmold", "600700", ""])
def test_the_bezirksregierung_is_understood_as_code_name_or_number(said: str) -> None:
    directory = parsed(written([school(Bezirksregierung=said)], COLUMNS_2026))

    assert directory.schools[0]["district"] == "7"
    assert directory.warnings == ()


def test_an_unknown_bezirksregierung_is_derived_from_the_municipality_and_remarked_on() -> None:
    directory = parsed(written([school(Bezirksregierung="XY")], COLUMNS_2026))

    assert directory.schools[0]["district"] == "7"
    assert directory.warnings == (
        "Zeile 3: Die Bezirksregierung ist unbekannt, es gilt die aus dem Gemeindeschlüssel.",
    )


def test_zeros_that_a_spreadsheet_dropped_are_put_back_and_remarked_on() -> None:
    rows = [school(str(number), Schulform="2", Gemeindeschluessel="5754008") for number in (111111, 222222)]

    directory = parsed(written(rows))

    assert {one["school_form"] for one in directory.schools} == {"02"}
    assert {one["municipality_key"] for one in directory.schools} == {"05754008"}
    assert directory.warnings == (
        "Zeile 3: Dem Gemeindeschlüssel fehlte die führende Null, sie wurde ergänzt. Ebenso in 1 weiteren Zeilen.",
    )


def test_a_day_in_the_future_is_kept_and_one_that_does_not_exist_left_empty() -> None:
    rows = [school(Schulbetriebsdatum="31.07.2028"), school("123457", Schulbetriebsdatum="31.02.2020")]

    directory = parsed(written(rows))

    assert [one["operating_since"] for one in directory.schools] == ["2028-07-31", None]
    assert directory.warnings == ("Zeile 4: Das Schulbetriebsdatum ist kein Datum und bleibt leer.",)


@pytest.mark.parametrize(
    ("number", "form", "kind"),
    [
        ("600000", "0A", "ministerium"),
        ("600700", "0A", "bezirksregierung"),
        ("600754", "0A", "schulamt"),
        ("512345", "50", "zfsl"),
        ("512345", "58", "zfsl"),
    ],
)
def test_bodies_that_are_no_schools_become_organisations(number: str, form: str, kind: str) -> None:
    directory = parsed(written([school(number, Schulform=form, Traegernummer="0")]))

    assert directory.schools == []
    assert directory.authorities == []
    assert [one["organisation_type"] for one in directory.organisations] == [kind]
    assert "authority" not in directory.organisations[0]


def test_the_day_of_an_edition_comes_from_the_caller_or_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "schuldaten_2021-09-15.csv"
    path.write_text(written([school()]), encoding="utf-8")

    assert read_directory(path).edition == date(2021, 9, 15)
    given_day = read_directory(path, edition=date(2022, 1, 2))
    assert given_day.schools[0]["directory_date"] == "2022-01-02"


def test_progress_runs_from_nothing_to_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "schuldaten.csv"
    path.write_text(written(school(str(100000 + number)) for number in range(2000)), encoding="utf-8")
    heard: list[tuple[int, int]] = []

    read_directory(path, lambda done, total: heard.append((done, total)))

    size = path.stat().st_size
    assert heard == sorted(heard)
    assert len(heard) > 2
    assert heard[-1] == (size, size)
    assert {total for _done, total in heard} == {size}


def test_a_byte_order_mark_inside_a_value_is_made_visible() -> None:
    (only,) = parsed("\ufeff" + written([school(Ort="Ve\ufeffrl")])).schools

    assert only["place"] == "Ve·rl"


def test_a_break_inside_a_value_becomes_a_blank() -> None:
    (only,) = parsed(written([school(Strasse="Am\nPlatz")])).schools

    assert only["street"] == "Am Platz"


def test_marks_that_stand_apart_from_their_letters_are_put_together() -> None:
    (only,) = parsed(written([school(Ort="Ko\u0308ln")])).schools

    assert only["place"] == "Köln"


def test_terminal_signs_in_a_name_are_made_visible() -> None:
    (only,) = parsed(written([school(Kurzbezeichnung="Muster\x1b[31mstadt\u202e")])).schools

    assert only["short_name"] == "Muster·[31mstadt·"


_VALUES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"), max_codepoint=0x2FF, exclude_characters="Ã"),
    max_size=40,
)


@given(st.lists(st.tuples(_VALUES, _VALUES, _VALUES), max_size=5))
def test_what_is_written_is_read_again(texts: list[tuple[str, str, str]]) -> None:
    rows = [
        school(str(100000 + at), Kurzbezeichnung="x" + short, Ort=place, Strasse=street)
        for at, (short, place, street) in enumerate(texts)
    ]

    schools = parsed(written(rows)).schools

    assert [(one["short_name"], one["place"], one["street"]) for one in schools] == [
        (("x" + short).strip(), place.strip(), street.strip()) for short, place, street in texts
    ]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "name"),
    [("cp1252", "Windows-1252"), ("cp850", "DOS (Codepage 850)")],
)
def test_another_encoding_is_named_with_the_first_row_that_shows_it(codec: str, name: str) -> None:
    plain = school(Schulbezeichnung_1="Schule", Kurzbezeichnung="Schule")
    text = written([plain, {**school("123457"), "Ort": "Köln-Mülheim, Größe"}])

    assert refusal(text.encode(codec)).startswith(f"Zeile 4: Die Zeichenkodierung ist nicht UTF-8, vermutlich {name}.")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(codec: str) -> None:
    assert refusal(written([school()]).encode(codec)).startswith(
        "Zeile 1: Die Zeichenkodierung ist nicht UTF-8, vermutlich UTF-16."
    )


def test_umlauts_that_were_encoded_twice_are_noticed() -> None:
    broken = written([school(Ort="Köln")]).encode().decode("cp1252")

    assert refusal(broken.encode()).startswith("Zeile 3: Die Umlaute sind zerstört („Ã¤“)")


def _without_last_values(text: str) -> str:
    lines = text.split("\n")
    lines[3] = ";".join(lines[3].split(";")[:10])
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_without_last_values, "Zeile 4: Die Zeile ist abgeschnitten: 10 Werte statt 23."),
        (
            lambda text: text.replace('"222222"', '"222222'),
            "Zeile 4: Die Anführungszeichen sind nicht geschlossen oder stehen an falscher Stelle.",
        ),
        (
            lambda text: text.replace('"222222"', '"22"2222"'),
            "Zeile 4: Die Anführungszeichen sind nicht geschlossen oder stehen an falscher Stelle.",
        ),
        (
            lambda text: text.replace('"222222"', '"222222";"zu viel"'),
            "Zeile 4: 24 Werte statt 23, ein Trennzeichen ist zu viel.",
        ),
        (lambda text: text.replace("222222", "22222"), "Zeile 4: Die Schulnummer „22222“ hat nicht sechs Ziffern."),
        (
            lambda text: text.replace("222222", "２２２２２２"),
            "Zeile 4: Die Schulnummer „２２２２２２“ hat nicht sechs Ziffern.",
        ),
        (lambda text: text.replace("222222", "111111"), "Zeile 4: Die Nummer 111111 steht schon in Zeile 3."),
    ],
    ids=["cut", "open quote", "inner quote", "too many", "five digits", "wide digits", "twice"],
)
def test_a_broken_row_refuses_the_file_and_names_the_line(spoil: Callable[[str], str], sentence: str) -> None:
    text = written([school("111111"), school("222222"), school("333333")])

    assert refusal(spoil(text).encode()).startswith(sentence + "\nNichts wurde übernommen.")


def test_after_a_broken_row_the_following_ones_are_checked_as_well() -> None:
    text = written([school("111111"), school("222222"), school("3")])

    message = refusal(text.replace('"222222"', '"22"2222"').encode()).splitlines()

    assert [line.split(":")[0] for line in message[:2]] == ["Zeile 4", "Zeile 5"]


def test_a_file_that_ends_in_the_middle_of_a_value_is_refused() -> None:
    text = written([school("111111"), school("222222")])

    assert refusal(text[:-4].encode()).startswith("Zeile 4: Die Anführungszeichen")


def test_lines_are_counted_as_an_editor_does_past_empty_lines_and_breaks_in_values() -> None:
    text = written([school("111111", Strasse="Am\nPlatz"), school("1")]).replace('\n"1"', '\n\n"1"')

    assert refusal(text.encode()).startswith("Zeile 6: Die Schulnummer „1“")


def test_the_first_five_problems_are_told_and_the_others_counted() -> None:
    message = refusal(written(school(str(number)) for number in range(8)).encode()).splitlines()

    assert [line.split(":")[0] for line in message[:5]] == [f"Zeile {line}" for line in range(3, 8)]
    assert message[5] == "… und 3 weitere, zusammen 8."


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_copy_with_another_separator_is_read_as_well(separator: str, declared: bool) -> None:
    row = school(Schulbezeichnung_1="Viktoria-Schule", Strasse="Am Platz")
    text = written([row], sep_line=declared)

    assert parsed(text.replace(";", separator)).schools == parsed(text).schools


@pytest.mark.parametrize("text", ["", "\n\n", "<!DOCTYPE html>\n<p>Anmelden</p>\n", "sep=;\n"])
def test_another_file_is_refused_with_the_columns_that_are_missing(text: str) -> None:
    assert "es fehlt: Schulnummer, Schulform, Kurzbezeichnung" in refusal(text.encode())


def test_a_column_that_comes_twice_is_refused() -> None:
    assert "Zeile 2: Die Spalte „Ort“ kommt zweimal vor." in refusal(written([], [*COLUMNS_2021, "Ort"]).encode())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"fehlt\.csv“ ist nicht lesbar"):
        read_directory(tmp_path / "fehlt.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_crash(data: bytes) -> None:
    header = written([], COLUMNS_2021).encode()
    for file in (data, header + data):
        with suppress(ImportRefused):
            assert parse_directory(file).edition is None


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Förder-", "schule der Stadt", "Hagen"), "Förderschule der Stadt Hagen"),
        (("Rudolf Steiner Schu-", "le u. Parzivalsch."), "Rudolf Steiner Schule u. Parzivalsch."),
        (
            ("Gymnasium Claudia Agrippina Privat", "schule als Ersatzsch."),
            "Gymnasium Claudia Agrippina Privatschule als Ersatzsch.",
        ),
        (("m. dem Förderschwerp.", "punkt Sprache"), "m. dem Förderschwerpunkt Sprache"),
        (("Joseph Beuys Gesamtschule", "der Stadt Kleve"), "Joseph Beuys Gesamtschule der Stadt Kleve"),
        (
            ("Bischöfliches Mariengymnasium, Staatlich", "genehmigte Schule"),
            "Bischöfliches Mariengymnasium, Staatlich genehmigte Schule",
        ),
        (
            ("Wirtschaft,Verwaltung,Sozial-", "und Gesundheitswesen"),
            "Wirtschaft,Verwaltung,Sozial- und Gesundheitswesen",
        ),
        (("Clara-Fey-Gymnasium Bonn-", "Bad Godesberg"), "Clara-Fey-Gymnasium Bonn-Bad Godesberg"),
        (("Kardinal-v.-Galen-", "Schule"), "Kardinal-v.-Galen-Schule"),
        (("- Sekundarstufen I und II -", "im Schulzentrum"), "- Sekundarstufen I und II - im Schulzentrum"),
        (("Realschule -Sek.I-", "für Mädchen"), "Realschule -Sek.I- für Mädchen"),
        (("Schule  -Primarstufe-", "", "Rheine"), "Schule -Primarstufe- Rheine"),
        (("", "", ""), ""),
    ],
)
def test_a_name_is_put_together_where_a_word_was_divided(parts: tuple[str, ...], name: str) -> None:
    assert joined(parts) == name


# --- Schulträger ------------------------------------------------------------------------------------------------------


def test_an_authority_is_named_after_the_places_of_its_schools_the_most_frequent_first() -> None:
    places = ["Olpe", "Attendorn", "Attendorn", "Wenden"]
    rows = [school(str(100000 + at), Ort=place) for at, place in enumerate(places)]
    rows.append(school("200000", Ort="Brakel", Rechtsform="2", Traegernummer="82156"))

    authorities = parsed(written(rows)).authorities

    assert [(one["number"], one["name"], one["authority_kind"], one["place"]) for one in authorities] == [
        ("10100", "Schulträger Attendorn, Olpe u. a.", "kommune", "Attendorn"),
        ("82156", "Freier Träger 82156, Brakel", "privat", "Brakel"),
    ]


def test_two_authorities_of_one_place_are_told_apart_by_their_numbers() -> None:
    rows = [school("100000"), school("100001", Traegernummer="10200")]

    assert [one["name"] for one in parsed(written(rows)).authorities] == [
        "Schulträger Musterstadt (10100)",
        "Schulträger Musterstadt (10200)",
    ]


def test_the_companion_file_gives_authorities_their_names_and_addresses(tmp_path: Path) -> None:
    path = tmp_path / "key_traeger.csv"
    row = {
        "Traegernummer": "10100",
        "Traegerbezeichnung_1": "Stadt Musterstadt, Schul-",
        "Traegerbezeichnung_2": "verwaltungsamt",
        "Kurzbezeichnung": "St. Musterstadt",
        "Ort": "Musterstadt",
        "Telefonvorwahl": "05241",
        "Telefon": "1",
    }
    path.write_text(written([row, {**row, "Traegernummer": "99999"}], COLUMNS_AUTHORITIES), encoding="utf-8")

    directory = parsed(written([school()])).with_authorities(read_authorities(path))

    (authority,) = directory.authorities
    assert directory.official == {"10100"}
    assert authority["name"] == "Stadt Musterstadt, Schulverwaltungsamt"
    assert (authority["short_name"], authority["phone"]) == ("St. Musterstadt", "05241 1")
    assert authority["authority_kind"] == "kommune"
