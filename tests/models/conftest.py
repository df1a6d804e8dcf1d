"""Where the tests find the ministry's real directory file; without it, what needs it is not collected at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[2]
_PLACES = (
    Path(os.environ.get("FELDBUCH_DIRECTORY", "")),
    _REPOSITORY.parent / "shared" / "data" / "schuldaten.csv",
)
_FOUND = [path for path in _PLACES if path.is_file()]

collect_ignore = [] if _FOUND else ["test_directory_real.py"]


@pytest.fixture(scope="session")
def real_directory() -> Path:
    """Return the path of the ministry's file."""
    return _FOUND[0]
