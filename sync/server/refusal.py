"""What the server says where it does not take a request, and who asks."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """A whole request is not taken; `status` is the HTTP answer, `code` what a program reads. Nothing was changed.

    `detail` says more to whoever looks into it, `expected` which number the server waits for, `wait` after how many seconds
    it is worth asking again.
    """

    def __init__(
        self, status: int, code: str, *, expected: int | None = None, detail: str = "", wait: float | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.expected = expected
        self.detail = detail
        self.wait = wait
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person with a role in a team, on a device."""

    user: str
    device: str
    team: str
    role: str
