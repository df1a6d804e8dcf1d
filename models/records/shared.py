"""List entries that several families share."""

from __future__ import annotations

from typing import Annotated

from models.fields import Choice, Reference, Value
from models.records.base import Item, OptionalDate


class Agreement(Item):
    """A Vereinbarung: what somebody will do by when; each becomes a line in Aufgaben."""

    text: Annotated[str, Value("Vereinbarung", width=40, weight=1)]
    owner: Annotated[str, Choice("Wer", vocabulary="task_owner", width=10)] = "ich"
    due: Annotated[OptionalDate, Value("bis", width=10)] = None
    done_on: Annotated[OptionalDate, Value("erledigt am", width=10)] = None


class Attendee(Item):
    """Someone met at a visit: the function counts, a name is optional."""

    function: Annotated[str, Choice("Funktion", vocabulary="function", width=24)]
    name: Annotated[str, Value("Name", width=20, weight=1)] = ""
    present: Annotated[bool, Value("anwesend", width=8)] = True


class ContactPoint(Item):
    """An official contact of a school or authority."""

    function: Annotated[str, Choice("Funktion", vocabulary="function", width=24)]
    name: Annotated[str, Value("Name", width=20, weight=1)] = ""
    mail: Annotated[str, Value("E-Mail", width=24)] = ""
    phone: Annotated[str, Value("Telefon", width=14)] = ""


class Decision(Item):
    """A Beschluss with the body that took it."""

    text: Annotated[str, Value("Beschluss", width=40, weight=1)]
    body: Annotated[str, Value("Gremium", width=20)] = ""
    date: Annotated[OptionalDate, Value("Datum", width=10)] = None


class Attachment(Item):
    """A file that belongs to a record: its name, size in bytes and SHA-256; the file itself stays where it is."""

    name: Annotated[str, Value("Dateiname", width=30, weight=1)]
    sha256: Annotated[str, Value("Prüfsumme", derived=True)] = ""
    size: Annotated[int, Value("Größe", unit="Byte", minimum=0)] = 0
    location: Annotated[str, Value("Ablageort", width=30)] = ""
    travels: Annotated[bool, Value("überträgt sich", "Ob die Datei beim Abgleich mitgeht.", width=8)] = False


class HeadCount(Item):
    """A number with the school it belongs to: head counts without names (BASS 20-22 Nr. 8: quantitative reporting)."""

    school: Annotated[str, Reference("Schule", to="school", width=30)]
    registered: Annotated[int, Value("angemeldet", minimum=0, width=10)] = 0
    attended: Annotated[int, Value("teilgenommen", minimum=0, width=12)] = 0
