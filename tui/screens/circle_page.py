"""CirclePage: one standing group: its members, its meetings by school year, its topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.present import present
from models.records import record_class
from models.rules.meetings import meeting_labels
from tui.commands import Command
from tui.screens.subject_page import Line, SubjectPage, event_text, shown_day

if TYPE_CHECKING:
    from collections.abc import Iterator


class CirclePage(SubjectPage):
    """Everything about one circle; `n` begins its next meeting with agenda, members and open questions."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("new_meeting", "n", "Treffen", "Nächstes Treffen anlegen"),)
    HELP_TEXT = (
        "Ein Kreis mit Mitgliedern, Themenspeicher und allen Treffen nach Schuljahr. n legt das nächste Treffen an: "
        "mit fester Tagesordnung, Mitgliedern und den offenen Fragen vom letzten Mal."
    )

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield kind, rhythm, purpose and the number of members."""
        yield from self.said(self.document, "circle_kind", "purpose", "coordinator", "started_on", "per_year", "format")
        yield _("Mitglieder"), str(len(self.document.get("members", ())))
        yield _("Erwartete Schulen"), str(len(self.document.get("schools", ())) or "")

    def more_sections(self) -> list[tuple[str, list[Line]]]:
        """Return the topics that wait, those with most votes first."""
        backlog = sorted(self.document.get("backlog", ()), key=lambda topic: -int(topic.get("votes") or 0))
        votes = _("{count} Stimmen")
        return [
            (
                _("THEMENSPEICHER"),
                [
                    (self.record_id, "", votes.format(count=topic.get("votes") or 0), str(topic.get("title", "")))
                    for topic in backlog
                ],
            )
        ]

    def event_lines(self) -> list[Line]:
        """Return the meetings, newest first, each with its number in the school year."""
        meetings = self.fieldbook.where("meeting", circle=self.record_id)
        labels = meeting_labels(meetings)
        kinds = record_class("meeting").kinds()
        return [
            (
                meeting["id"],
                shown_day(str(meeting.get("date", ""))),
                labels.get(meeting["id"], present(kinds["status"], meeting.get("status"), self.fieldbook)),
                event_text(meeting, self.fieldbook, None).removeprefix(f"{self.document.get('name', '')}: "),
            )
            for meeting in sorted(meetings, key=lambda meeting: str(meeting.get("date", "")), reverse=True)
        ]

    def action_new_meeting(self) -> None:
        """Begin the next meeting of the circle."""
        self.feldbuch.opening.new("meeting", self._opened, circle=self.record_id)

    def _opened(self, record_id: str | None) -> None:
        if record_id is not None:
            self.feldbuch.opening.record(record_id)
