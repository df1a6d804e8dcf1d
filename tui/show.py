"""The one way by which text from records reaches a Textual widget: cleaned, and never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from models.text import clean

if TYPE_CHECKING:
    from textual.app import App
    from textual.notifications import SeverityLevel
    from textual.style import Style


def shown(text: str) -> Content:
    """Return `text` as content of a widget, line ends kept. Source: security design, hostile text."""
    return Content(clean(text))


def line(text: str) -> Content:
    """Return `text` as content of one line."""
    return Content(clean(text, lines=False))


def assemble(*parts: str | Content | tuple[str, str | Style]) -> Content:
    """Return content put together from texts, pairs of text and style, and finished content; every text is cleaned."""
    cleaned: list[str | Content | tuple[str, str | Style]] = []
    for part in parts:
        if isinstance(part, Content):
            cleaned.append(part)
        elif isinstance(part, str):
            cleaned.append(clean(part))
        else:
            text, style = part
            cleaned.append((clean(text), style))
    return Content.assemble(*cleaned)


def say(app: App[Any], text: str, severity: SeverityLevel = "information", title: str = "") -> None:
    """Show a passing note in the corner of the screen: for errors and for what a person saved on purpose."""
    app.notify(clean(text), title=clean(title, lines=False), severity=severity, markup=False)
