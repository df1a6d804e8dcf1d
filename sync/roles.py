"""Roles: what people in a team are called."""

from __future__ import annotations

from typing import Final

from models.i18n import _

_ROLES: Final = {
    "adviser": "Medienberater*in",
    "lead": "Teamleitung",
    "overseer": "Dezernat",
    "support": "Fachberatung",
    "administrator": "Verwaltung des Servers",
}


def role_text(role: str) -> str:
    """Return what a role is called; one of a newer version as it is."""
    return _(_ROLES.get(role, role))
