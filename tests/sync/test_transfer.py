"""Transfer: a team goes from one server to another with all its records and who wrote them; a file that is not whole does not."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from models.clock import FixedClock
from models.errors import ImportRefused
from sync.server.database import Database
from sync.server.people import CONSOLE, members, remove, teams
from sync.server.schema import upgrade
from sync.server.transfer import Moved, export_team, import_team
from tests.sync.content import Joined, everything, filled, is_sound, join, make_team, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.records import Document

SECRET = bytes(32)
MOMENT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NOW = MOMENT.isoformat(timespec="milliseconds")


@pytest.fixture
def other(empty_url: str, clock: FixedClock) -> Iterator[Database]:
    """Another server, of the same kind, without anything."""
    upgrade(empty_url)
    database = Database.open(empty_url, clock=clock)
    yield database
    database.close()


def exported(database: Database, team: str) -> list[bytes]:
    lines: list[bytes] = []
    database.read(lambda connection: export_team(connection, team, NOW, lines.append))
    return lines


def imported(database: Database, lines: list[bytes]) -> Moved:
    return database.write(lambda connection: import_team(connection, lines, NOW, CONSOLE))


def sealed(lines: list[bytes]) -> list[bytes]:
    """Return lines with an end that vouches for them."""
    end = {"lines": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return [*lines, orjson.dumps({"end": end}) + b"\n"]


def changed(lines: list[bytes], name: str, /, **values: Any) -> list[bytes]:
    """Return a sealed copy in which the first line of a name says something else."""
    copies = lines[:-1]
    place = next(number for number, line in enumerate(copies) if line.startswith(f'{{"{name}"'.encode()))
    said: dict[str, Document] = orjson.loads(copies[place])
    document = said[name].get("document", {}) | values.pop("document", {})
    said[name] |= values | ({"document": document} if document else {})
    copies[place] = orjson.dumps(said) + b"\n"
    return sealed(copies)


def of_team(database: Database, team: str, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    rows = everything(database)
    return {name: [row for row in rows[name] if row[0] == team] for name in tables}


def test_a_team_arrives_with_all_that_anyone_wrote(database: Database, other: Database) -> None:
    (team, joined), (_second, _) = filled(database, SECRET).items()
    gone = join(database, SECRET, team, "Bernd")
    write(database, team, gone, "t3", notes="von Bernd")
    database.write(lambda c: remove(c, CONSOLE, team, gone.user, database.clock.now()))
    before = of_team(database, team, "record", "history", "audit", "team_feed", "team")

    moved = imported(other, exported(database, team))

    assert (moved.name, moved.records) == ("Paderborn", 5)
    after = of_team(other, team, *before)
    without_place = [[(*row[:4], row[5]) for row in state["record"]] for state in (before, after)]
    assert without_place[0] == without_place[1]
    assert after["history"] == before["history"]
    assert after["team"] == before["team"]
    assert after["audit"][:-1] == before["audit"]
    assert after["team_feed"][0][3:] == before["team_feed"][0][3:]
    assert after["team_feed"][0][2] != before["team_feed"][0][2]
    assert is_sound(other)
    names = {row[1] for row in everything(other)["person"]}
    assert names == {"Anna", "Bernd"}
    assert other.read(lambda c: members(c, team)) == []
    assert joined.user in str(after["history"])


def test_a_team_lives_on_where_it_arrived(database: Database, other: Database) -> None:
    ((team, _joined), _other) = filled(database, SECRET).items()
    imported(other, exported(database, team))

    here = join(other, SECRET, team, "Carla")
    write(other, team, here, "t1", text="Weiter geht es")

    assert is_sound(other)
    second = exported(other, team)
    assert orjson.loads(second[0])["head"]["name"] == "Paderborn"


def test_no_token_and_no_code_leaves_the_server(database: Database) -> None:
    ((team, joined), _other) = filled(database, SECRET).items()
    text = b"".join(exported(database, team)).decode()
    rows = everything(database)

    macs = {str(row[0]) for name in ("token", "invitation") for row in rows[name]}
    assert macs
    assert not [mac for mac in macs if mac in text]
    assert joined.token not in text


def test_what_left_the_team_is_told_where_it_arrives(database: Database, other: Database) -> None:
    ((team, _joined), _other) = filled(database, SECRET).items()
    database.write(
        lambda c: c.exec_driver_sql(
            f"INSERT INTO out_entry (team_id, seq, record_id, kind) VALUES ('{team}', 99, 'left', 'task')"
        )
    )
    imported(other, exported(database, team))

    (row,) = everything(other)["out_entry"]
    assert (row[0], row[1], row[2]) == (team, 6, "left")
    (feed,) = (row for row in everything(other)["team_feed"] if row[0] == team)
    assert feed[1] == 6


def test_a_team_that_is_there_stays_as_it_is(database: Database) -> None:
    ((team, _joined), _other) = filled(database, SECRET).items()
    lines = exported(database, team)
    state = everything(database)

    for again in (lines, changed(lines, "head", team="x"), changed(lines, "head", name="Neu")):
        with pytest.raises(ImportRefused, match="gibt es hier schon"):
            imported(database, again)
    assert everything(database) == state


BAD = {
    "another id": {"document": {"id": "x"}},
    "another kind": {"document": {"kind": "visit"}},
    "another revision": {"document": {"rev": 7}},
    "private": {"document": {"confidentiality": "privat"}},
    "too large": {"document": {"notes": "x" * 300_000}},
    "unknown name": {"more": 1},
    "no number": {"rev": True},
    "no revision": {"rev": 0, "document": {"rev": 0}},
}


@pytest.fixture(scope="module")
def shipped(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines of a small team."""
    source = copied(sqlite_template, tmp_path_factory.mktemp("source"))
    team = make_team(source, "Paderborn")
    write(source, team, join(source, SECRET, team), "t1", notes="Eins")
    write(source, team, Joined("", "u", "d"), "t2")
    lines = exported(source, team)
    source.close()
    return lines


