"""The wire between a laptop and the team's server, version 1: JSON messages, and what they mean. Nothing else.

All models are strict: no value is converted, no unknown name is taken, and every text, number and list has a bound. A
record inside a message is raw JSON: what a newer version put into it passes through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from sync.merge import canonical

PROTOCOL = 1
SCHEMA = 1
"""The newest version of the records' schema that this program writes."""

MOST_BYTES = 4 * 1024 * 1024
"""Of a body, inflated."""
MOST_OPS = 500
PAGE_BYTES = 512 * 1024
RECORD_BYTES = 256 * 1024
UNKNOWN_BASE = "unknown_base"
"""Why an edit is refused whose base the server does not have."""

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

Number = Annotated[int, Field(ge=0, le=LARGEST)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_SEEN = r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
Id = Annotated[str, StringConstraints(pattern=f"^{_SEEN}{{1,200}}$")]
"""What names a record, a person, a device: without characters that nobody sees, of which databases cannot keep some."""
ShortName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Role = Literal["adviser", "lead", "overseer", "support", "administrator"]
Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Document = dict[str, Any]


class Message(BaseModel):
    """What every message is: strict, closed, and never changed once it was read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Span(Message):
    """The oldest and the newest version that a side understands."""

    oldest: Number
    newest: Number


class Limits(Message):
    """What the server takes at a time."""

    bytes: Number
    ops: Number
    record_bytes: Number


class Hello(Message):
    """The server's answer before anything else: who it is. `time` is its clock, in UTC with offset."""

    protocol: Span
    schema_versions: Span
    limits: Limits
    time: Text


class Enrol(Message):
    """Redeems an invitation code for a device, named as its owner knows it."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    name: ShortName


class Scope(Message):
    """What a person may see: a team, in which role, and where its feed begins."""

    team: Name
    name: Text
    role: Role
    epoch: Name


class Scopes(Message):
    """All scopes of a person; the first thing that a device asks for in every cycle."""

    user: Name
    name: Text
    scopes: Annotated[list[Scope], Field(max_length=1000)]


class Enrolled(Message):
    """A device's token, told once, its id, and what they open."""

    token: Name
    device: Name
    granted: Scopes


class Rotated(Message):
    """A device's new token, told once. The old one lives until this one is used, 24 hours at most."""

    token: Name


class Invite(Message):
    """Asks for a code by which a person enrols a device in a team; `user` where it is somebody who is known already."""

    role: Role
    name: ShortName
    user: Annotated[str, StringConstraints(pattern=f"^{_SEEN}{{0,200}}$")] = ""


class Invited(Message):
    """The code, told once, and until when it can be redeemed, once."""

    code: Name
    expires_at: Text


class Device(Message):
    """A device of a team's member. Moments are ISO 8601 in UTC, empty where there was none."""

    device: Name
    name: Text
    user: Name
    person: Text
    role: Role
    created_at: Text
    seen_at: Text
    revoked_at: Text


class Devices(Message):
    """All devices of a team's members."""

    devices: list[Device]


class Change(Message):
    """One revision of a record: who made it on which device, and the names of the fields that are not as before."""

    rev: Number
    at: Text
    user: Text
    name: Text
    device: Text
    fields: list[str]


class History(Message):
    """The changes of a record, the newest one first; `more` where there were older ones."""

    changes: list[Change]
    more: bool


class Op(Message):
    """One edit: which fields of a record got which values, against the record as the server last acknowledged it.

    `n` counts the edits of a device without gaps. `base_rev` 0 means that the record was made here; else `base` is the
    digest of the record at that revision, as a server restored from a backup may give a number twice. `removed` names the
    fields that were taken out. `seen` says of fields that were edited before that revision came here what they were edited
    from: `[value]`, or `[]` where there was none. `sha` is `sha_of` the rest: one number never means two edits.
    """

    n: Annotated[int, Field(ge=1, le=LARGEST)]
    record: Id
    kind: Annotated[str, StringConstraints(pattern=f"^{_SEEN}{{1,40}}$")]
    base_rev: Number
    base: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
    changes: Annotated[dict[Name, Any], Field(max_length=1000)]
    removed: Annotated[list[Name], Field(max_length=1000)] = []
    seen: Annotated[dict[Name, Annotated[list[Any], Field(max_length=1)]], Field(max_length=1000)] = {}
    sha: Sha

    @model_validator(mode="after")
    def _is_what_it_says(self) -> Self:
        if self.sha != sha_of(self.model_dump(exclude={"sha"})):
            raise ValueError("sha does not belong to this op")
        if OWN & (self.changes.keys() | set(self.removed)):
            raise ValueError("rev, author and device are the server's to say")
        return self


OWN = frozenset({"id", "kind", "rev", "updated_at", "updated_by", "device"})
"""Fields that no device sets: they name the record, or the server writes them."""


def sha_of(op: Document) -> str:
    """Return the SHA-256 of an edit, given without its checksum, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(op)).hexdigest()


def digest(document: Document) -> str:
    """Return what identifies a record at a revision: the SHA-256 of its content as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()


def make_op(
    n: int,
    record: str,
    kind: str,
    base: Document | None,
    changes: Document,
    removed: Sequence[str] = (),
    seen: Mapping[str, list[Any]] | None = None,
) -> Op:
    """Return an edit of `base`, the record as last acknowledged (`None`: made here), with its checksum."""
    said: Document = {
        "n": n,
        "record": record,
        "kind": kind,
        "base_rev": int(base["rev"]) if base is not None else 0,
        "base": digest(base) if base is not None else "",
        "changes": changes,
        "removed": list(removed),
        "seen": dict(seen or {}),
    }
    return Op(**said, sha=sha_of(said))


class Push(Message):
    """Edits of one device, in the order of their numbers."""

    device: Name
    epoch: Name
    ops: Annotated[list[Op], Field(min_length=1, max_length=MOST_OPS)]


class Result(Message):
    """What became of an edit.

    `applied`: it stands as it was sent. `merged`: it stands beside others' edits, in `record`. `conflict`: part of it was
    put aside, in the records of `conflicts`, which the device keeps at once: a server that is restored may lose them. `rejected`: for the reason given, for good; later edits are not held up.
    `at` is the server's time of a new revision; where `record` is missing, the record is what was sent, with that stamp.
    """

    n: Number
    status: Literal["applied", "merged", "conflict", "rejected"]
    reason: Text = ""
    rev: Number = 0
    at: Text = ""
    record: Document | None = None
    conflicts: list[Document] = []


class Pushed(Message):
    """One result an edit, in their order."""

    results: list[Result]


class Out(Message):
    """A record that left the scope: handed to another team, or the reader's right to it ended."""

    record: Name
    kind: Name


class Check(Message):
    """What a whole scope must be equal to: the number of its records, and the xor of the SHA-256 of each "id rev"."""

    count: Number
    xor: Sha


class Lineage(Message):
    """From what a record came about: the epoch of its latest revision, and the digests of all revisions up to that."""

    epoch: Name
    digests: list[Sha]


class Page(Message):
    """A part of a team's feed, in the order of its changes; each record stands in its latest state only.

    `cursor` is where the next page begins. `total` is told on the first page, `check` on the last one. `lineage` is told to a
    device that asks because the server was restored from a backup.
    """

    records: list[Document]
    lineage: dict[Name, Lineage] = {}
    out: list[Out] = []
    cursor: Name
    more: bool
    total: Number | None = None
    check: Check | None = None


class Problem(Message):
    """Why a request was refused. `expected` is the number that the server waits for."""

    code: Name
    detail: Text = ""
    expected: Number | None = None


PUSH = TypeAdapter(Push)
PUSHED = TypeAdapter(Pushed)
SCOPES = TypeAdapter(Scopes)
PAGE = TypeAdapter(Page)


def cursor_of(epoch: str, seq: int) -> str:
    """Return a cursor as it travels."""
    return f"{epoch}:{seq}"


def read_cursor(text: str) -> tuple[str, int]:
    """Return epoch and position of a cursor; raises `ValueError` for anything that no server gave."""
    epoch, colon, seq = text.rpartition(":")
    if not colon or not epoch or not seq.isascii() or not seq.isdecimal() or len(seq) > 16 or int(seq) > LARGEST:
        raise ValueError("not a cursor")
    return epoch, int(seq)
