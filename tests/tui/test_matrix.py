"""The matrix on the screen: one key per criterion, all level texts in sight, exact in bursts."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.app import App
from textual.message import Message
from textual.widgets import Static

from models.catalogue import Catalogue, Criterion, Section, load_catalogue
from models.rules.assessment import level_of
from models.text import cells
from tui.widgets.matrix import Completed, CriterionChanged, MatrixWidget, Rated, ReasonWanted, Refused
from tui.widgets.matrix_text import MatrixNotes, show_month

if TYPE_CHECKING:
    from textual.app import ComposeResult

SCHOOL = load_catalogue("schule")
IDS = [criterion.id for criterion in SCHOOL.criteria]
NETWORK = "schule.ausstattung.hausnetz"
SMALL, LARGE = (80, 24), (120, 40)
FULL = MatrixNotes(
    previous={each: {"level": 1 + number % 3} for number, each in enumerate(IDS)},
    previous_day="Mo 12.05.2025",
    targets={each: {"level": 3, "due": "2027-07"} for each in IDS},
    evidence=dict.fromkeys(IDS, "Begehung 24.11."),
    criterion_comments=dict.fromkeys(IDS, "Wird von der Steuergruppe begleitet. " * 5),
    comments={section.id: "Eigene Kommentierung des Abschnitts" for section in SCHOOL.sections},
)


class Around(App[None]):
    """The matrix between two lines above and one below, as on its screen; remembers what it was told."""

    def __init__(self, matrix: MatrixWidget) -> None:
        super().__init__()
        self.matrix = matrix
        self.told: list[Message] = []
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("Orte")
        yield Static("Titel")
        yield self.matrix
        yield Static("Tasten")

    def on_mount(self) -> None:
        self.matrix.focus()

    def on_key(self, event: events.Key) -> None:
        self.heard.append(event.key)

    def on_rated(self, message: Rated) -> None:
        self.told.append(message)

    def on_reason_wanted(self, message: ReasonWanted) -> None:
        self.told.append(message)

    def on_refused(self, message: Refused) -> None:
        self.told.append(message)

    def on_completed(self, message: Completed) -> None:
        self.told.append(message)

    def on_criterion_changed(self, message: CriterionChanged) -> None:
        self.told.append(message)

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.told if isinstance(message, kind)]

    def rows(self) -> list[str]:
        """Return the rows of the screen as text."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips(self.size)]

    def press(self, keys: str) -> None:
        """Press keys without waiting between them, as a burst does."""
        for key in keys:
            self.matrix.post_message(events.Key(key, key))


def matrix(ratings: dict[str, Any] | None = None, **more: Any) -> MatrixWidget:
    return MatrixWidget(SCHOOL, ratings or {}, **more)


def words(rows: list[str], start: int, end: int | None = None) -> str:
    return " ".join(" ".join(row[start:end].split()) for row in rows).strip()


def levels(widget: MatrixWidget) -> list[int | None]:
    return [level_of(widget.state.ratings, each) for each in IDS]


def clean_of_marks(text: str) -> str:
    return " ".join(re.sub(r"◂ zuletzt|[▁▂▃▄▅▆▇█▉▊▋▌▍▎▏]", " ", text).split())


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_thirteen_keys_rate_the_thirteen_criteria(size: tuple[int, int]) -> None:
    app = Around(matrix())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"1232432132132")
        assert levels(app.matrix) == [1, 2, 3, 2, 4, 3, 2, 1, 3, 2, 1, 3, 2]
        assert len(app.of(Completed)) == 1
        assert [message.criterion_id for message in app.of(Rated)] == IDS
        assert [message.criterion_id for message in app.of(CriterionChanged)] == IDS[1:]


async def test_a_burst_of_keys_puts_every_level_where_it_belongs() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        app.press("1232432132132")
        await pilot.pause()
        assert levels(app.matrix) == [1, 2, 3, 2, 4, 3, 2, 1, 3, 2, 1, 3, 2]
        assert [(each.criterion_id, each.level) for each in app.of(Rated)] == list(
            zip(IDS, levels(app.matrix), strict=True)
        )


