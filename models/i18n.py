"""Text that a person sees: German in the source, other languages as gettext catalogues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

_catalogue: NullTranslations | None = None


def _(text: str) -> str:
    """Return `text` in the language in use; the German source text where there is no translation."""
    return text if _catalogue is None else _catalogue.gettext(text)


def use(catalogue: NullTranslations | None) -> None:
    """Set the catalogue that `_` answers from; `None` is the German of the source."""
    global _catalogue  # one language per process, set once at start
    _catalogue = catalogue
