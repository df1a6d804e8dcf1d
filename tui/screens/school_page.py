"""The pages of a school and of an authority: who and what it is, what happened there, what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.present import name_of, present
from models.records import record_class
from models.rules.school_state import school_state
from tui.commands import Command
from tui.screens.subject_page import Line, SubjectPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.fieldbook import Fieldbook
    from models.records import Document


class AssessedPage(SubjectPage):
    """What can be advised and assessed: a school or an authority."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new_consultation", "c", "Beratung", "Beratung anlegen"),
        Command("new_assessment", "m", "Matrix", "Bestandsaufnahme beginnen"),
    )

    def action_new_consultation(self) -> None:
        """Begin a consultation with it."""
        kind = "schule" if self.document["kind"] == "school" else "schultraeger"
        self.feldbuch.opening.new("consultation", client=self.subject_key, client_type=kind)

    def action_new_assessment(self) -> None:
        """Begin an assessment of it."""
        self.feldbuch.opening.new("assessment", self._assess, subject=self.subject_key)

    def _assess(self, record_id: str | None) -> None:
        if record_id is not None:
            self.feldbuch.opening.record(record_id)


class SchoolPage(AssessedPage):
    """Everything about one school."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("new_visit", "n", "Besuch", "Besuch an dieser Schule anlegen"),)
    HELP_TEXT = (
        "Alles über eine Schule: Anschrift und Stand, Offenes, Verlauf. n beginnt einen Besuch: Schule, Personen, "
        "Datum und Uhrzeit sind dann schon eingetragen."
    )

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield address, authority and what the visits said last."""
        school = self.document
        address = " ".join(filter(None, (str(school.get("postcode", "")), str(school.get("place", "")))))
        street = ", ".join(filter(None, (str(school.get("street", "")), address)))
        yield _("Schule"), ", ".join(filter(None, (str(school.get("number")), *self._form(), street)))
        yield _("Erreichbar"), ", ".join(str(school[n]) for n in ("phone", "mail", "homepage") if school.get(n))
        yield _("Schulträger"), self._authority()
        if school.get("directory_date") and not school.get("in_directory"):
            yield _("Hinweis"), _("nicht mehr im amtlichen Verzeichnis")
        state = {**school, **school_state(school, self.fieldbook.where("visit", school=self.subject_key))}
        yield from self.said(state, "contacts", "media_concept_status", "digital_officer_named", "logineo")
        yield from self.said(state, "support_first", "support_second", "next_contact_on")
        yield _("Programme"), ", ".join(self._programmes())

    def _form(self) -> list[str]:
        return [text for _label, text in self.said(self.document, "school_form")]

    def _authority(self) -> str:
        key = str(self.document.get("authority", ""))
        authority = self.fieldbook.by_key("authority", key)
        if authority is None:
            return key
        plan = next((f" · MEP: {text}" for _label, text in self.said(authority, "plan_status") if text), "")
        return name_of("authority", key, self.fieldbook) + plan

    def _programmes(self) -> Iterator[str]:
        for part in self.fieldbook.where("participation", school=self.subject_key):
            name = name_of("programme", str(part.get("programme", "")), self.fieldbook)
            status = next((text for _label, text in self.said(part, "status")), "")
            yield f"{name} ({status})"

    def action_new_visit(self) -> None:
        """Begin a visit here."""
        self.feldbuch.opening.new("visit", school=self.subject_key)


class AuthorityPage(AssessedPage):
    """Everything about one Schulträger, with its schools."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("compare", "v", "Vergleich", "Bestandsaufnahmen seiner Schulen nebeneinander"),
    )
    HELP_TEXT = (
        "Alles über einen Schulträger: MEP, Schulen, Beratungen, Bestandsaufnahmen. v stellt die Bestandsaufnahmen "
        "seiner Schulen nebeneinander, zum Beispiel für einen Runden Tisch."
    )

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what the authority is and how far its plan is."""
        yield from self.said(self.document, "number", "authority_kind", "place", "phone", "mail", "it_contact")
        yield from self.said(self.document, "contacts", "plan_status", "plan_valid_until", "decisions")

    def more_sections(self) -> list[tuple[str, list[Line]]]:
        """Return its schools."""
        schools = sorted(
            self.fieldbook.where("school", authority=self.subject_key), key=lambda school: str(school.get("short_name"))
        )
        lines: list[Line] = [
            (school["id"], str(school["number"]), present_form(school, self.fieldbook), str(school.get("short_name")))
            for school in schools
        ]
        return [(_("SCHULEN"), lines)]

    def action_compare(self) -> None:
        """Show the assessments of its schools side by side."""
        self.feldbuch.opening.comparison(self.subject_key)


def present_form(school: Document, fieldbook: Fieldbook) -> str:
    """Return the school form in words."""
    return present(record_class("school").kinds()["school_form"], school.get("school_form"), fieldbook)
