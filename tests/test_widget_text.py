"""No text reaches a widget except through `tui.show`: proven on the code itself, file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.widget_text import content_functions, unsafe_texts

TUI = Path(__file__).resolve().parents[1] / "tui"
SOURCES = {
    path.relative_to(TUI.parent).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(TUI.rglob("*.py"))
    if path != TUI / "show.py" and TUI / "cli" not in path.parents
}
MAKERS = {name for source in SOURCES.values() for name in content_functions(source)}


@pytest.mark.parametrize("path", SOURCES)
def test_every_widget_gets_its_text_through_the_helpers(path: str) -> None:
    found = [f"{path}:{line}: {what}" for line, what in unsafe_texts(SOURCES[path], MAKERS)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "Static(name)",
        "Static(school.name, markup=False)",
        "Static(f'Schule {name}')",
        "Static(_('Schule {name}').format(name=name))",
        "Static('[b]fett[/b]')",
        "Button(label=name)",
        "self.query_one(Static).update(name)",
        "box.border_title = name",
        "app.notify('Gespeichert')",
        "Content.from_markup('fett')",
        "Content(name)",
        "Content.assemble((name, 'bold'))",
        "text = f'[bold]{name}[/]'",
        "def f():\n    name = shown(a)\n    name = b\n    Static(name)",
        "def render(self) -> str:\n    return 'x'",
        "super().__init__(placeholder=name)",
    ],
)
def test_text_without_a_helper_is_found(code: str) -> None:
    assert unsafe_texts(code)


@pytest.mark.parametrize(
    "code",
    [
        "Static('')",
        "Static(_('Beschluss'))",
        "Static(shown(name))",
        "Static(assemble((name, 'bold'), ' ') if name else '')",
        "def f(text: Content):\n    Static(text)",
        "def f():\n    text = line(name)\n    Static(text)",
        "def head() -> Content:\n    return shown(a)\nStatic(head())",
        "Static(shown(name).stylize('bold'))",
        "f'[{number}]'",
    ],
)
def test_text_through_a_helper_is_fine(code: str) -> None:
    assert unsafe_texts(code) == []