@pytest.mark.parametrize("notes", [MatrixNotes(), FULL], ids=["bare", "full"])
async def test_all_level_texts_of_every_criterion_are_on_a_small_screen(notes: MatrixNotes) -> None:
    app = Around(matrix(notes=notes))
    async with app.run_test(size=SMALL) as pilot:
        for criterion in SCHOOL.criteria:
            app.matrix.go_to(criterion.id)
            await pilot.pause()
            rows = app.rows()
            texts = clean_of_marks(words(rows, 17))
            for text in (criterion.goal, *criterion.levels):
                assert text in texts
            screen = words(rows, 0)
            assert f"▸ {criterion.title}" in screen
            assert "0 nicht bewertet" in screen
            assert ("4 Zielbild erreicht" in screen) == criterion.goal_beyond_top
            if notes is FULL:
                assert "Ziel Stufe 3 bis 07/2027 Beleg Begehung 24.11." in screen
                assert "◂ zuletzt" in screen
                assert any(row.startswith("   Kommentar") and row.endswith("…") for row in map(_unbarred, rows))


def _unbarred(row: str) -> str:
    return row[:79].rstrip()


async def test_on_a_wide_screen_the_levels_stand_side_by_side() -> None:
    app = Around(matrix(notes=FULL))
    async with app.run_test(size=LARGE) as pilot:
        for criterion in SCHOOL.criteria:
            app.matrix.go_to(criterion.id)
            await pilot.pause()
            rows = app.rows()
            head = next(row for row in rows if "1 noch offen" in row and "3 erreicht" in row)
            starts = [head.index(name) for name in ("1 noch offen", "2 in Arbeit", "3 erreicht")]
            columns = zip(starts, [*starts[1:], None], criterion.levels, strict=True)
            for start, end, text in columns:
                assert text in words(rows[rows.index(head) + 1 :], start, end)


async def test_the_heading_of_the_section_stays_above_the_current_criterion() -> None:
    app = Around(matrix(notes=FULL))
    async with app.run_test(size=SMALL) as pilot:
        for criterion in SCHOOL.criteria:
            app.matrix.go_to(criterion.id)
            await pilot.pause()
            rows = app.rows()
            here = next(number for number, row in enumerate(rows) if row.startswith(" ▸"))
            section = SCHOOL.section_of(criterion.id)
            assert section is not None
            assert any(section.heading in row for row in rows[2:here])


async def test_signs_tell_level_change_and_progress_without_any_colour() -> None:
    ratings = {
        IDS[0]: {"level": 2},
        IDS[1]: {"level": None, "not_assessed": "nicht besprochen"},
        IDS[2]: {"level": 1},
        IDS[3]: {"level": 1},
    }
    app = Around(matrix(ratings, notes=FULL))
    async with app.run_test(size=(80, 48)):
        text = [" ".join(row.split()) for row in app.rows()]
    assert "● Medienkonzept ¶ 2 in Arbeit zuletzt 1 ▲" in text
    assert "0 Schulleitung und Steuergruppe ¶ 0 nicht bewertet zuletzt 2" in text
    assert "● Beschlüsse der Gremien ¶ 1 noch offen zuletzt 3 ▼" in text
    assert "● Ausstattungsplanung ¶ 1 noch offen zuletzt 1 =" in text
    assert "○ Präsentationstechnik ¶ – zuletzt 1" in text
    assert "Ressourcen · Sächliche Ausstattung 1 von 6" in text


async def test_the_chosen_level_and_the_level_of_last_time_are_marked() -> None:
    app = Around(matrix({NETWORK: {"level": 2}}, notes=FULL))
    async with app.run_test(size=SMALL) as pilot:
        app.matrix.go_to(NETWORK)
        await pilot.pause()
        rows = app.rows()
    assert any(row.startswith(" ● 2 in Arbeit") for row in rows)
    assert sum(row.startswith(" ●") for row in rows) == 1
    assert any("▼ zuletzt 3 (Mo 12.05.2025)" in row for row in rows)
    assert any("auch über WLAN." in row and "◂ zuletzt" in row for row in rows)


