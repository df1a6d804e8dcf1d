"""Real servers and real devices: whatever is killed or cut at whatever moment, nothing that anyone saved is lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from models.clock import SystemClock
from models.errors import SyncFailed
from sync.engine import Report
from sync.server.cli import main
from sync.server.database import Database
from sync.server.folder import ServerFolder
from sync.server.people import CONSOLE, invite
from sync.server.schema import upgrade
from tests.sync.content import everything, filled, is_sound, make_team
from tests.sync.postgres import has_postgres
from tests.sync.processes import DeviceProcess, ServerProcess, begun_in, run_command, wait_until_begun
from tests.sync.relay import Relay
from tests.sync.remote import VISIT, Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.records import Document


@contextmanager
def database_of(data: Path) -> Iterator[Database]:
    database = Database.open(ServerFolder(data).address(), clock=SystemClock())
    try:
        yield database
    finally:
        database.close()


class Team:
    """A server that runs, and two devices of its team that both have one visit."""

    def __init__(self, place: Path, *words: str) -> None:
        self.data = place / "server"
        self.server = ServerProcess(self.data, *words)
        self.folders = [place / "anna", place / "bernd"]
        with database_of(self.data) as database:
            team, secret, now = make_team(database, "Paderborn"), ServerFolder(self.data).secret(), SystemClock().now()
            # Two codes for one name: who they are does not matter here.
            offer = partial(invite, secret=secret, key=team, role="adviser", name="Anna", by=CONSOLE, now=now)
            codes = [database.write(offer) for _folder in self.folders]
        pairs = zip(self.folders, codes, strict=True)
        for folder, code in pairs:
            Remote.enrol(folder, self.server.url, code)
        with ExitStack() as stack:
            first, second = (stack.enter_context(self.device(one)) for one in (0, 1))
            first.begin_visit()
            first.sync_until_quiet()
            second.sync_until_quiet()

    def device(self, number: int) -> Remote:
        """Open one of the devices here."""
        return Remote(self.folders[number], self.server.url)

    def process(self, number: int, seed: int, url: str = "") -> DeviceProcess:
        """Let one of the devices run by itself."""
        return DeviceProcess(self.folders[number], url or self.server.url, seed)

    def final(self) -> dict[str, Document]:
        """Return what all have once everybody has synced; fails where they do not have the same."""
        with ExitStack() as stack:
            devices = [stack.enter_context(self.device(one)) for one in (0, 1)]
            for device in (*devices, *devices):
                device.sync_until_quiet()
            states = [device.documents() for device in devices]
            assert [device.exchange.waiting() for device in devices] == [0, 0]
        with database_of(self.data) as database:
            assert is_sound(database)
            rows = everything(database)
        stored = {row[1]: orjson.loads(row[5]) for row in rows["record"]}
        assert states[0] == states[1] == stored
        self.history = [orjson.loads(row[-1]) for row in rows["history"]]
        return stored

    def assert_nothing_is_lost(self, *devices: DeviceProcess) -> None:
        """Check all that the devices' ledgers promise against what everybody has in the end."""
        documents = self.final()
        agreements = {item["id"] for item in documents[VISIT].get("agreements", [])}
        goals = {document.get("goal") for document in self.history if document["id"] == VISIT}
        goals |= {
            one.get(side) for one in documents.values() if one["kind"] == "conflict" for side in ("kept", "other")
        }
        words = " ".join(str(goal) for goal in goals).split()
        for device in devices:
            saved = device.saved()
            assert saved
            assert {which for what, which in saved if what == "task"} <= documents.keys()
            assert {which for what, which in saved if what == "agreement"} <= agreements
            # What a device overwrote itself before it was sent was never anybody else's.
            last = [which for what, which in saved if what == "goal"][-1:]
            assert set(last) <= set(words), last


