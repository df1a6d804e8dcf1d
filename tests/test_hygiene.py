"""The house rules that a machine can check: what loads what, and what may stand in the files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tui", "models", "sync", "fixtures", "tests")
MODULES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
SHIPPED = {path: source for path, source in MODULES.items() if not path.startswith("tests/")}
EMPTY_PACKAGES = {path for path, source in MODULES.items() if not source.strip()}

ENCRYPTION = {"cryptography", "argon2", "keyring"}
"""What only an encrypted fieldbook needs."""

# Joined from halves, so that this file does not find itself.
UNWANTED = {
    "a registry's address": re.compile("|".join(("pypi" + r"\.org", "files.python" + "hosted", "registry.npm" + "js"))),
    "a path of somebody's machine": re.compile(r"(?<![\w.~/-])/" + r"(work|root|opt|home|Users)/\w"),
    "an open end": re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b"),
}
TEXT_FILES = {".py", ".toml", ".md", ".txt", ".tcss", ".cfg", ".ini", ".yml", ".yaml", ""}


def loaded_after(code: str) -> set[str]:
    """Return the names of all modules that are loaded after `code` in a new interpreter."""
    printed = "import sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{printed}"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(run.stdout.split())


def every_module_of(package: str) -> str:
    """Return code that imports all modules of a package."""
    names = [
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in SHIPPED
        if path.startswith(f"{package}/")
    ]
    return "import " + ", ".join(names)


def tracked_files() -> list[Path]:
    """Return the files that git keeps; in an unpacked archive there are none to check."""
    if not (ROOT / ".git").exists():
        return []
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_records_load_neither_screens_nor_network() -> None:
    loaded = loaded_after(every_module_of("models"))

    assert not loaded & {"textual", "rich", "httpx", "tui", "sync", "cyclopts", *ENCRYPTION}


def test_the_start_of_the_app_loads_nothing_that_it_does_not_need_yet() -> None:
    loaded = loaded_after("import tui.cli, tui.app, tui.screens.today")

    assert "textual" in loaded
    assert not loaded & {
        "httpx",
        "cyclopts",
        "typst",
        "fixtures.demo",
        "tree_sitter",
        "click",
        "sqlalchemy",
        "sync.exchange",
        "sync.session",
        *ENCRYPTION,
    }


def test_the_command_alone_loads_no_screens() -> None:
    loaded = loaded_after("import tui.cli, tui.cli.program")

    assert not loaded & {"textual", "httpx", "tui.app"}


def test_sync_never_loads_screens() -> None:
    assert not loaded_after(every_module_of("sync")) & {"textual", "tui"}


@pytest.mark.parametrize("path", sorted(MODULES.keys() - EMPTY_PACKAGES))
def test_a_module_says_its_subject_and_defers_its_annotations(path: str) -> None:
    tree = ast.parse(MODULES[path])

    assert ast.get_docstring(tree), f"{path} has no docstring"
    deferred = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    assert deferred or len(tree.body) == 1, f"{path} lacks `from __future__ import annotations`"


def test_only_packages_are_empty() -> None:
    assert {Path(path).name for path in EMPTY_PACKAGES} <= {"__init__.py"}


@pytest.mark.parametrize("path", SHIPPED)
def test_no_module_depends_on_the_language_of_the_system(path: str) -> None:
    for node in ast.walk(ast.parse(SHIPPED[path])):
        match node:
            case ast.Import(names=names) if any(one.name == "locale" for one in names):
                pytest.fail(f"{path}:{node.lineno}: locale")
            case ast.ImportFrom(module="locale") | ast.Attribute(attr="strftime" | "setlocale"):
                pytest.fail(f"{path}:{node.lineno}: {ast.unparse(node)}")


@pytest.mark.parametrize("path", SHIPPED)
def test_no_module_swallows_every_error(path: str) -> None:
    for node in ast.walk(ast.parse(SHIPPED[path])):
        if isinstance(node, ast.ExceptHandler):
            names = {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)} if node.type else {"Exception"}
            raises = any(isinstance(one, ast.Raise) for one in ast.walk(node))
            # Where a defect becomes a sentence and a log, and where an error goes to the thread that raises it again.
            edge = path in ("tui/cli/guard.py", "tui/saving.py", "tui/syncing.py", "sync/server/cli/guard.py")
            assert raises or edge or not names & {"Exception", "BaseException"}, (
                f"{path}:{node.lineno}: every error is caught"
            )


def test_no_file_names_a_registry_or_a_machine_or_leaves_an_open_end() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {what}"
        for path in tracked_files()
        if path.suffix in TEXT_FILES
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        for what, pattern in UNWANTED.items()
        if pattern.search(line)
    ]

    assert not found, "\n".join(found)


def test_the_exact_versions_fit_the_declared_ones_and_name_no_address() -> None:
    lines = [one for one in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not one.startswith("#")]

    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+", line) for line in lines)
    assert {"textual", "tinydb", "pydantic", "pytest"} <= {line.partition("==")[0] for line in lines}
