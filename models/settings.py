"""Settings of one fieldbook: who works with it, for which region, and how it looks."""

from __future__ import annotations

from typing import Annotated

from models.fields import Choice, Reference, Value
from models.records.base import Cleaned, new_id


class Settings(Cleaned):
    """What is set once on a device; stored beside the records and never sent."""

    device: Annotated[str, Value("Gerät", derived=True)] = ""
    started: Annotated[str, Value("Eingerichtet als", derived=True)] = ""
    adviser: Annotated[str, Reference("Ich bin", to="adviser")] = ""
    region: Annotated[
        str,
        Value(
            "Region",
            "Kreis oder Gemeindeschlüssel, zum Beispiel Kreis Gütersloh oder 05754.",
        ),
    ] = ""
    theme: Annotated[str, Choice("Darstellung", vocabulary="theme")] = "dunkel"
    lock_minutes: Annotated[
        int,
        Value(
            "Sperren nach",
            "Minuten ohne Taste, nur mit Verschlüsselung; 0: nie.",
            unit="Minuten",
            minimum=0,
            maximum=1440,
        ),
    ] = 15
    idle_days: Annotated[int, Value("Länger nicht besucht", unit="Tagen", minimum=1, maximum=3650)] = 180

    @classmethod
    def first(cls) -> Settings:
        """Return the settings of a new fieldbook."""
        return cls(device=new_id())
