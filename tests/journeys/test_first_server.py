"""A whole task: somebody starts a server on an empty folder, two laptops join, both write into one visit without a network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from sync.server.cli import main as server_main
from tests.sync.processes import ServerProcess
from tui.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The server in a folder that was not even there."""
    server = ServerProcess(tmp_path / "server")
    yield server
    server.kill()


def test_two_laptops_edit_one_visit_offline_and_nothing_is_lost(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(program: Callable[[list[str]], int], *words: str) -> str:
        assert program(list(words)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    def operator(*words: str) -> Any:
        return orjson.loads(call(server_main, *words, "--data", str(server.data), "--json"))

    def anna(*words: str) -> str:
        return call(main, "--dir", str(tmp_path / "anna"), *words)

    def bernd(*words: str) -> str:
        return call(main, "--dir", str(tmp_path / "bernd"), *words)

    # The one command has made all that is needed.
    assert server.invitation()
    operator("team", "add", "Paderborn")
    for laptop, name in ((anna, "Anna"), (bernd, "Bernd")):
        code = operator("invite", "--team", "Paderborn", "--role", "adviser", "--name", name)["code"]
        assert "Paderborn" in laptop("connect", server.url, code)

    anna("add", "school", "--number", "900001", "--name", "Grundschule Musterdorf", "--short_name", "GS Musterdorf")
    said = anna("add", "visit", "--school", "900001", "--date", "24.11.2026", "--topics", "medienkonzept")
    (visit,) = re.findall(r"Kennung: (\w+)", said)
    anna("sync")
    bernd("sync")

    server.kill()
    anna("edit", visit, "--goal", "Konzept besprechen", "--notes_pedagogy", "Anna war da.")
    bernd("edit", visit, "--goal", "Geräte ansehen", "--notes_technology", "Bernd war da.")
    server.start()
    for laptop in (anna, bernd, anna):
        laptop("sync")

    shown = [orjson.loads(laptop("show", visit, "--json")) for laptop in (anna, bernd)]
    assert shown[0] == shown[1]
    assert shown[0]["goal"] == "Konzept besprechen"
    assert (shown[0]["notes_pedagogy"], shown[0]["notes_technology"]) == ("Anna war da.", "Bernd war da.")
    for laptop in (anna, bernd):
        (conflict,) = orjson.loads(laptop("conflicts", "--json"))
        assert {conflict["kept"], conflict["other"]} == {"Konzept besprechen", "Geräte ansehen"}
        assert orjson.loads(laptop("status", "--json"))["pending"] == 0
    assert operator("audit", "verify")["whole"]
