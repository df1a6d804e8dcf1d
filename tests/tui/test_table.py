"""The table of all lists: what stands in its lines, how the cursor moves, and that only rows in sight are made."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st
from textual.app import App

from models.text import cells
from tui.widgets.columns import lay_out
from tui.widgets.table import (
    Column,
    Marked,
    MarksChanged,
    RowHighlighted,
    RowOpened,
    SortRequested,
    VirtualTable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tui.widgets.table import Cell

COLUMNS = (
    Column("number", "Nummer", 6),
    Column("name", "Schule", 20, flex=2),
    Column("place", "Ort", 12, flex=1),
    Column("days", "Tage", 5, align="right"),
    Column("authority", "Träger", 16, hide_below=110),
)


class Schools:
    """Made-up schools; remembers which rows were asked for."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.numbers)

    def cells(self, index: int) -> Sequence[Cell]:
        self.asked.append(index)
        number = self.numbers[index]
        name = f"Grundschule am Park Nummer {number}"
        return (str(100000 + number), name, "Gütersloh", Marked(str(number), "warning"), "Stadt")

    def key(self, index: int) -> str:
        return str(self.numbers[index])

    def index_of(self, key: str) -> int | None:
        number = int(key)
        if isinstance(self.numbers, range):
            return number if number < len(self.numbers) else None
        return self.numbers.index(number) if number in self.numbers else None


