"""Arguments: how the commands declare what they take."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui.cli.target import Target

Here = Annotated[Target, Parameter(parse=False)]
"""The fieldbook that a command works on; comes from the options before it."""


def switch(text: str) -> Parameter:
    """Return the declaration of an option without a value."""
    return Parameter(help=text, negative="")


def file_name(text: str) -> Parameter:
    """Return the declaration of a file that may be called "-"."""
    return Parameter(help=text, allow_leading_hyphen=True)
