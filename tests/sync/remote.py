"""A device in a test that reaches its server over a real connection: its fieldbook, its token, one cycle at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import httpx

from models.fieldbook import Fieldbook
from models.records import parse
from sync.engine import Answer, NotSynced, Report, cycle
from sync.exchange import STATE, Exchange
from sync.protocol import Enrolled

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from models.records import Document
    from sync.engine import Request

SECONDS = 30.0
VISIT = "visit-of-both"


class Remote:
    """One device."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        """Open the fieldbook in `folder`, which is there."""
        self.book = Fieldbook.open(folder)
        self.exchange = Exchange(self.book)
        self.last = ""
        self._http = httpx.Client(
            base_url=url,
            headers={"authorization": f"Bearer {token}"},
            timeout=SECONDS,
            trust_env=False,
        )

    @classmethod
    def enrol(cls, folder: Path, url: str, code: str) -> str:
        """Redeem a code for the fieldbook in `folder`, which is made, and return the token."""
        answer = httpx.post(f"{url}/v1/devices", json={"code": code, "name": folder.name}, trust_env=False)
        assert answer.status_code == 201, answer.text
        enrolled = Enrolled.model_validate_json(answer.content)
        folder.mkdir()
        with Fieldbook.open(folder) as book:
            book.set_meta(STATE, {"device": enrolled.device})
        return enrolled.token

    def sync(self) -> Report | str:
        """Go through one cycle; returns its report, or why it ended early."""
        going = cycle(self.exchange)
        try:
            request = next(going)
            while True:
                request = going.send(self._carry(request))
        except StopIteration as end:
            report: Report = end.value
            return report
        except NotSynced as ended:
            return ended.code

    def _carry(self, request: Request) -> Answer:
        headers = {"content-type": "application/json"} if request.body else {}
        try:
            answer = self._http.request(request.method, request.path, content=request.body, headers=headers)
        except httpx.HTTPError:
            return Answer(0)
        self.last = f"{request.method} {request.path}: {answer.status_code} {answer.text[:300]}"
        return Answer(answer.status_code, answer.content)

    def sync_until_quiet(self) -> None:
        """Sync until a cycle brings nothing; fails where that takes too often."""
        report: Report | str = ""
        for _round in range(20):
            report = self.sync()
            if report == Report():
                return
        raise AssertionError(report, self.last)

    def documents(self) -> dict[str, Document]:
        """Return all records by id."""
        return {document["id"]: document for document in self.book.everything()}

    def begin_visit(self) -> None:
        """Make the visit that all devices edit."""
        said = {"id": VISIT, "kind": "visit", "school": "900001", "date": "2026-11-24", "topics": ["medienkonzept"]}
        self.book.save(parse({**said, "goal": "Anfang"}))

    def set_goal(self, text: str) -> None:
        """Write one field of the common visit."""
        self.book.save(parse({**self._visit(), "goal": text}))

    def agree(self, key: str) -> None:
        """Add an entry to a list of the common visit."""
        visit = self._visit()
        self.book.save(parse({**visit, "agreements": [*visit.get("agreements", []), {"id": key, "text": key}]}))

    def add_task(self) -> str:
        """Make a record of one's own and return its id."""
        key = uuid4().hex
        self.book.save(parse({"id": key, "kind": "task", "text": f"Aufgabe {key}"}))
        return key

    def _visit(self) -> Document:
        visit = self.book.peek(VISIT)
        assert visit is not None
        return visit

    def close(self) -> None:
        """Close the fieldbook and the connection."""
        self._http.close()
        self.book.close()

    def __enter__(self) -> Self:
        """Use it as a context."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()
