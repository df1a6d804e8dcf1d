"""The server's tables. Every table of a team begins its primary key with the team, so that it can be split by teams as it is.

Only what SQLite and PostgreSQL both know: no sequences, no triggers, no JSON operators; documents are JSON as text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()


def _name(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, String(200), primary_key=key, nullable=False)


def _moment(name: str) -> Column[str]:
    """An instant as ISO 8601 text in UTC, which both databases compare as it should be."""
    return Column(name, String(40), nullable=False, default="")


def _number(name: str, *, key: bool = False) -> Column[int]:
    # SQLite counts a lone INTEGER key by itself; here a key is never lone.
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=key, nullable=False)


team = Table("team", metadata, _name("team_id", key=True), _name("name"), _name("district"), _moment("created_at"))

team_feed = Table(
    "team_feed",
    metadata,
    _name("team_id", key=True),
    _number("seq"),
    _name("epoch"),
    _number("records"),
    _name("folded"),
)
"""One row a team, taken first by every push: it alone orders the changes of a team.

`records` is the number of its records, `folded` the xor over them that every device can compute too (`sync.check`).
"""

record = Table(
    "record",
    metadata,
    _name("team_id", key=True),
    _name("record_id", key=True),
    _name("kind"),
    _number("rev"),
    _number("seq"),
    Column("document", Text, nullable=False),
)
Index("record_by_seq", record.c.team_id, record.c.seq, unique=True)

history = Table(
    "history",
    metadata,
    _name("team_id", key=True),
    _name("record_id", key=True),
    _number("rev", key=True),
    _name("epoch"),
    _name("user_id"),
    _name("device_id"),
    _moment("at"),
    Column("document", Text, nullable=False),
)
"""Each revision of a record as it stood: what a device that was long away began with, and in which epoch it was made."""

out_entry = Table(
    "out_entry",
    metadata,
    _name("team_id", key=True),
    _number("seq", key=True),
    _name("record_id"),
    _name("kind"),
)
"""Records that left a team's scope, in its feed."""
Index("out_entry_by_record", out_entry.c.team_id, out_entry.c.record_id)

receipt = Table(
    "receipt",
    metadata,
    _name("team_id", key=True),
    _name("device_id", key=True),
    _number("n", key=True),
    _name("sha"),
    Column("result", Text, nullable=False),
)
"""What each edit of each device became, stored with its effect: an edit that comes again gets the same answer."""

person = Table("person", metadata, _name("user_id", key=True), _name("name"), _moment("created_at"))

membership = Table(
    "membership",
    metadata,
    _name("team_id", key=True),
    _name("user_id", key=True),
    _name("role"),
    _moment("since"),
)
"""Who has which role in which team; a person who left has no row."""
Index("membership_by_user", membership.c.user_id, membership.c.team_id)

device = Table(
    "device",
    metadata,
    _name("device_id", key=True),
    _name("user_id"),
    _name("name"),
    _moment("created_at"),
    _moment("seen_at"),
    _moment("revoked_at"),
)
Index("device_by_user", device.c.user_id)

token = Table(
    "token",
    metadata,
    _name("mac", key=True),
    _name("device_id"),
    _moment("issued_at"),
    _moment("used_at"),
    _moment("ends_at"),
    Column("superseded", Boolean, nullable=False, default=False),
    _moment("refused_at"),
)
"""The tokens of devices, as their HMAC. `ends_at` is set when the next one is given out, `superseded` when that one is used;
`refused_at` is when its use was last noted in the audit after that."""
Index("token_by_device", token.c.device_id)

invitation = Table(
    "invitation",
    metadata,
    _name("code_mac", key=True),
    _name("team_id"),
    _name("role"),
    _name("name"),
    _name("user_id"),
    _name("invited_by"),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("redeemed_at"),
)
"""Codes that make a device, as their HMAC. With `user_id` the device is for somebody who is known already."""

audit = Table(
    "audit",
    metadata,
    _name("team_id", key=True),
    _number("number", key=True),
    _moment("at"),
    _name("user_id"),
    _name("device_id"),
    _name("verb"),
    Column("subject", Text, nullable=False),
    _name("chain"),
)
"""Who did what with which record: names of fields, never values. Each row's `chain` is a hash over the one before it."""
