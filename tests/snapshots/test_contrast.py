"""The colours of the three themes can be told from their backgrounds. Source: WCAG 2.2, 1.4.3 and 1.4.6."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.color import Color

from tui.theme import THEMES

LEAST = {"dunkel": 4.5, "hell": 4.5, "kontrast": 7.0}
TEXTS = ("foreground", "text-muted", "primary", "secondary", "accent", "warning", "error", "success")
GROUNDS = ("background", "surface", "panel")


def contrast(one: Color, other: Color) -> float:
    """Return the ratio of the relative luminances of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color) -> float:
    """Return the relative luminance of a colour."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.fixture
def variables(request: pytest.FixtureRequest) -> dict[str, str]:
    """The colours of a theme as Textual derives them."""
    app: App[None] = App()
    for theme in THEMES.values():
        app.register_theme(theme)
    app.theme = request.param
    return {**app.get_css_variables()}


def test_the_measure_itself_is_right() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("theme", "variables"), [(name, name) for name in THEMES], indirect=["variables"])
def test_texts_stand_out_from_what_lies_behind_them(
    theme: str, variables: dict[str, str], text: str, ground: str
) -> None:
    ratio = contrast(Color.parse(variables[text]), Color.parse(variables[ground]))
    assert ratio >= LEAST[theme], f"{text} on {ground} in {theme}: {ratio:.2f}"


@pytest.mark.parametrize(("theme", "variables"), [(name, name) for name in THEMES], indirect=["variables"])
def test_the_row_under_the_cursor_can_be_read(theme: str, variables: dict[str, str]) -> None:
    text, ground = (Color.parse(variables[f"block-cursor-{name}"]) for name in ("foreground", "background"))
    assert contrast(text, ground) >= LEAST[theme]
