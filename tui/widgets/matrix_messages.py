"""What the matrix tells its screen; the handlers are called `on_rated` and so on."""

from __future__ import annotations

from textual.message import Message


class Rated(Message):
    """A criterion has a new answer: a level, 0 for not assessed, None for open again."""

    def __init__(self, criterion_id: str, level: int | None) -> None:
        self.criterion_id = criterion_id
        self.level = level
        super().__init__()


class ReasonWanted(Message):
    """Somebody wants to leave a criterion out; answer with `leave_out(criterion_id, reason)`."""

    def __init__(self, criterion_id: str) -> None:
        self.criterion_id = criterion_id
        super().__init__()


class CriterionChanged(Message):
    """Another criterion is the current one."""

    def __init__(self, criterion_id: str) -> None:
        self.criterion_id = criterion_id
        super().__init__()


class Refused(Message):
    """A key had no effect; `text` says why."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Completed(Message):
    """The last open criterion has got its answer."""
