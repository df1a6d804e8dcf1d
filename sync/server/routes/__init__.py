"""The calls of the wire, version 1; each file one subject."""

from __future__ import annotations

from sync.server.routes.devices import DEVICES
from sync.server.routes.hello import HELLO
from sync.server.routes.records import RECORDS
from sync.server.routes.teams import TEAMS

CALLS = (*HELLO, *DEVICES, *RECORDS, *TEAMS)
"""All calls there are."""
