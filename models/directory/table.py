"""A file of the ministry as rows: encoding, separator, header and quotes, with every problem named by its line."""

from __future__ import annotations

import csv
import sys
import unicodedata
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from models.errors import ImportRefused
from models.i18n import _
from models.text import clean, cut, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SHOWN_PROBLEMS = 5
"""So many problems of a file are told in words; the others are counted."""

_ROWS_PER_STEP = 500
_SEPARATORS = ";\t,"
_PRINTABLE = bytes(range(0x20, 0x7F))
_FIRST_MARK = "\u0300"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UMLAUTS_WINDOWS = b"\xe4\xf6\xfc\xc4\xd6\xdc\xdf"
_UMLAUTS_DOS = b"\x84\x94\x81\x8e\x99\x9a\xe1"
_TWICE_ENCODED = ("Ã¤", "Ã¶", "Ã¼", "ÃŸ", "Ã„", "Ã–", "Ãœ", "\ufffd")


@dataclass(slots=True)
class Problems:
    """What is wrong with a file, in the order of its lines."""

    found: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, line: int, text: str) -> None:
        """Note one problem of `line`; `text` is the sentence without the line."""
        self.found.append((line, text))

    def refuse(self) -> None:
        """Raise `ImportRefused` with the first problems and their number; return where there is none."""
        if not self.found:
            return
        self.found.sort(key=lambda problem: problem[0])
        lines = [
            _("Zeile {line}: {problem}").format(line=line, problem=text) for line, text in self.found[:SHOWN_PROBLEMS]
        ]
        rest = len(self.found) - SHOWN_PROBLEMS
        if rest > 0:
            lines.append(_("… und {count} weitere, zusammen {all}.").format(count=rest, all=len(self.found)))
        lines.append(_("Nichts wurde übernommen. Bitte die Datei neu und unverändert vom Ministerium laden."))
        raise ImportRefused("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Table:
    """A file by columns, which is how thousands of rows are converted fast; values are clean and of one line.

    `lines` holds the line each row starts in, as an editor counts it.
    """

    lines: Sequence[int]
    by_name: Mapping[str, Sequence[str]]

    def column(self, name: str) -> list[str] | None:
        """Return the values of the column `name`, or None where the file has no such column."""
        values = self.by_name.get(fold(name))
        return None if values is None else list(map(str.strip, values))

    def needed(self, name: str) -> list[str]:
        """Return the values of a required column."""
        return list(map(str.strip, self.by_name[fold(name)]))


def read_table(
    data: bytes,
    required: Iterable[str],
    problems: Problems,
    progress: Callable[[int, int], None] | None = None,
) -> Table:
    """Return the rows of `data`; columns are known by their folded names (`fold("Gemeindeschlüssel")`).

    A line `sep=;`, a byte order mark, columns without a name and empty lines are passed over. Rows with too few or too
    many values and broken quotes are noted in `problems`. Values are clean, of one line. `progress` hears of bytes
    done and bytes in all. Raises ImportRefused where the encoding is not UTF-8 or a column of `required` is missing.
    """
    text = _decoded(data).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = StringIO(text, newline="\n").readlines()  # their ends are kept, for breaks inside of values
    start, separator = _start(lines)
    columns, width = _header(lines[start] if start < len(lines) else "", separator, required, start + 1)
    as_it_is = _is_clean(data, text)
    numbers: list[int] = []
    rows: list[list[str]] = []
    step = _Steps(progress, len(data), len(lines))
    for line, values in _rows(lines, start + 1, separator, problems):
        if line >= step.next:
            step.at(line)
        if len(values) != width and (problem := _wrong_length(values, width)):
            problems.add(line, problem)
        elif len(values) >= width and any(values):
            numbers.append(line)
            rows.append(values if as_it_is else [clean(value, lines=False) for value in values])
    step.done()
    found = list(zip(*rows, strict=False)) or [()] * width  # values beyond the header's are empty
    return Table(numbers, {name: found[position] for name, position in columns.items()})


def _wrong_length(values: Sequence[str], width: int) -> str:
    """Return what is wrong with a row of another length than the header; empty where nothing is lost or moved."""
    if not any(values[width:]) and (len(values) > width or not any(values)):
        return ""
    if len(values) < width:
        return _("Die Zeile ist abgeschnitten: {count} Werte statt {wanted}.").format(count=len(values), wanted=width)
    return _("{count} Werte statt {wanted}, ein Trennzeichen ist zu viel.").format(count=len(values), wanted=width)


def _is_clean(data: bytes, text: str) -> bool:
    """Tell whether `clean` would leave every value as it is: asked once of the signs in use, not of 120,000 values."""
    signs = set(data.removeprefix(BOM_UTF8).translate(None, _PRINTABLE).decode("utf-8")) - {"\n", "\r"}
    if any(clean(sign) != sign for sign in signs):
        return False
    if max(signs, default="") < _FIRST_MARK:
        return True
    return not any(map(unicodedata.combining, signs)) and unicodedata.is_normalized("NFC", text)


class _Steps:
    """Tells how far the reading is, every few hundred rows."""

    def __init__(self, progress: Callable[[int, int], None] | None, size: int, lines: int) -> None:
        self._progress, self._size, self._lines = progress, size, max(lines, 1)
        self.next = 0 if progress else sys.maxsize

    def at(self, line: int) -> None:
        """Report that the reading is at `line`; to be called where it has come to `next`."""
        self.next = line + _ROWS_PER_STEP
        if self._progress is not None:
            self._progress(min(self._size, self._size * (line - 1) // self._lines), self._size)

    def done(self) -> None:
        """Report the end."""
        if self._progress is not None:
            self._progress(self._size, self._size)


# --- encoding ---------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARKS) or b"\x00" in data[:64]:
        raise _wrong_encoding(1, "UTF-16")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _wrong_encoding(_line_of(data, error.start), _guessed(data)) from error
    for sign in _TWICE_ENCODED:
        if sign[0] in text and (position := text.find(sign)) >= 0:
            raise ImportRefused(
                _(
                    "Zeile {line}: Die Umlaute sind zerstört („{sign}“), die Datei wurde mit falscher Zeichenkodierung"
                    " gespeichert. Nichts wurde übernommen. Bitte die Datei neu und unverändert vom Ministerium laden."
                ).format(line=text.count("\n", 0, position) + 1, sign=sign)
            )
    return text


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _guessed(data: bytes) -> str:
    windows = sum(data.count(byte) for byte in _UMLAUTS_WINDOWS)
    dos = sum(data.count(byte) for byte in _UMLAUTS_DOS)
    return "Windows-1252" if windows >= dos else "DOS (Codepage 850)"


def _wrong_encoding(line: int, name: str) -> ImportRefused:
    return ImportRefused(
        _(
            "Zeile {line}: Die Zeichenkodierung ist nicht UTF-8, vermutlich {name}. Nichts wurde übernommen."
            " Bitte die Datei neu und unverändert vom Ministerium laden oder als UTF-8 speichern."
        ).format(line=line, name=name)
    )


# --- header -----------------------------------------------------------------------------------------------------------


def _start(lines: Sequence[str]) -> tuple[int, str]:
    """Return the index of the header's line and the separator: the one that is declared, else the most frequent."""
    declared = ""
    for index, line in enumerate(lines):
        content = line.strip().strip('"')
        if content[:4].lower() == "sep=" and len(content) <= len("sep=;"):
            declared = content[4:]
        elif line.rstrip("\n") == "sep=\t":
            declared = "\t"
        elif content:
            found = max(_SEPARATORS, key=line.count)
            return index, declared if declared in _SEPARATORS and declared and declared in line else found
    return len(lines), ";"


def _header(line: str, separator: str, required: Iterable[str], number: int) -> tuple[dict[str, int], int]:
    """Return folded name → position, and how many values a row has: columns without a name at the end do not count."""
    names = [clean(name, lines=False) for name in next(csv.reader([line], delimiter=separator), [])]
    while names and not names[-1]:
        names.pop()
    columns: dict[str, int] = {}
    for position, name in enumerate(names):
        if name and columns.setdefault(fold(name), position) != position:
            raise ImportRefused(
                _("Zeile {line}: Die Spalte „{name}“ kommt zweimal vor. Nichts wurde übernommen.").format(
                    line=number, name=cut(name, 40)
                )
            )
    missing = [name for name in required if fold(name) not in columns]
    if missing:
        raise ImportRefused(
            _(
                "Die Datei ist nicht das erwartete Verzeichnis, es fehlt: {names}. Nichts wurde übernommen."
                " Bitte prüfen, ob die richtige Datei gewählt ist."
            ).format(names=", ".join(missing))
        )
    return columns, len(names)


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(lines: Sequence[str], start: int, separator: str, problems: Problems) -> Iterable[tuple[int, list[str]]]:
    """Yield (line, values) from index `start` on; a row with broken quotes is noted and the next line is tried anew."""
    while start < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=separator, strict=True)
        row_at = start
        try:
            for values in reader:
                end = start + reader.line_num
                one_line = end == row_at + 1
                yield row_at + 1, values if one_line else [value.replace("\n", " ") for value in values]
                row_at = end
        except csv.Error:
            problems.add(row_at + 1, _("Die Anführungszeichen sind nicht geschlossen oder stehen an falscher Stelle."))
            start = row_at + 1
        else:
            return
