"""The field reference in the docs says what the declarations say."""

from __future__ import annotations

from pathlib import Path

from models.records import KINDS, record_class
from models.reference import field_reference

DOCS = Path(__file__).parents[2] / "docs" / "felder.md"


def test_the_reference_in_the_docs_is_the_one_that_the_declarations_give() -> None:
    assert DOCS.read_text(encoding="utf-8") == field_reference()


def test_every_kind_and_every_field_stands_in_the_reference() -> None:
    text = field_reference()
    for kind in KINDS:
        assert f"(`{kind}`)" in text
        for name in record_class(kind).kinds():
            assert f"`{name}`" in text