async def test_a_fourth_level_is_refused_where_the_goal_asks_for_no_more() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        assert levels(app.matrix)[0] is None
        assert app.matrix.state.index == 0
        assert app.of(Refused)[0].text == "Hier gehen die Stufen von 1 bis 3."


async def test_zero_asks_for_a_reason_and_changes_nothing_before_it_comes() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("0")
        assert [message.criterion_id for message in app.of(ReasonWanted)] == [IDS[0]]
        assert app.matrix.state.ratings == {}
        app.matrix.leave_out(IDS[0], "nicht besprochen")
        await pilot.pause()
        assert app.of(Rated)[0].level == 0
        assert app.matrix.state.index == 1
        await pilot.press("up")
        assert any("● 0 nicht bewertet: nicht besprochen" in row for row in app.rows())


@pytest.mark.parametrize("key", ["backspace", "delete"])
async def test_a_rating_is_cleared_and_can_be_taken_back(key: str) -> None:
    app = Around(matrix({IDS[0]: {"level": 2}}))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("home", key)
        assert levels(app.matrix)[0] is None
        assert app.of(Rated)[-1].level is None
        assert app.matrix.undo_rating()
        assert levels(app.matrix)[0] == 2
        assert not app.matrix.undo_rating()


async def test_arrows_pages_and_ends_move_by_criterion_and_section() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        found = []
        for key in ("down", "down", "up", "pagedown", "pagedown", "pagedown", "pageup", "end", "home", "up"):
            await pilot.press(key)
            found.append(app.matrix.state.index)
    assert found == [1, 2, 1, 2, 3, 9, 3, 12, 0, 0]


async def test_a_locked_matrix_says_why_and_still_lets_one_read() -> None:
    app = Around(matrix(locked="Diese Bestandsaufnahme ist abgeschlossen."))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("1", "delete", "down")
        assert app.matrix.state.ratings == {}
        assert app.matrix.state.index == 1
        assert {message.text for message in app.of(Refused)} == {"Diese Bestandsaufnahme ist abgeschlossen."}


async def test_letters_are_left_to_the_screen_and_digits_are_not() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("k", "1", "down", "t")
    assert app.heard == ["k", "t"]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_click_on_a_level_gives_it(size: tuple[int, int]) -> None:
    app = Around(matrix())
    async with app.run_test(size=size) as pilot:
        rows = app.rows()
        y = next(number for number, row in enumerate(rows) if "2 in Arbeit" in row)
        await pilot.click(offset=(rows[y].index("2 in Arbeit") + 2, y))
        assert levels(app.matrix)[0] == 2
        assert app.matrix.state.index == 1


async def test_a_click_on_another_criterion_selects_it_and_rates_nothing() -> None:
    app = Around(matrix())
    async with app.run_test(size=LARGE) as pilot:
        rows = app.rows()
        y = next(number for number, row in enumerate(rows) if "Netz im Gebäude" in row)
        await pilot.click(offset=(10, y))
        criterion = app.matrix.state.criterion
        assert criterion is not None
        assert criterion.id == NETWORK
        assert app.matrix.state.ratings == {}


async def test_a_click_on_the_answer_without_level_asks_for_the_reason() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        rows = app.rows()
        y = next(number for number, row in enumerate(rows) if "0 nicht bewertet" in row)
        await pilot.click(offset=(rows[y].index("0 nicht"), y))
        assert len(app.of(ReasonWanted)) == 1


async def test_a_key_only_redraws_and_never_lays_the_screen_out_anew() -> None:
    app = Around(matrix(notes=FULL))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        before = app.matrix.virtual_size
        for criterion in SCHOOL.criteria:
            app.matrix.go_to(criterion.id)
            assert app.matrix.virtual_size == before
            app.matrix.rate(1)
            assert app.matrix.virtual_size == before


