"""The editors of the form engine: one per field kind, all drawn from the field's declaration."""

from __future__ import annotations
