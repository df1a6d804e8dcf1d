"""What must hold in a world: the invariants I1 to I13 of the sync, each as a function that says what is wrong, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from models.jsonl import without_private
from models.outbox import stays_here
from sync.account import REFUSED
from sync.exchange import PARKED
from sync.merge import changed
from sync.protocol import read_cursor
from tests.sync.hands import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.sync.laptop import Laptop
    from tests.sync.world import Row, Server


def refused_of(laptop: Laptop) -> set[str]:
    """Return the ids of records whose edits the server does not take."""
    return laptop.book.meta(REFUSED).keys() & laptop.book.outbox().keys()


def words_on(laptop: Laptop) -> set[bytes]:
    """Return all words on a laptop, those of parked records as well."""
    return words_of([*laptop.book.everything(), laptop.book.meta(PARKED)])


def working_copies(laptop: Laptop) -> str:
    """I9: a working copy is its base and what waits in the outbox, nothing else; what stays here never waits."""
    outbox, bases = laptop.book.outbox(), laptop.book.bases()
    for document in laptop.book.everything():
        key = document["id"]
        entry, base = outbox.get(key), bases.get(key)
        here = without_private(document)
        if here is None:
            if entry is not None:
                return f"I9: {key} stays on the device, and waits {entry}"
            continue
        if base is None:
            if entry is None:
                return f"I9: no server knows {key}, and it does not wait"
            continue
        # What a newer version of the program makes of a record is no edit; with the first edit it travels along.
        seen = base if entry is not None else laptop.schema.upgraded(base)
        fields = changed(without_private(seen) or {}, here)
        # An entry that was made before an update names the fields as they were called then.
        if fields != (entry or {}).get("fields", []) and (entry is None or not laptop.schema.steps):
            return f"I9: {key} differs from its base in {fields}, and waits {entry}"
        if entry is not None and entry["base_rev"] != base["rev"]:
            return f"I9: {key} waits {entry}, and its base is {base['rev']}"
    lost = [key for key in (*outbox, *bases) if laptop.book.peek(key) is None]
    return f"I9: {lost} have a base or wait, and are not there" if lost else ""


def nothing_unseen(laptop: Laptop, rows: Iterable[Row], epoch: str) -> str:
    """I7: what a server has at or below a laptop's cursor, the laptop has, or newer."""
    standing = laptop.exchange.standing
    if not standing.cursor or laptop.exchange.restarted:
        return ""
    told, reached = read_cursor(standing.cursor)
    if told != epoch:
        return ""
    bases, outbox = laptop.book.bases(), laptop.book.outbox()
    for row in rows:
        if row.seq <= reached and row.team == standing.team:
            base = bases.get(row.record)
            # One that goes to the server again as a whole meets there what it has not seen.
            if base is None and row.record in outbox:
                continue
            if base is None or int(base["rev"]) < row.rev:
                return f"I7: {laptop.name} stands at {reached} and has {base} of {row.document} at {row.seq}"
    return ""


def equal(laptop: Laptop, server: Server) -> str:
    """I3: a laptop has what the server has, but for what is its own and what was refused."""
    documents = laptop.documents()
    own = refused_of(laptop) | {key for key, document in documents.items() if stays_here(document)}
    shown = laptop.schema.upgraded
    there = {key: shown(one) for key, one in server.documents(laptop.exchange.standing.team).items() if key not in own}
    here = {key: without_private(document) for key, document in documents.items() if key not in own}
    if here == there:
        return ""
    differing = sorted(key for key in here.keys() | there.keys() if here.get(key) != there.get(key))
    return f"I3: {laptop.name} differs in {[(here.get(key), there.get(key)) for key in differing]}"


def outbox_empty(laptop: Laptop) -> str:
    """I13: once the troubles are over, nothing waits but what was refused."""
    waiting = laptop.book.outbox().keys() - refused_of(laptop)
    return f"I13: {laptop.name} still has {sorted(waiting)}" if waiting else ""


def conflicts_have_two_sides(server: Server, team: str) -> str:
    """I10: a conflict says two different things; that everybody in scope has it is part of I3."""
    for document in server.documents(team).values():
        if document["kind"] == "conflict" and document.get("kept") == document.get("other"):
            return f"I10: a conflict without two sides {document}"
    return ""


def one_effect(server: Server) -> str:
    """I5: each number of a device has one effect: as many edits in the audit as receipts that tell of one."""
    receipts = server.ask("SELECT team_id, device_id, n, result FROM receipt")
    notes = server.ask("SELECT team_id, device_id FROM audit WHERE verb = 'write'")
    told: dict[tuple[str, str], int] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    for team, device, n, result in receipts:
        told[team, device] = told.get((team, device), 0) + (orjson.loads(result)["status"] != "rejected")
        numbers.setdefault((team, device), []).append(n)
    noted = dict.fromkeys(told, 0)
    for team, device in notes:
        noted[team, device] = noted.get((team, device), 0) + 1
    if noted != told:
        return f"I5: edits by device {noted}, receipts {told}"
    gaps = {one: found for one, found in numbers.items() if sorted(found) != list(range(1, len(found) + 1))}
    return f"I5: numbers with gaps {gaps}" if gaps else ""
