"""The first tables. Written out, not taken from `sync.server.tables`: what was released once never changes again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "team",
        _name("team_id", key=True),
        _name("name"),
        _name("district"),
        _moment("created_at"),
    )
    op.create_table(
        "team_feed",
        _name("team_id", key=True),
        _number("seq"),
        _name("epoch"),
        _number("records"),
        _name("folded"),
    )
    op.create_table(
        "record",
        _name("team_id", key=True),
        _name("record_id", key=True),
        _name("kind"),
        _number("rev"),
        _number("seq"),
        _text("document"),
    )
    op.create_index("record_by_seq", "record", ["team_id", "seq"], unique=True)
    op.create_table(
        "history",
        _name("team_id", key=True),
        _name("record_id", key=True),
        _number("rev", key=True),
        _name("epoch"),
        _name("user_id"),
        _name("device_id"),
        _moment("at"),
        _text("document"),
    )
    op.create_table(
        "out_entry",
        _name("team_id", key=True),
        _number("seq", key=True),
        _name("record_id"),
        _name("kind"),
    )
    op.create_index("out_entry_by_record", "out_entry", ["team_id", "record_id"])
    op.create_table(
        "receipt",
        _name("team_id", key=True),
        _name("device_id", key=True),
        _number("n", key=True),
        _name("sha"),
        _text("result"),
    )
    op.create_table(
        "person",
        _name("user_id", key=True),
        _name("name"),
        _moment("created_at"),
    )
    op.create_table(
        "membership",
        _name("team_id", key=True),
        _name("user_id", key=True),
        _name("role"),
        _moment("since"),
    )
    op.create_index("membership_by_user", "membership", ["user_id", "team_id"])
    op.create_table(
        "device",
        _name("device_id", key=True),
        _name("user_id"),
        _name("name"),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("revoked_at"),
    )
    op.create_index("device_by_user", "device", ["user_id"])
    op.create_table(
        "token",
        _name("mac", key=True),
        _name("device_id"),
        _moment("issued_at"),
        _moment("used_at"),
        _moment("ends_at"),
        _flag("superseded"),
        _moment("refused_at"),
    )
    op.create_index("token_by_device", "token", ["device_id"])
    op.create_table(
        "invitation",
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
    op.create_table(
        "audit",
        _name("team_id", key=True),
        _number("number", key=True),
        _moment("at"),
        _name("user_id"),
        _name("device_id"),
        _name("verb"),
        _text("subject"),
        _name("chain"),
    )


def _name(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, String(200), primary_key=key, nullable=False)


def _moment(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=key, nullable=False)