@pytest.fixture
def team(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[Team]:
    """A running server on each of the databases, and two devices."""
    words: tuple[str, ...] = ()
    if dialect == "postgresql":
        words = ("--database", request.getfixturevalue("empty_url"))
    team = Team(tmp_path, *words)
    yield team
    team.server.kill()


def kill_by_turns(team: Team, kills: int, what: Callable[[int], Any], seed: int) -> None:
    """Let two devices work while `what` says, by number, is killed and started again at random moments."""
    dice = random.Random(seed)
    devices = [team.process(one, seed * 1000 * (one + 1)) for one in (0, 1)]
    try:
        for number in range(kills):
            for device in devices:
                device.wait_for_saves(1)
            victim = what(number) or devices[number % 2]
            # A moment of no meaning: in the middle of whatever is going on.
            devices[0].running.process.join(dice.random() * 0.2)
            victim.kill()
            victim.start()
        for device in devices:
            device.wait_for_saves(1)
            device.stop()
    finally:
        for device in devices:
            device.kill()
    team.assert_nothing_is_lost(*devices)


def test_a_server_killed_at_any_moment_loses_nothing(team: Team) -> None:
    kill_by_turns(team, 3, lambda _number: team.server, 1)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_device_killed_at_any_moment_loses_nothing(team: Team) -> None:
    kill_by_turns(team, 4, lambda _number: None, 2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_two_hundred_times_killed_nothing_is_lost(team: Team, seed: int) -> None:
    kill_by_turns(team, 100, lambda number: None if number % 3 == 0 else team.server, seed)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_connections_cut_anywhere_lose_nothing(team: Team) -> None:
    with Relay(team.server.url, 5) as relay:
        devices = [team.process(one, one * 1000, relay.url) for one in (0, 1)]
        try:
            for device in devices:
                device.wait_for_saves(25)
            for device in devices:
                device.stop()
        finally:
            for device in devices:
                device.kill()
        assert relay.cut > 0
    team.assert_nothing_is_lost(*devices)


def test_a_destroyed_server_that_was_restored_gets_back_what_its_devices_have(
    team: Team, tmp_path: Path, dialect: str
) -> None:
    with ExitStack() as stack:
        anna, bernd = (stack.enter_context(team.device(one)) for one in (0, 1))
        early = anna.add_task()
        anna.sync_until_quiet()
        file = tmp_path / "backup.zip"
        assert main(["backup", str(file), "--data", str(team.data), "--json"]) == 0
        late = anna.add_task()
        anna.set_goal("von Anna, nach der Sicherung")
        anna.sync_until_quiet()
        # Never seen by the server before it was destroyed.
        bernd.agree("nie-angekommen")

        team.server.kill()
        if dialect == "sqlite":
            shutil.rmtree(team.data)
        assert main(["restore", str(file), "--data", str(team.data), "--yes"]) == 0
        team.server.start()

        for device in (anna, bernd, anna):
            report = device.sync()
            assert isinstance(report, Report), report
    documents = team.final()
    assert {early, late} <= documents.keys()
    assert documents[VISIT]["goal"] == "von Anna, nach der Sicherung"
    assert [item["id"] for item in documents[VISIT]["agreements"]] == ["nie-angekommen"]


def kill_commands(place: Path, kills: int, seed: int) -> int:
    """Kill restores and backups at random moments; what is there afterwards must be the old state or the new one.

    Returns how many were finished before.
    """
    data, backups, dice = place / "server", place / "backups", random.Random(seed)
    folder = ServerFolder(data)
    folder.prepare()
    upgrade(folder.address())
    backups.mkdir()
    but = ("team_feed", "audit")
    with database_of(data) as database:
        filled(database, folder.secret())
        before = everything(database, but=but)
        longest = -monotonic()
        assert main(["backup", str(backups / "first.zip"), "--data", str(data)]) == 0
        longest += monotonic()
        make_team(database, "Soest")
        after = everything(database, but=but)
    finished = 0
    for number in range(kills):
        words = ["backup", str(backups / f"{number}.zip")]
        if number % 2 == 0:
            words = ["restore", str(backups / "first.zip"), "--yes"]
        left = begun_in(place)
        command = run_command(*words, "--data", str(data), log=place / "log")
        wait_until_begun(command.process, place, left)
        command.process.join(dice.random() * longest)
        finished += command.process.exitcode == 0
        command.kill()
        with database_of(data) as database:
            assert is_sound(database)
            assert everything(database, but=but) in (before, after)
    # Whatever has the name of a backup is one.
    for whole in backups.glob("*.zip"):
        assert main(["restore", str(whole), "--data", str(place / whole.stem), "--yes"]) == 0
    return finished


def test_a_restore_or_a_backup_killed_at_any_moment_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    kill_commands(tmp_path, 4, 3)


@pytest.mark.slow
def test_a_hundred_restores_and_backups_killed_leave_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    assert 0 < kill_commands(tmp_path, 100, 4) < 100


def test_a_server_told_to_end_finishes_and_leaves_one_whole_file(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server")
    assert httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200

    assert server.stop() == 0

    assert not list((tmp_path / "server").glob("server.db-*"))
    with closing(sqlite3.connect(tmp_path / "server" / "server.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    lines = [line for line in server.running.said().splitlines() if not line.startswith('{"invitation"')]
    assert lines
    assert all("event" in orjson.loads(line) for line in lines)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, secret


def test_a_server_with_a_certificate_is_reached_by_it_alone(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    server = ServerProcess(tmp_path / "server", "--host", "0.0.0.0", "--tls-cert", str(cert), "--tls-key", str(key))
    try:
        assert server.url.startswith("https://")
        address = server.url.replace("0.0.0.0", "127.0.0.1")
        code = server.invitation()
        for folder, where, ca in (("plain", address.replace("https", "http"), ""), ("other", address, "")):
            with pytest.raises(SyncFailed):
                Remote.enrol(tmp_path / folder, where, code, ca)
        # Nobody has seen the code yet.
        Remote.enrol(tmp_path / "anna", address, code, cert.read_text("ascii"))
    finally:
        server.kill()


@pytest.mark.parametrize(("words", "last"), [((), 429), (("--behind-proxy",), 404)])
def test_a_proxy_is_believed_only_where_there_is_one(tmp_path: Path, words: tuple[str, ...], last: int) -> None:
    server = ServerProcess(tmp_path / "server", *words)
    try:
        # Whoever guesses is slowed down by the address that the guesses come from.
        answers = [
            httpx.post(
                f"{server.url}/v1/devices",
                json={"code": f"0000-0000-{guess:04}", "name": "x"},
                headers={"x-forwarded-for": f"192.0.2.{guess}"},
                trust_env=False,
            ).status_code
            for guess in range(12)
        ]
        assert (answers[0], answers[-1]) == (404, last)
    finally:
        server.kill()


@pytest.mark.skipif(not has_postgres(), reason="only PostgreSQL has several servers")
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_servers_that_start_at_once_on_an_empty_database_are_one(tmp_path: Path, empty_url: str) -> None:
    folders = [ServerFolder(tmp_path / name) for name in ("one", "two", "three")]
    for folder in folders:
        folder.path.mkdir()
        # As copied from the first of them.
        folder.keep_secret(bytes(range(32)))
    servers = [ServerProcess(folder.path, "--database", empty_url, wait=False) for folder in folders]
    try:
        for server in servers:
            server.wait()
        (code,) = filter(None, (server.invitation() for server in servers))
        Remote.enrol(tmp_path / "anna", servers[0].url, code)
        for server in servers:
            with Remote(tmp_path / "anna", server.url) as anna:
                assert anna.sync() == "no_scope"
    finally:
        for server in servers:
            server.kill()


def test_a_folder_has_one_server_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerProcess(tmp_path / "server")
    try:
        assert main(["start", "--data", str(server.data), "--port", "0"]) == 1
        assert "läuft schon ein Server" in capsys.readouterr().err
        assert main(["team", "add", "Paderborn", "--data", str(server.data)]) == 0
        assert main(["restore", str(tmp_path / "none.zip"), "--data", str(server.data), "--yes"]) == 1
    finally:
        server.kill()
