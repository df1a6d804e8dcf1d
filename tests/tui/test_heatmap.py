"""The heat map: digits in every cell, both directions, and what is behind a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App

from models.catalogue import load_catalogue
from models.rules.comparison import Assessed, Comparison, comparison
from models.text import cells
from tui.theme import THEMES
from tui.widgets.heatmap import CellOpened, HeatMap

if TYPE_CHECKING:
    from textual.app import ComposeResult

SCHOOL = load_catalogue("schule")
IDS = [criterion.id for criterion in SCHOOL.criteria]


def table(schools: int) -> Comparison:
    """Return made-up schools; the first row has the levels 1, 2, 3, 4 in its first four cells, then none."""
    subjects = []
    for number in range(schools):
        ratings: dict[str, dict[str, Any]] = {
            each: {"level": 1 + (number + place) % 4} for place, each in enumerate(IDS)
        }
        if number == 0:
            ratings = {each: {"level": 1 + place} for place, each in enumerate(IDS[:4])}
            ratings[IDS[4]] = {"level": None, "not_assessed": "nicht besprochen"}
        subjects.append(Assessed(f"s{number}", f"Schule {number}", SCHOOL, ratings))
    return comparison(subjects)


class Around(App[None]):
    """One heat map; remembers which cells were opened."""

    def __init__(self, shown: Comparison, theme: str = "dunkel") -> None:
        super().__init__()
        self.map = HeatMap(shown)
        self.opened: list[tuple[str, str]] = []
        self.wanted = theme

    def compose(self) -> ComposeResult:
        yield self.map

    def on_mount(self) -> None:
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.wanted
        self.map.focus()

    def on_cell_opened(self, message: CellOpened) -> None:
        self.opened.append((message.row_key, message.criterion_id))

    def rows(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips(self.size)]


async def test_every_level_is_a_digit_and_an_open_cell_a_dot() -> None:
    app = Around(table(3))
    async with app.run_test(size=(80, 24)):
        rows = app.rows()
    assert rows[0].split() == [str(number) for number in range(1, 14)]
    assert rows[1].split() == ["▸", "Schule", "0", "[1]", "2", "3", "4", "0", *"········"]
    assert rows[4] == " 1 Medienkonzept: 1"


async def test_thirteen_criteria_fit_into_eighty_cells_without_scrolling() -> None:
    names = [Assessed(str(n), "Gemeinschaftsgrundschule am alten Markt", SCHOOL, {}) for n in range(40)]
    app = Around(comparison(names))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        assert app.map.scroll_offset.x == 0
        assert app.rows()[0].split()[-1] == "13"
        assert "Gemeinschaftsgrundschule…" in app.rows()[1]


async def test_the_legend_names_the_highlighted_column_and_its_section() -> None:
    app = Around(table(3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["right"] * 4)
        assert app.rows()[4] == " 5 Internetanbindung: nicht bewertet · Sächliche Ausstattung"
        await pilot.press("right")
        assert app.rows()[4] == " 6 Netz im Gebäude: offen · Sächliche Ausstattung"


@pytest.mark.parametrize("size", [(80, 24), (50, 10), (40, 8)])
async def test_the_highlighted_cell_is_always_in_sight_with_its_labels(size: tuple[int, int]) -> None:
    app = Around(table(60))
    async with app.run_test(size=size) as pilot:
        for key in ("down", "pagedown", "end", "pagedown", "left", "up", "home", "right", "pageup", "end"):
            await pilot.press(key)
            rows = app.rows()
            row_key, criterion = app.map.highlighted or ("", "")
            marked = [row for row in rows if "[" in row]
            assert len(marked) == 1
            assert marked[0].startswith(f"▸ Schule {row_key[1:]} ")
            column = rows[0][: marked[0].index("]") + 1].split()[-1]
            assert int(column) == IDS.index(criterion) + 1
            assert f" {column} " in rows[-2 if app.map.show_horizontal_scrollbar else -1]
            assert all(cells(row) <= size[0] for row in rows)


async def test_enter_opens_the_cell_and_so_does_a_second_click() -> None:
    app = Around(table(3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "right", "enter")
        assert app.opened == [("s1", IDS[1])]
        x = app.rows()[0].index(" 3") + 1
        await pilot.click(offset=(x, 3))
        assert app.map.highlighted == ("s2", IDS[2])
        assert len(app.opened) == 1
        await pilot.click(offset=(x, 3))
        assert app.opened[1:] == [("s2", IDS[2])]


async def test_another_table_keeps_the_highlighted_row_and_criterion() -> None:
    app = Around(table(3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "right", "right")
        app.map.show(table(5))
        assert app.map.highlighted == ("s1", IDS[2])
        app.map.show(comparison([]))
        await pilot.pause()
        assert app.map.highlighted is None
        await pilot.press("down", "right", "enter", "pagedown", "end")
        assert not app.opened
        assert app.rows()[1] == " Noch keine Bestandsaufnahme."


@pytest.mark.parametrize("theme", list(THEMES))
async def test_digits_can_be_read_on_their_colour_in_every_theme(theme: str) -> None:
    app = Around(table(1), theme)
    async with app.run_test(size=(80, 24)):
        backgrounds = []
        for level in range(5):
            style = app.map.get_component_rich_style(f"heatmap--level{level}")
            assert style.color is not None
            assert style.bgcolor is not None
            assert style.color.triplet is not None
            assert style.bgcolor.triplet is not None
            assert _contrast(style.color.triplet.normalized, style.bgcolor.triplet.normalized) >= 4.5
            backgrounds.append(style.bgcolor.triplet)
        assert len(set(backgrounds)) == 5


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.2, relative luminance."""
    lights = sorted(_luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
