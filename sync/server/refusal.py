"""What the server says where it does not take a request, and who asks."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """A whole request is not taken; `status` is the HTTP answer, `code` what a program reads. Nothing was changed."""

    def __init__(self, status: int, code: str, *, expected: int | None = None) -> None:
        self.status = status
        self.code = code
        self.expected = expected
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person with a role in a team, on a device."""

    user: str
    device: str
    team: str
    role: str
