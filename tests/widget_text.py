"""Reads code for texts that reach a Textual widget without `tui.show`; see the security design, hostile text."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HELPERS = frozenset({"shown", "line", "assemble"})
WIDGETS = frozenset(
    {"Static", "Label", "Button", "Checkbox", "RadioButton", "Tab", "TabPane", "Collapsible", "Link", "Content"}
)
TEXT_ATTRIBUTES = frozenset({"border_title", "border_subtitle", "tooltip"})
TEXT_ARGUMENTS = frozenset({"content", "label", "title", "placeholder", "tooltip", "border_title", "prompt"})
FORBIDDEN = {
    "notify": "use say() of tui.show",
    "from_markup": "never markup; use assemble() of tui.show",
    "from_rich_text": "use assemble() of tui.show",
    "render_markup": "never markup; use assemble() of tui.show",
    "escape": "does not help; use shown() of tui.show",
}
STILL_CONTENT = frozenset({"stylize", "stylize_before", "join", "append", "append_text", "truncate", "pad_right"})
_MARKUP = re.compile(r"\[(/|/?[$@#a-z][^\[\]]*)\]")


class Finding(NamedTuple):
    """A line of code that shows text in a way the house does not allow."""

    line: int
    what: str


def content_functions(source: str) -> Iterator[str]:
    """Yield the names of the functions in `source` that return `Content`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and _is_content(node.returns):
            yield node.name


def unsafe_texts(source: str, makers: Iterable[str] = ()) -> list[Finding]:
    """Return what is wrong in `source`; `makers` are the functions elsewhere that return `Content`."""
    tree = ast.parse(source)
    check = _Check(HELPERS | set(makers) | set(content_functions(source)))
    check.visit(tree)
    return sorted(check.findings)


def _is_content(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Content"


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


class _Check(ast.NodeVisitor):
    """Walks one module; `_known` holds the names of the current function that are sure to be content."""

    def __init__(self, makers: frozenset[str] | set[str]) -> None:
        self.findings: list[Finding] = []
        self._makers = makers
        self._known: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._known = self._known, self._content_names(node)
        if node.name == "render" and node.returns is not None and not _is_content(node.returns):
            allowed = {"Content", "Strip", "Visual", "Blank"}
            if _name(node.returns) not in allowed:
                self._find(node, "render() without `-> Content` is read as markup")
        self.generic_visit(node)
        self._known = outer

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        method = isinstance(node.func, ast.Attribute)
        if name in FORBIDDEN and (method or name != "escape"):
            self._find(node, f"{name}(): {FORBIDDEN[name]}")
        elif method and name == "assemble" and _name(node.func.value) in {"Content", "Text"}:  # type: ignore[attr-defined]
            self._find(node, "Content.assemble(): use assemble() of tui.show, which cleans")
        elif (name in WIDGETS and not method) or (method and name == "update" and not node.keywords):
            self._check_values(node, name, node.args[:1])
        if name in WIDGETS or name == "__init__":
            self._check_values(node, name, [word.value for word in node.keywords if word.arg in TEXT_ARGUMENTS])
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(one, ast.Attribute) and one.attr in TEXT_ATTRIBUTES for one in node.targets):
            self._check_values(node, _name(node.targets[0]), [node.value])
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.Constant) and _MARKUP.search(str(part.value)):
                self._find(node, "an f-string with markup")
        self.generic_visit(node)

    def _check_values(self, node: ast.AST, name: str, values: Iterable[ast.expr]) -> None:
        for value in values:
            if not self._safe(value):
                self._find(node, f"{name}: {ast.unparse(value)[:60]} without shown(), line() or assemble()")

    def _safe(self, value: ast.expr) -> bool:
        match value:
            case ast.Constant(value=text):
                return text is None or (isinstance(text, str) and "[" not in text)
            case ast.Name(id=name):
                return name in self._known
            case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
                return self._safe(first) and self._safe(second)
            case ast.BoolOp(values=values):
                return all(self._safe(one) for one in values)
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant() as text]):
                return self._safe(text)
            case ast.Call(func=ast.Attribute(attr=name, value=receiver)) if name in STILL_CONTENT:
                return self._safe(receiver)
            case ast.Call(func=function):
                constant = _name(function) == "Content" and all(self._safe(one) for one in value.args)
                return constant or _name(function) in self._makers
        return False

    def _content_names(self, function: ast.FunctionDef) -> set[str]:
        """Return the names that are content wherever `function` sets them; a parameter counts by its annotation."""
        known = self._known = {
            one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg) and _is_content(one.annotation)
        }
        assigned: dict[str, bool] = {}
        for node in ast.walk(function):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    assigned[name] = assigned.get(name, True) and self._safe(value)
                case ast.For(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
                    assigned[name] = False
        return known | {name for name, safe in assigned.items() if safe}

    def _find(self, node: ast.AST, what: str) -> None:
        self.findings.append(Finding(getattr(node, "lineno", 0), what))
