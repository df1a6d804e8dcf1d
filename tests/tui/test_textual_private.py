"""What Textual keeps private is touched in one module only, and that module fails here when Textual changes."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.message_pump import MessagePump
from textual.widgets import Input

from models.errors import FeldbuchError, StoreFull
from tui.textual_private import TellingApp, TellingScreen, all_screens, give_up_keys, own_bindings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = ROOT / "tui" / "textual_private.py"
FILES = {
    path.relative_to(ROOT).as_posix(): path
    for path in sorted((ROOT / "tui").rglob("*.py"))
    if path != ALLOWED and ROOT / "tui" / "cli" not in path.parents
}


@cache
def private_names(owner: type) -> frozenset[str]:
    """Return the private names that a class of Textual declares or sets on itself."""
    names = set(vars(owner)) | set(re.findall(r"\bself\.(_\w+)", inspect.getsource(owner)))
    return frozenset(name for name in names if re.match(r"_[a-z]", name))


def private_uses(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Yield line, name and whether it is one's own of all private names in `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and re.match(r"_[a-z]", node.name):
            yield node.lineno, node.name, True
        elif isinstance(node, ast.ClassDef):
            for one in node.body:
                targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
                for name in targets:
                    if isinstance(name, ast.Name) and re.match(r"_[a-z]", name.id):
                        yield one.lineno, name.id, True
        elif isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            yield node.lineno, node.attr, own


@pytest.mark.parametrize("path", FILES)
def test_no_class_uses_or_hides_a_private_name_of_textual(path: str) -> None:
    module = import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    for node in ast.parse(FILES[path].read_text(encoding="utf-8")).body:
        owner = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        if not (isinstance(owner, type) and issubclass(owner, MessagePump)):
            continue
        theirs = {n for base in owner.__mro__ if base.__module__.startswith("textual") for n in private_names(base)}
        for number, name, own in private_uses(node):
            assert not (own and name in theirs), f"{path}:{number}: {name} is Textual's"


@pytest.mark.parametrize("path", FILES)
def test_no_module_reaches_into_another_object(path: str) -> None:
    tree = ast.parse(FILES[path].read_text(encoding="utf-8"))
    declared = {name for _, name, own in private_uses(tree) if own}
    for number, name, own in private_uses(tree):
        assert own or name in declared, f"{path}:{number}: {name} is private to another class"


async def test_the_private_names_that_we_use_are_still_there() -> None:
    app = App[None]()
    async with app.run_test():
        assert all_screens(app) == [app.screen]
        assert [one.action for one in own_bindings(Input(), "ctrl+u")]
        assert own_bindings(Input(), "f12") == []


async def test_a_widget_can_give_up_keys_of_its_own_only() -> None:
    async with App[None]().run_test():
        giving, other = Input(), Input()
        give_up_keys(giving, ["ctrl+u", "f12"])
        assert own_bindings(giving, "ctrl+u") == []
        assert own_bindings(giving, "ctrl+k")
        assert own_bindings(other, "ctrl+u")


class Teller(TellingApp[None]):
    """An app that remembers what it told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def tell(self, error: FeldbuchError) -> None:
        self.told.append(str(error))


def fail() -> None:
    """Fail in a way that can be told."""
    raise StoreFull("voll")


def break_down() -> None:
    """Fail in a way that nobody expects."""
    raise KeyError("unbekannt")


async def test_app_and_screens_go_on_after_an_error_that_can_be_told() -> None:
    app = Teller()
    async with app.run_test() as pilot:
        screen = TellingScreen[None]()
        await app.push_screen(screen)
        for target in (app, screen, app, screen):
            target.call_later(fail)
            await pilot.pause()
        assert app.told == ["voll"] * 4
        assert app.is_running


async def test_a_defect_ends_the_app() -> None:
    app = Teller()

    async def run() -> None:
        async with app.run_test() as pilot:
            app.call_later(break_down)
            await pilot.pause()

    with pytest.raises(KeyError, match="unbekannt"):
        await run()
    assert app.told == []