def copied(template: Path, place: Path) -> Database:
    """Open an empty server in a folder."""
    shutil.copy(template, place / "server.db")
    return Database.open(f"sqlite:///{place / 'server.db'}", clock=FixedClock(MOMENT))


@pytest.fixture
def target(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty server."""
    database = copied(sqlite_template, tmp_path)
    yield database
    database.close()


@pytest.mark.parametrize("values", BAD.values(), ids=BAD.keys())
def test_a_record_that_no_device_could_have_sent_is_refused(
    shipped: list[bytes], target: Database, values: dict[str, Any]
) -> None:
    with pytest.raises(ImportRefused, match=r"^Zeile \d+ "):
        imported(target, changed(shipped, "record", **values))
    assert not everything(target)["record"]


def test_hostile_text_arrives_harmless(shipped: list[bytes], target: Database) -> None:
    said = changed(shipped, "record", document={"text": "a\x1b]0;x\x07b\u202ec"})
    said = changed(said, "head", name="Pader\x1b[2Jborn")

    assert imported(target, said).name == "Pader·[2Jborn"

    assert [one.name for one in target.read(teams)] == ["Pader·[2Jborn"]
    (row,) = (row for row in everything(target)["record"] if row[1] == "t1")
    assert orjson.loads(row[5])["text"] == "a·]0;x·b·c"


@settings(max_examples=50)
@given(data=st.data())
def test_a_file_that_was_cut_mixed_up_or_changed_leaves_nothing(
    data: st.DataObject, shipped: list[bytes], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = list(shipped)
    one, two = (data.draw(st.integers(0, len(lines) - 1)) for _time in range(2))
    match data.draw(st.sampled_from(("drop", "twice", "swap", "byte", "cut"))):
        case "drop":
            del lines[one]
        case "twice":
            lines.insert(one, lines[one])
        case "swap":
            lines[one], lines[two] = lines[two], lines[one]
        case "cut":
            lines[one:] = [lines[one][: data.draw(st.integers(0, len(lines[one]) - 1))]]
        case "byte":
            line = bytearray(lines[one])
            line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
            lines[one] = bytes(line)
    target = copied(sqlite_template, tmp_path_factory.mktemp("transfer"))
    state = everything(target)
    try:
        imported(target, lines)
    except ImportRefused:
        assert everything(target) == state
    else:
        assert lines == shipped, "only a swap with itself changes nothing"
    finally:
        target.close()
