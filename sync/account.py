"""The account: with which server a fieldbook is connected, and by which token. It lies in the fieldbook and is encrypted with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.records import Document
    from sync.protocol import Scopes

ACCOUNT, CONTACT = "sync-account", "sync-contact"
"""Documents of the program's own: the account, and what the server said last."""
STATE, REFUSED, OLD = "sync", "sync-refused", "sync-old"
"""Those of the exchange that the app reads at its start: where the sync stands, what was refused, and which records are still
to be seen while the whole feed is read again, with the reason."""

NO_ACCESS: Final = frozenset({"unknown_token", "superseded", "expired", "revoked", "no_scope"})
"""Codes of a sync that failed because the account no longer counts, or for nothing that may be written."""


class Account(NamedTuple):
    """What is needed to talk to a server. `ca` is the text of the certificates to trust, empty for those of the system.

    `renewed_at` is when the token was given out, an instant as ISO 8601. `backed_up` tells whether there is a backup from
    before the first sync. `waits` says that its owner has not agreed to the first sync yet: none begins by itself.
    """

    address: str
    token: str
    device: str
    device_name: str
    ca: str = ""
    renewed_at: str = ""
    backed_up: bool = False
    waits: bool = False

    @classmethod
    def of(cls, fieldbook: Fieldbook) -> Self | None:
        """Return the account of a fieldbook, `None` where it is connected with no server."""
        kept = fieldbook.meta(ACCOUNT)
        return cls(**{name: kept[name] for name in cls._fields if name in kept}) if kept else None

    def document(self) -> Document:
        """Return what is stored."""
        return self._asdict()

    def keep(self, fieldbook: Fieldbook, **changed: Any) -> Self:
        """Store this account, with some values changed, durably and return it; raises `StoreError`."""
        account = self._replace(**changed)
        fieldbook.set_meta(ACCOUNT, account.document())
        return account

    def __repr__(self) -> str:
        """Leave out the token: this may end in a log."""
        return f"Account({self.address!r}, device={self.device!r})"


class Contact(NamedTuple):
    """What the server said last: at which instant, who the owner of the device is, and what they may see."""

    at: str = ""
    user: str = ""
    name: str = ""
    scopes: list[dict[str, str]] = []  # noqa: RUF012 - read only

    @classmethod
    def of(cls, fieldbook: Fieldbook) -> Self:
        """Return the last contact of a fieldbook."""
        kept = fieldbook.meta(CONTACT)
        return cls(**{name: kept[name] for name in cls._fields if name in kept})


def contact_document(granted: Scopes, at: str) -> Document:
    """Return what is kept of what the server said."""
    scopes = [{"team": scope.team, "name": scope.name, "role": scope.role} for scope in granted.scopes]
    return {"at": at, "user": granted.user, "name": granted.name, "scopes": scopes}


def leave(fieldbook: Fieldbook) -> None:
    """Forget the connection with the server. Records and their unsent edits stay here; raises `StoreError`."""
    fieldbook.take_over([], {ACCOUNT: {}, CONTACT: {}})