async def test_a_level_key_is_computed_and_drawn_well_within_a_frame() -> None:
    app = Around(matrix(notes=FULL))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        taken = []
        for number in range(26):
            begin = time.perf_counter()
            app.matrix.rate(1 + number % 3)
            for y in range(app.matrix.size.height):
                app.matrix.render_line(y)
            taken.append(time.perf_counter() - begin)
            await pilot.pause()
            if number == 12:
                app.matrix.go_to(IDS[0])
    # A fifth of this on a quiet machine; the bound only catches what grew by an order of magnitude.
    assert sorted(taken)[13] < 0.015


@pytest.mark.parametrize("size", [SMALL, (80, 60), LARGE])
async def test_what_was_drawn_before_a_change_is_not_shown_after_it(size: tuple[int, int]) -> None:
    app = Around(matrix(notes=FULL))
    async with app.run_test(size=size) as pilot:
        for key in ("2", "1", "up", "3", "end", "2", "home", "delete", "pagedown", "2"):
            await pilot.press(key)
            shown = app.rows()
            app.matrix._strips.clear()
            app.matrix.refresh(layout=True)
            await pilot.pause()
            assert app.rows() == shown


async def test_other_colours_come_with_the_focus_and_with_the_theme() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        seen = [_colours(app)]
        app.set_focus(None)
        await pilot.pause()
        seen.append(_colours(app))
        app.theme = "textual-light"
        await pilot.pause()
        seen.append(_colours(app))
    assert len(set(seen)) == 3


def _colours(app: Around) -> str:
    """Return the colours of the title of the current criterion."""
    strips = app.screen._compositor.render_strips(app.size)
    row = next(strip for strip in strips if strip.text.startswith(" ▸"))
    return str(next(iter(row)).style)


async def test_the_matrix_follows_when_its_width_changes() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert any("1 noch offen" in row and "3 erreicht" in row for row in app.rows())
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        assert not any("1 noch offen" in row and "3 erreicht" in row for row in app.rows())


async def test_showing_the_stored_assessment_again_keeps_the_place() -> None:
    app = Around(matrix())
    async with app.run_test(size=SMALL) as pilot:
        app.matrix.go_to(NETWORK)
        app.matrix.show(SCHOOL, {NETWORK: {"level": 3}}, FULL)
        await pilot.pause()
        criterion = app.matrix.state.criterion
        assert criterion is not None
        assert criterion.id == NETWORK
        assert any(row.startswith(" ● 3 erreicht") for row in app.rows())


async def test_hostile_comments_are_shown_harmless_and_as_they_are() -> None:
    notes = MatrixNotes(criterion_comments={IDS[0]: "[red]Rot[/red] \x1b[2J\nzweite Zeile"})
    app = Around(matrix(notes=notes))
    async with app.run_test(size=SMALL):
        screen = "\n".join(app.rows())
    assert "[red]Rot[/red] ·[2J zweite Zeile" in screen
    assert "\x1b" not in screen


async def test_a_catalogue_without_criteria_can_be_shown() -> None:
    app = Around(MatrixWidget(Catalogue("x", "", "X", "school", ("a", "b"), (Section("s", "Leer", ()),)), {}))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("1", "0", "down", "pagedown", "delete", "end")
        assert any("Leer" in row for row in app.rows())


async def test_no_row_is_wider_than_the_screen() -> None:
    long = Criterion("c", "Titel " * 30, "Ziel " * 50, ("Wortungetüm" * 20, "b " * 90, "c"), goal_beyond_top=True)
    catalogue = Catalogue("x", "", "X", "school", ("a" * 60, "b", "c"), (Section("s", "S" * 200, (long,)),))
    notes = MatrixNotes(previous={"c": {"level": 1}}, previous_day="Mo 12.05.2025", evidence={"c": "漢字" * 99})
    for size in (SMALL, LARGE, (40, 10)):
        app = Around(MatrixWidget(catalogue, {"c": {"level": None, "not_assessed": "lang " * 50}}, notes=notes))
        async with app.run_test(size=size):
            assert all(cells(row) <= size[0] for row in app.rows())


def test_months_are_shown_as_people_write_them() -> None:
    assert show_month("2027-07") == "07/2027"
    assert show_month("Sommer") == "Sommer"