class Lines:
    """Texts under headings; a heading begins with #."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def cells(self, index: int) -> Sequence[Cell]:
        return (self.texts[index],)

    def key(self, index: int) -> str:
        return self.texts[index]

    def index_of(self, key: str) -> int | None:
        return self.texts.index(key) if key in self.texts else None

    def heading(self, index: int) -> str | None:
        text = self.texts[index]
        return text[1:] if text.startswith("#") else None


class TableApp(App[None]):
    """One table on the whole screen; remembers what the table told."""

    def __init__(self, *columns: Column, **options: Any) -> None:
        super().__init__()
        self.shown = VirtualTable(columns or COLUMNS, **options)
        self.told: list[tuple[str, Any]] = []

    def compose(self) -> ComposeResult:
        yield self.shown

    def on_row_highlighted(self, message: RowHighlighted) -> None:
        self.told.append(("at", message.key))

    def on_row_opened(self, message: RowOpened) -> None:
        self.told.append(("open", message.key))

    def on_marks_changed(self, message: MarksChanged) -> None:
        self.told.append(("marks", sorted(message.keys)))

    def on_sort_requested(self, message: SortRequested) -> None:
        self.told.append(("sort", message.column))

    def lines(self) -> list[str]:
        # As the screen takes them: a line that was not marked as changed is the old one.
        return [strip.text.rstrip() for strip in self.shown.render_lines(self.shown.size.region)]

    def cursor_lines(self) -> list[int]:
        return [y for y, line in enumerate(self.lines()) if line.startswith("▸")]


async def fill(pilot: Pilot[None], source: Any, **options: Any) -> TableApp:
    app = pilot.app
    assert isinstance(app, TableApp)
    app.shown.focus()
    app.shown.set_source(source, **options)
    await pilot.pause()
    return app


async def test_at_80_columns_flexible_columns_share_the_width_and_wide_ones_are_hidden() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        lines = app.lines()
        assert len(lines) == 24
        assert lines[0] == "  Nummer Schule                                   Ort                     Tage"
        assert lines[1] == "▸ 100000 Grundschule am Park Nummer 0             Gütersloh                  0"
        assert lines[23] == "  100022 Grundschule am Park Nummer 22            Gütersloh                 22"
        assert {cells(app.shown.render_line(y).text) for y in range(24)} == {79}


async def test_at_120_columns_there_is_room_for_more_columns() -> None:
    async with TableApp().run_test(size=(120, 40)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        assert app.lines()[0].split() == ["Nummer", "Schule", "Ort", "Tage", "Träger"]
        assert len(app.lines()) == 40
        assert {cells(app.shown.render_line(y).text) for y in range(40)} == {119}


async def test_a_new_width_lays_the_columns_out_anew_and_keeps_the_cursor_in_sight() -> None:
    async with TableApp().run_test(size=(120, 40)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        for _ in range(38):
            await pilot.press("down")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Träger" not in app.lines()[0]
        assert "100038" in app.lines()[app.cursor_lines()[0]]
        assert {cells(app.shown.render_line(y).text) for y in range(24)} == {79}


async def test_text_that_is_too_long_ends_with_an_ellipsis() -> None:
    async with TableApp(Column("name", "Eine sehr lange Überschrift", 12)).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Lines("Grundschule am Park"))
        assert app.lines()[:2] == ["  Eine sehr l…", "▸ Grundschule…"]


async def test_hostile_text_stays_inside_its_cell() -> None:
    hostile = "a\nb\r\n\x1b]0;x\x07\x9b2J\u202e[@click=app.quit]x[/nope]\u3042\u0301"
    async with TableApp(Column("a", "A", 60), Column("b", "B", 3)).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Pairs(hostile))
        text = app.shown.render_line(1).text
        assert text.startswith("▸ a b ·]0;x··2J·[@click=app.quit]x[/nope]あ")
        assert "\n" not in text
        assert "\x1b" not in text
        assert text.rstrip().endswith("end")
        assert app.shown.render_line(1).cell_length == 79


class Pairs(Lines):
    def cells(self, index: int) -> Sequence[Cell]:
        return (self.texts[index], "end")


async def test_keys_move_the_cursor_and_open_its_row() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        await pilot.press("down", "down", "up", "enter")
        assert app.told == [("at", "0"), ("at", "1"), ("at", "2"), ("at", "1"), ("open", "1")]
        await pilot.press("end")
        assert (app.shown.cursor_index, app.cursor_lines()) == (99, [23])
        await pilot.press("down", "home", "up")
        assert (app.shown.cursor_key, app.cursor_lines()) == ("0", [1])


async def test_paging_keeps_the_cursor_on_its_line_of_the_screen() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        await pilot.press("down", "down", "pagedown")
        assert (app.shown.cursor_index, app.cursor_lines()) == (24, [3])
        await pilot.press("pageup")
        assert (app.shown.cursor_index, app.cursor_lines()) == (2, [3])
        await pilot.press("pageup")
        assert (app.shown.cursor_index, app.cursor_lines()) == (0, [1])
        await pilot.press(*["pagedown"] * 5)
        assert (app.shown.cursor_index, app.cursor_lines()) == (99, [23])


async def test_only_rows_in_sight_are_ever_made() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        source = Schools(range(100_000))
        app = await fill(pilot, source)
        await pilot.press("pagedown", "end")
        assert set(source.asked) <= {*range(23 + 22), *range(100_000 - 23, 100_000)}
        source.asked.clear()
        await pilot.press("up")
        assert set(source.asked) <= {99_998, 99_999}
        assert app.cursor_lines() == [22]


async def test_the_cursor_jumps_over_headings_and_shows_the_first_one_above_it() -> None:
    source = Lines("#TERMINE", "Besuch", "Treffen", "#FÄLLIG", "Angebot", *(f"Zeile {n}" for n in range(40)), "#LEER")
    async with TableApp(Column("a", "", 40)).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, source)
        assert app.lines()[:5] == [" TERMINE", "▸ Besuch", "  Treffen", " FÄLLIG", "  Angebot"]
        await pilot.press("down", "down")
        assert app.shown.cursor_key == "Angebot"
        await pilot.press("up", "end")
        assert app.shown.cursor_key == "Zeile 39"
        await pilot.press("home")
        assert app.lines()[:2] == [" TERMINE", "▸ Besuch"]
        assert not app.shown.move_to_key("#FÄLLIG")
        assert app.shown.move_to_key("Zeile 5")


async def test_without_labels_there_is_no_header_and_only_headings_leave_no_cursor() -> None:
    async with TableApp(Column("a", "", 40)).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Lines("#TERMINE"))
        assert app.lines()[0] == " TERMINE"
        assert app.shown.cursor_index is None
        await pilot.press("down", "enter", "pagedown", "end")
        assert app.told == []


async def test_new_data_keep_the_cursor_on_its_row_and_the_row_on_its_line() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(list(range(200))))
        app.shown.move_to_key("100")
        await pilot.press("up", "up")
        line = app.cursor_lines()
        app.told.clear()
        await fill(pilot, Schools([*range(1000, 1050), *range(200)]))
        assert (app.shown.cursor_key, app.cursor_lines()) == ("98", line)
        assert app.told == []


async def test_when_the_row_is_gone_the_cursor_takes_the_nearest_one() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(list(range(50))))
        app.shown.move_to_key("10")
        await fill(pilot, Schools([*range(10), *range(11, 50)]))
        assert app.shown.cursor_key == "11"
        await pilot.press("end")
        await fill(pilot, Schools([3, 4]))
        assert (app.shown.cursor_key, app.cursor_lines()) == ("4", [2])
        await fill(pilot, Schools([5, 4, 3]), keep=False)
        assert app.shown.cursor_key == "5"
        assert app.told[-1] == ("at", "5")


async def test_a_row_that_stands_twice_keeps_the_cursor_where_it_is() -> None:
    async with TableApp(Column("a", "", 40)).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Lines("a", "b", "a"))
        await pilot.press("end")
        await fill(pilot, Lines("a", "b", "a"))
        assert app.shown.cursor_index == 2


async def test_an_empty_table_says_so_in_its_middle() -> None:
    async with TableApp(empty_text="Noch keine Besuche.\nMit n einen anlegen.").run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(3)))
        await fill(pilot, Schools(range(0)))
        lines = app.lines()
        assert lines[11] == "Noch keine Besuche.".center(79).rstrip()
        assert lines[12] == "Mit n einen anlegen.".center(79).rstrip()
        assert app.told[-1] == ("at", None)
        await pilot.press("down", "enter", "pageup")
        app.shown.empty_text = "Nichts gefunden."
        assert any(line.strip() == "Nichts gefunden." for line in app.lines())
        await fill(pilot, Schools(range(2)))
        assert app.shown.cursor_key == "0"


async def test_the_sorted_column_carries_a_sign_even_where_its_label_is_cut() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(3)))
        app.shown.set_sort("number")
        assert app.lines()[0].startswith("  Numm…▲ Schule")
        app.shown.set_sort("days", descending=True)
        assert app.lines()[0].endswith(" Tage▼")
        app.shown.set_sort(None)
        assert app.lines()[0].endswith(" Tage")


async def test_a_click_selects_and_a_second_one_opens() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        app.told.clear()
        await pilot.click(VirtualTable, offset=(10, 5))
        assert app.told == [("at", "4")]
        await pilot.click(VirtualTable, offset=(10, 7), times=2)
        assert app.told[1:] == [("at", "6"), ("open", "6")]
        await pilot.click(VirtualTable, offset=(10, 9))
        app.told.clear()
        await pilot.click(VirtualTable, offset=(10, 9), times=2)
        assert app.told == [("open", "8")]


async def test_a_click_on_a_heading_of_a_column_asks_to_sort_and_below_the_rows_does_nothing() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(3)))
        app.told.clear()
        await pilot.click(VirtualTable, offset=(12, 0))
        await pilot.click(VirtualTable, offset=(12, 20))
        assert app.told == [("sort", "name")]


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools(range(100)))
        app.shown.scroll_to(y=40, animate=False)
        await pilot.pause()
        assert app.shown.cursor_key == "0"
        assert app.lines()[1].startswith("  100040")
        await pilot.press("down")
        assert app.cursor_lines() == [1]


async def test_space_marks_rows_where_the_table_allows_it() -> None:
    async with TableApp(markable=True).run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools([1, 2, 3]))
        await pilot.press("space", "space")
        assert [line[:9] for line in app.lines()[1:4]] == [" ● 100001", " ● 100002", "▸  100003"]
        await pilot.press("up", "space")
        assert app.shown.marked_keys == {"1"}
        assert [told for told in app.told if told[0] == "marks"][-1] == ("marks", ["1"])
        await fill(pilot, Schools([2, 3]))
        assert app.shown.marked_keys == frozenset()


async def test_space_does_nothing_in_an_ordinary_table() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools([1, 2, 3]))
        await pilot.press("space")
        assert app.shown.cursor_key == "1"
        assert app.shown.marked_keys == frozenset()


async def test_the_cursor_differs_in_colour_and_weight_when_the_table_has_the_focus() -> None:
    async with TableApp().run_test(size=(80, 24)) as pilot:
        app = await fill(pilot, Schools([1, 2]))
        focused = next(iter(app.shown.render_line(1))).style
        plain = next(iter(app.shown.render_line(2))).style
        app.set_focus(None)
        await pilot.pause()
        blurred = next(iter(app.shown.render_line(1))).style
        assert len({str(focused), str(plain), str(blurred)}) == 3


WIDTHS = st.integers(1, 40)
ANY_COLUMNS = st.lists(
    st.builds(
        Column,
        key=st.just("k"),
        label=st.just(""),
        width=WIDTHS,
        flex=st.integers(0, 3),
        minimum=st.none() | WIDTHS,
        hide_below=st.sampled_from([0, 100, 120]),
    ),
    max_size=8,
)


@given(ANY_COLUMNS, st.integers(0, 200))
def test_columns_never_overlap_and_never_leave_the_table(columns: list[Column], width: int) -> None:
    placed = lay_out(columns, width, width)
    gap = 2 if width >= 110 else 1
    for left, right in itertools.pairwise(placed):
        assert right.start == left.start + left.width + gap
        assert left.number < right.number
    assert all(column.width >= 1 for column in placed)
    assert not placed or placed[-1].start + placed[-1].width <= width


@pytest.mark.parametrize("width", [80, 120, 200])
def test_flexible_columns_fill_the_table_exactly(width: int) -> None:
    placed = lay_out(COLUMNS, width, width)
    assert placed[-1].start + placed[-1].width == width
    shares = {column.column.key: column.width - column.column.width for column in placed}
    assert shares["number"] == shares["days"] == 0
    assert abs(shares["name"] - 2 * shares["place"]) <= 2


def test_too_narrow_a_table_shrinks_flexible_columns_and_then_leaves_out_the_last_ones() -> None:
    columns = (Column("a", "", 10), Column("b", "", 20, flex=1, minimum=8), Column("c", "", 10))
    assert [column.width for column in lay_out(columns, 32, 32)] == [10, 10, 10]
    assert [column.column.key for column in lay_out(columns, 20, 20)] == ["a", "b"]
