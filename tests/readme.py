"""The parts of the README that come from the program; `python -m tests.readme` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from tui.cli.keys import key_table

README = Path(__file__).resolve().parents[1] / "README.md"


def between(text: str, name: str) -> str:
    """Return what stands between the marks of `name`; raises ValueError where they are missing."""
    found = re.search(_pattern(name), text, re.DOTALL)
    if found is None:
        raise ValueError(f"the marks of {name} are missing")
    return found[2]


def replaced(text: str, name: str, new: str) -> str:
    """Return `text` with `new` between the marks of `name`."""
    return re.sub(_pattern(name), lambda found: f"{found[1]}{new}{found[3]}", text, flags=re.DOTALL)


def keys() -> str:
    """Return the key table as it belongs into the README; it is long, so it is folded away."""
    table = "\n".join(key_table())
    return f"<details>\n<summary>Alle Tasten</summary>\n\n{table}\n\n</details>\n"


def _pattern(name: str) -> str:
    return rf"(<!-- {name}:begin -->\n)(.*?)(<!-- {name}:end -->)"


if __name__ == "__main__":
    README.write_text(replaced(README.read_text("utf-8"), "keys", keys()), encoding="utf-8", newline="\n")
