"""The README says what the program does: its keys, commands, options and set-up exist, and none is left out."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.readme import README, between, keys
from tui.cli.program import program

TEXT = README.read_text(encoding="utf-8")


def commands() -> set[str]:
    """Return the commands of the program in the words one types, "import schools" for a command below another."""
    names: set[str] = set()
    for name, app in program().resolved_commands().items():
        if not name.startswith("-"):
            below = [one for one in app.resolved_commands() if not one.startswith("-")]
            names |= {f"{name} {one}" for one in below} or {name}
    return names


def test_the_key_table_is_the_one_that_the_program_prints() -> None:
    assert between(TEXT, "keys") == keys(), "python -m tests.readme writes it anew"


def test_every_command_stands_in_the_table_and_the_other_way_round() -> None:
    rows = re.findall(r"^\| `feldbuch ([a-z ]+?)(?: [A-Z]+)*` \|", TEXT, re.MULTILINE)

    assert set(rows) == commands()
    assert len(rows) == len(set(rows))


def test_every_option_that_stands_before_a_command_is_explained() -> None:
    options = set(re.findall(r"--[a-z]+", str(program().help)))

    assert options >= {"--dir", "--demo"}
    assert not {option for option in options if option not in TEXT}


@pytest.mark.parametrize("end", ["feldbuch --demo", "-m pytest"])
def test_it_opens_with_the_two_commands_that_set_themselves_up(end: str) -> None:
    opening = TEXT.split("\n## ", 1)[0]
    found = [line for line in opening.splitlines() if line.startswith("python3 -m venv ") and line.endswith(end)]

    assert len(found) == 1
    assert "-c constraints.txt" in found[0]


def test_the_version_has_one_source_and_a_line_in_the_changes() -> None:
    version = tomllib.loads((README.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert f"\n## {version}" in (README.parent / "CHANGELOG.md").read_text("utf-8")
