"""The command `feldbuch`: what a script, a tester or a person with a screen reader does with it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclopts import App
from tinydb import TinyDB

from models.fieldbook import Fieldbook
from models.records import Document, parse
from models.records.meeting import CaseRound
from models.records.needs import Task
from models.records.school import School
from models.records.visit import Visit
from models.store import Change
from models.store.keeper import JournalStore
from tui.cli import main
from tui.cli.program import program

HOSTILE = "GS \x1b]0;pwned\x07\x1b[2J \x9b31m [@click=app.exit]x[/nope] \u202eetlA \x00"

Answers = Callable[[str], None]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep all tests away from the fieldbook of whoever runs them."""
    monkeypatch.setenv("FELDBUCH_DIR", str(tmp_path / "eigenes"))
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a fieldbook with two schools and a task."""
    directory = tmp_path / "buch"
    with Fieldbook.open(directory) as fieldbook:
        fieldbook.save(School(number="123456", short_name="GS Altstadt", place="Rheda", school_form="02"))
        fieldbook.save(School(number="123457", short_name="GE Neustadt", place="Verl", school_form="15"))
        fieldbook.save(Task(id="aufgabe-eins", text="Konzept schicken"))
    return directory


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Lets a test type lines; after them the input ends."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def feldbuch(folder: Path, *command: str) -> int:
    """Run a command on the fieldbook in `folder`."""
    return main(["--dir", str(folder), *command])


def documents(folder: Path, kind: str) -> list[Document]:
    """Return what is stored of a kind."""
    with Fieldbook.open(folder) as fieldbook:
        return [dict(document) for document in fieldbook.documents(kind)]


# Calling


@pytest.mark.parametrize(
    "command",
    [
        ["lst"],
        ["list"],
        ["list", "Besuch", "--nichts"],
        ["list", "Besuch", "--limit", "viele"],
        ["list", "Bahnhof"],
        ["list", "Besuch", "--demo"],
        ["export", "--format", "xml", "x"],
        ["add", "Besuch", "--geheim", "x"],
        ["show", "123456", "zuviel"],
    ],
)
def test_wrong_usage_is_one_german_sentence_and_exit_code_two(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert feldbuch(folder, *command) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert not {"Unknown", "Invalid", "requires", "Command", "Traceback"} & set(output.err.replace('"', " ").split())


@pytest.mark.parametrize(
    "argv",
    [["--dir"], ["--dir", "a", "--demo"], ["--fresh"], ["--demo", "--records", "viele"], ["--records", "5", "doctor"]],
)
def test_global_options_that_do_not_fit_together_are_refused(argv: list[str]) -> None:
    assert main(argv) == 2


def test_the_help_of_every_command_is_german(capsys: pytest.CaptureFixture[str]) -> None:
    def helped(app: App, chain: list[str]) -> None:
        assert main([*chain, "--help"]) == 0
        for name in app:
            if not name.startswith("-"):
                helped(app[name], [*chain, name])

    helped(program(), [])
    text = capsys.readouterr().out
    words = {word.strip("[]:,.()") for word in text.split()}
    assert not {"Usage", "Commands", "Parameters", "Arguments", "default", "required", "Display", "COMMAND"} & words
    assert "Aufruf: feldbuch import schools" in text
    assert "--yes" in text


def test_the_default_folder_can_be_named_in_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FELDBUCH_DIR", str(folder))
    assert main(["doctor"]) == 0
    assert str(folder) in capsys.readouterr().out


# list and show


@pytest.mark.parametrize("name", ["school", "schools", "Schule", "SCHULEN", "schul"])
def test_a_kind_is_known_by_its_identifier_and_its_german_words(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "schul":
        assert feldbuch(folder, "list", name) == 2, "Schule and Schulträger begin like that"
        return
    assert feldbuch(folder, "list", name) == 0
    assert "GS Altstadt" in capsys.readouterr().out


def test_a_list_is_cut_to_the_width_of_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert feldbuch(folder, "list", "schulen") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 40


def test_a_list_as_json_is_one_array_of_documents(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, "list", "schulen", "--json", "--limit", "1") == 0
    found = json.loads(capsys.readouterr().out)
    assert [school["short_name"] for school in found] == ["GE Neustadt"]


def test_a_record_is_shown_by_number_id_or_beginning_of_its_id(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("123456", documents(folder, "school")[0]["id"][:8], "aufgabe-eins", "aufga"):
        assert feldbuch(folder, "show", name) == 0
    shown = capsys.readouterr().out
    assert "Schulnummer: 123456\n" in shown
    assert "Ort: Rheda\n" in shown
    assert "Aufgabe: Konzept schicken\n" in shown


def test_a_beginning_that_fits_two_records_names_both(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(id="aufgabe-zwei", text="Nachfragen"))
    assert feldbuch(folder, "show", "aufgabe") == 1
    complaint = capsys.readouterr().err
    assert "aufgabe-eins" in complaint
    assert "aufgabe-zwei" in complaint


def test_hostile_text_is_printed_harmless_everywhere(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    line = json.dumps({"id": "böse\x1b[2J", "kind": "task", "text": HOSTILE, "notes": HOSTILE, "neu\x1b": HOSTILE})
    odd = json.dumps({"id": "fremd", "kind": "später\x1b[2J", "date": HOSTILE, "liste": [HOSTILE]})
    bad = folder / "böse.jsonl"
    bad.write_text(f"{line}\n{odd}\n", encoding="utf-8")
    assert feldbuch(folder, "import", "records", str(bad)) == 0
    # What another program wrote into the store was never cleaned on its way in.
    store = JournalStore(folder)
    store.commit([Change("records", "aufgabe-eins", {**store.table("records")["aufgabe-eins"], "text": HOSTILE})])
    store.close()
    for command in (
        ["list", "task"],
        ["list", "task", "--json"],
        ["show", "aufgabe-eins"],
        ["show", "aufgabe-eins", "--json"],
        ["done"],
        ["done", "aufgabe-eins"],
        ["list", "später·[2J"],
        ["show", "böse·[2J"],
        ["show", "fremd"],
        ["show", "fremd", "--json"],
        ["show", HOSTILE],
        ["list", HOSTILE],
        [HOSTILE],
        ["list", "task", f"--{HOSTILE}"],
        ["export", str(folder / HOSTILE.replace("\x00", ""))],
        ["import", "records", HOSTILE.replace("\x00", "")],
        ["doctor"],
    ):
        feldbuch(folder, *command)
    output = capsysbinary.readouterr()
    for stream in (output.out, output.err):
        text = stream.decode("utf-8")
        assert not {
            sign for sign in text if (sign < " " and sign != "\n") or "\x7f" <= sign < "\xa0" or sign == "\u202e"
        }


# add, edit, done


def test_add_asks_for_the_required_fields_and_then_for_more(
    folder: Path, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(
        "Bahnhof\naltst\n"  # the school: unknown first, then by its name
        "32.1.2026\n24.11.2026\n"  # the date: impossible first
        "internet\n2, ki\n\n"  # topics: unknown, then by number and by word
        "n\n"
    )
    assert feldbuch(folder, "add", "besuch") == 0
    (visit,) = documents(folder, "visit")
    assert visit["school"] == "123456"
    assert visit["date"] == "2026-11-24"
    assert visit["topics"] == ["ki", "medienentwicklungsplan"]
    shown = capsys.readouterr().out
    assert "gibt es in diesem Feldbuch nicht" in shown
    assert "Gespeichert: Besuch GS Altstadt, Di 24.11.2026" in shown


def test_add_lets_one_of_several_schools_be_picked_by_number(folder: Path, answers: Answers) -> None:
    answers("stadt\n2\n\nki\n\n\n")
    assert feldbuch(folder, "add", "besuch") == 0
    assert documents(folder, "visit")[0]["school"] == "123457"


def test_add_takes_texts_lists_and_entries(folder: Path, answers: Answers) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Visit(id="besuch", school="123456", date="2026-11-24", topics=frozenset({"ki"})))
    numbers = {name: str(number) for number, name in enumerate(_asked(), 1)}
    answers(
        f"{numbers['goal']}\nErste Zeile\n\nDritte Zeile\n.\n"
        f"{numbers['agreements']}\nKonzept schicken\n\n+14\n\n\n"
        f"{numbers['logineo']}\n1\n1\n\n"
        f"Dauer\n1:30\n\n"
    )
    assert feldbuch(folder, "edit", "besuch") == 0
    (visit,) = documents(folder, "visit")
    assert visit["goal"] == "Erste Zeile\n\nDritte Zeile"
    assert visit["agreements"][0]["text"] == "Konzept schicken"
    assert visit["agreements"][0]["due"]
    assert len(visit["logineo"]) == 1
    assert visit["duration"] == 90


def _asked() -> list[str]:
    hidden = {name for name, kind in Visit.kinds().items() if kind.derived or kind.when}
    return [name for name in Visit.kinds() if name not in hidden]


def test_add_asks_nothing_where_all_that_is_needed_was_given(folder: Path) -> None:
    given = ["--schule", "Altstadt", "--date", "24.11.2026", "--topics", "ki,lms", "--Vereinbart", "Konzept schicken"]
    assert feldbuch(folder, "add", "besuch", *given) == 0
    (visit,) = documents(folder, "visit")
    assert visit["topics"] == ["ki", "lms"]
    assert visit["agreements"][0]["text"] == "Konzept schicken"


def test_what_was_given_is_never_replaced_by_what_is_usual(folder: Path) -> None:
    assert feldbuch(folder, "add", "aufgabe", "--text", "Anrufen", "--due", "") == 0
    task = next(task for task in documents(folder, "task") if task["text"] == "Anrufen")
    assert "due" not in task


def test_a_value_that_cannot_be_used_saves_nothing_and_names_the_field(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in (["--school", "999999"], ["--school", "123456", "--date", "31.2.2026"], ["--topics", "quark"]):
        assert feldbuch(folder, "add", "besuch", *given) == 1
    assert documents(folder, "visit") == []
    complaints = capsys.readouterr().err
    assert all(label in complaints for label in ("Schule: ", "Datum: ", "Themen: "))


def test_input_that_ends_early_leaves_a_draft_that_the_next_add_offers(
    folder: Path, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers("123456\n24.11.2026\n")
    assert feldbuch(folder, "add", "besuch") == 1
    assert "Der Entwurf liegt im Feldbuch" in capsys.readouterr().err
    with Fieldbook.open(folder) as fieldbook:
        (draft,) = fieldbook.drafts()
    assert draft["values"]["school"] == "123456"

    answers("j\nki\n\nn\n")
    assert feldbuch(folder, "add", "besuch") == 0
    (visit,) = documents(folder, "visit")
    assert (visit["id"], visit["school"], visit["date"]) == (draft["id"], "123456", "2026-11-24")
    with Fieldbook.open(folder) as fieldbook:
        assert fieldbook.drafts() == []


def test_ctrl_c_keeps_the_draft_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient(io.StringIO):
        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            line = super().readline(size)
            if not line:
                raise KeyboardInterrupt
            return line

    monkeypatch.setattr(sys, "stdin", Impatient("123456\n"))
    assert feldbuch(folder, "add", "besuch") == 130
    assert "Der Entwurf liegt im Feldbuch" in capsys.readouterr().err
    with Fieldbook.open(folder) as fieldbook:
        assert fieldbook.drafts()[0]["values"]["school"] == "123456"


def test_edit_changes_only_what_is_named(folder: Path) -> None:
    before = next(school for school in documents(folder, "school") if school["number"] == "123456")
    assert feldbuch(folder, "edit", "123456", "--ort", "Wiedenbrück", "--pupils", "210") == 0
    after = next(school for school in documents(folder, "school") if school["number"] == "123456")
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed - {"updated_at"} == {"place", "pupils"}


def test_a_task_is_ticked_off_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, "done", "aufgabe-eins") == 0
    assert documents(folder, "task")[0]["done_on"]
    assert feldbuch(folder, "done", "aufgabe-eins") == 0
    assert "War schon erledigt" in capsys.readouterr().out
    assert feldbuch(folder, "done", "123456") == 2
    assert feldbuch(folder, "done") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nichts ist offen."


def test_what_was_agreed_in_a_visit_is_ticked_off_by_the_id_that_done_alone_names(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreements = [
        {"id": "abcd1", "text": "Muster senden", "due": "2020-01-02"},
        {"id": "abcd2", "text": "Termin mitteilen", "owner": "schule"},
    ]
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(
            parse({"kind": "visit", "id": "besuch", "school": "123456", "date": "2020-01-01", "agreements": agreements})
        )
        fieldbook.save(
            parse(
                {
                    "kind": "consultation",
                    "id": "beratung",
                    "client": "123457",
                    "date": "2020-01-01",
                    "concern": "WLAN",
                    "follow_up_on": "2020-02-01",
                }
            )
        )
    assert feldbuch(folder, "done") == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["Kennung", "bis", "Wer", "Aufgabe", "betrifft"]
    assert [line.split()[0] for line in lines] == ["abcd1", "beratu", "aufgab", "abcd2"]
    assert "Do 02.01.2020" in lines[0]
    assert "GS Altstadt" in lines[0]

    assert feldbuch(folder, "done", "abcd") == 1
    assert "passt zu 2 offenen Aufgaben" in capsys.readouterr().err
    assert feldbuch(folder, "done", "abcd2") == 0
    assert capsys.readouterr().out == "Erledigt: Termin mitteilen\n"
    assert feldbuch(folder, "done", "abcd") == 0, "one that is open is left with this beginning"
    (visit,) = documents(folder, "visit")
    assert all(entry["done_on"] for entry in visit["agreements"])
    assert feldbuch(folder, "done", "beratung") == 0
    assert "follow_up_on" not in documents(folder, "consultation")[0]

    assert feldbuch(folder, "done", "besuch") == 2
    assert "nichts offen" in capsys.readouterr().err


# export and import


def test_what_was_exported_comes_back_equal_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.delete("aufgabe-eins", "doppelt")
        fieldbook.bring_in([{"id": "x", "kind": "zukunft", "feld": {"a": [1, 2.5, None, True]}}])
    first, second = tmp_path / "eins.jsonl", tmp_path / "zwei.jsonl"
    assert feldbuch(folder, "export", "--format", "jsonl", str(first)) == 0
    other = tmp_path / "anderes"
    assert feldbuch(other, "import", "records", str(first)) == 0
    assert feldbuch(other, "export", str(second)) == 0
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().count(b"\n") == 4


def test_stock_tinydb_opens_what_was_exported_for_it_and_it_comes_back_equal(folder: Path, tmp_path: Path) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.delete("aufgabe-eins", "doppelt")
        everything = sorted(fieldbook.everything(), key=lambda document: document["id"])
    path, other = tmp_path / "alles.json", tmp_path / "anderes"
    assert feldbuch(folder, "export", "--format", "tinydb", str(path)) == 0
    with TinyDB(path, encoding="utf-8") as stock:
        assert sorted(stock.table("records").all(), key=lambda document: document["id"]) == everything
        stock.table("records").insert({"id": "neu", "kind": "task", "text": "Von außen"})
    assert feldbuch(other, "import", "records", str(path)) == 0
    with Fieldbook.open(other) as fieldbook:
        documents = {document["id"]: document for document in fieldbook.everything()}
    assert documents.pop("neu")["text"] == "Von außen"
    assert [documents[document["id"]] for document in everything] == everything
    assert len(documents) == len(everything)


def test_private_records_leave_only_when_asked_for(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(CaseRound(meeting="m", date="2026-11-24", content="GEHEIM"))
    assert feldbuch(folder, "export", "-") == 0
    assert "GEHEIM" not in capsys.readouterr().out
    assert feldbuch(folder, "export", "-", "--private") == 0
    assert "GEHEIM" in capsys.readouterr().out


def test_a_bad_line_is_named_and_nothing_is_brought_in(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps({"id": "neu", "kind": "task", "text": "Neu"})
    (tmp_path / "x.jsonl").write_text(f'{good}\n{good[:20]}\n\n[]\n{{"id": "a"}}\n{good}\n', encoding="utf-8")
    assert feldbuch(folder, "import", "records", str(tmp_path / "x.jsonl")) == 1
    complaint = capsys.readouterr().err
    assert all(f"Zeile {row}:" in complaint for row in (2, 4, 5, 6))
    assert [task["id"] for task in documents(folder, "task")] == ["aufgabe-eins"]


def test_an_export_replaces_a_file_whole_and_leaves_devices_alone(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "da.jsonl"
    target.write_text("alt" * 10_000)
    assert feldbuch(folder, "export", "--kind", "Aufgabe", str(target)) == 0
    assert target.read_bytes().count(b"\n") == 1
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
    assert feldbuch(folder, "export", os.devnull) == 0
    assert not Path(os.devnull).is_file()
    assert feldbuch(folder, "export", str(tmp_path)) == 1
    assert feldbuch(folder, "export", str(tmp_path / "fehlt" / "x.jsonl")) == 1


# doctor and errors


def test_the_doctor_counts_and_finds_what_leads_nowhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert feldbuch(folder, "doctor") == 0
    assert "Schulen: 2\n" in capsys.readouterr().out
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(text="Verwaist", subject="999999"))
        fieldbook.bring_in([{"id": "kaputt", "kind": "visit", "school": "123456", "date": "nie"}])
    assert feldbuch(folder, "doctor") == 1
    shown = capsys.readouterr().out
    assert "999999; das gibt es hier nicht." in shown
    assert "kaputt: lässt sich nicht lesen." in shown


def test_a_fieldbook_that_is_open_elsewhere_is_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Fieldbook.open(folder):
        assert feldbuch(folder, "list", "schulen") == 1
        assert main(["--dir", str(folder)]) == 1
    assert capsys.readouterr().err.count("ist schon geöffnet") == 2


def test_a_damaged_fieldbook_is_a_sentence_and_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (journal,) = folder.glob("wal-*.jsonl")
    content = journal.read_bytes()
    damaged = content.replace(b"Konzept", b"Konzert", 1)
    journal.write_bytes(damaged)
    assert feldbuch(folder, "list", "task") == 1
    assert "beschädigt" in capsys.readouterr().err
    assert journal.read_bytes() == damaged != content


def test_a_defect_is_written_to_a_log_and_told_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui.cli.guard import guarded
    from tui.cli.target import Target

    def broken() -> int:
        raise ZeroDivisionError("im Programm")

    assert guarded(broken, Target(folder=folder)) == 1
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "Traceback" not in complaint
    log = (folder / "fehler.log").read_text(encoding="utf-8")
    assert str(folder / "fehler.log") in complaint
    assert "\nZeroDivisionError\n" in log


# As real processes


def run(*argv: str, given: str | None = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    code = "import sys; from tui.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *argv], input=given, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().count(".") == 2


def test_what_was_answered_survives_a_kill(folder: Path) -> None:
    code = "import sys; from tui.cli import main; sys.exit(main())"
    command = [sys.executable, "-u", "-c", code, "--dir", str(folder), "add", "besuch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"123456\n24.11.2026\n")
        process.stdin.flush()
        seen = b""
        while b"leer beendet" not in seen:
            seen += process.stdout.read(1)
        process.kill()
    with Fieldbook.open(folder) as fieldbook:
        (draft,) = fieldbook.drafts()
    assert draft["title"] == "GS Altstadt, Di 24.11.2026"


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.bring_in({"id": f"t{n}", "kind": "task", "text": "Viel " * 20} for n in range(3000))
    code = "import sys; from tui.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "--dir", str(folder), "export", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_starting_the_app_loads_no_parser_and_no_network() -> None:
    code = (
        "import sys, tui.cli, tui.cli.guard, tui.cli.output, tui.cli.target, tui.app\n"
        "tui.cli.target.split(['--demo', '--records', '5'], tui.cli.target.Target())\n"
        "print([name for name in ('cyclopts', 'httpx', 'keyring', 'rich_rst') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Schools, keys


SCHOOLS = (
    "Schulnummer;Schulform;Kurzbezeichnung;PLZ;Ort;Gemeindeschluessel\n"
    "123458;02;GS Neu;33378;Rheda;05754028\n"
    "123459;15;GE Fern;44135;Dortmund;05913000\n"
)


@pytest.fixture
def directory_file(tmp_path: Path) -> Path:
    """A small school directory."""
    path = tmp_path / "schuldaten.csv"
    path.write_text(SCHOOLS, encoding="utf-8")
    return path


def test_without_a_terminal_schools_are_only_shown(
    tmp_path: Path, directory_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feldbuch(tmp_path / "neu", "import", "schools", str(directory_file)) == 3
    output = capsys.readouterr()
    assert "Schulen: 2 neu" in output.out
    assert "Nichts wurde übernommen" in output.err
    assert documents(tmp_path / "neu", "school") == []


def test_schools_of_a_region_come_in_with_stamps_and_a_second_time_changes_nothing(
    tmp_path: Path, directory_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "neu"
    assert feldbuch(target, "import", "schools", str(directory_file), "--region", "Gütersloh", "--yes") == 0
    (school,) = documents(target, "school")
    assert school["number"] == "123458"
    assert school["created_at"]
    with Fieldbook.open(target) as fieldbook:
        assert fieldbook.settings.region == "05754"
        assert fieldbook.settings.device == school["device"]
    (journal,) = target.glob("wal-*.jsonl")
    before = journal.read_bytes()
    capsys.readouterr()
    assert feldbuch(target, "import", "schools", str(directory_file)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Es gibt nichts zu übernehmen."
    assert journal.read_bytes() == before


class Terminal(io.StringIO):
    """A stream at which somebody sits."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_on_a_terminal_the_import_asks_first(
    tmp_path: Path, directory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer, count in (("\n", 0), ("n\n", 0), ("j\n", 2)):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        shown = Terminal()
        monkeypatch.setattr(sys, "stdout", shown)
        assert feldbuch(tmp_path / "neu", "import", "schools", str(directory_file)) == 0
        assert "Übernehmen? [j/N]" in shown.getvalue()
        assert len(documents(tmp_path / "neu", "school")) == count


def test_a_suspicious_directory_is_taken_over_by_a_persons_answer_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target, path = tmp_path / "neu", tmp_path / "schuldaten.csv"
    head = SCHOOLS.splitlines()[0]
    rows = [f"{200000 + number};02;GS {number};33378;Rheda;05754028" for number in range(60)]
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    assert feldbuch(target, "import", "schools", str(path), "--yes") == 0
    path.write_text("\n".join([head, *rows[:5], ""]), encoding="utf-8")
    capsys.readouterr()
    doubt = "55 von 60 Schulen der Region fehlen in der Datei."

    for switches in ([], ["--yes"]):
        assert feldbuch(target, "import", "schools", str(path), *switches) == 3
        said = capsys.readouterr().err
        assert said.startswith(f"Nichts wurde übernommen. {doubt}")
        assert "ohne --yes in einem Terminal wiederholen" in said
    assert all(school["in_directory"] for school in documents(target, "school"))

    for answer, listed in (("n\n", 60), ("j\n", 5)):
        shown = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys, "stdout", shown)
        assert feldbuch(target, "import", "schools", str(path)) == 0
        question = shown.getvalue().partition("[j/N]")[0].splitlines()[-1]
        assert doubt in question
        assert question.endswith("Trotzdem übernehmen? ")
        assert sum(bool(school.get("in_directory")) for school in documents(target, "school")) == listed


def test_a_directory_that_is_cut_or_missing_is_refused_with_a_sentence(
    folder: Path, directory_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory_file.write_text(SCHOOLS[:-30], encoding="utf-8")
    assert feldbuch(folder, "import", "schools", str(directory_file), "--yes") == 1
    assert feldbuch(folder, "import", "schools", str(directory_file.with_name("fehlt.csv")), "--yes") == 1
    assert feldbuch(folder, "import", "schools", str(directory_file), "--region", "Atlantis") == 2
    assert capsys.readouterr().err.count("\n") == 3
    assert len(documents(folder, "school")) == 2


def test_the_key_table_names_every_place_and_global_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys"]) == 0
    table = capsys.readouterr().out
    for key in ("| F1 |", "| F2 | Heute |", "| Strg+P |", "| Besuche und Beratungen | |", "| Formular | |"):
        assert key in table
    assert all(line.startswith("|") or not line for line in table.splitlines())


# The demo


def test_the_demo_lives_beside_ones_own_fieldbook_and_keeps_what_was_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "eigenes-demo-300"
    demo = ["--demo", "--records", "300"]
    assert main([*demo, "add", "aufgabe", "--text", "Ausprobiert"]) == 0
    assert main([*demo, "doctor"]) == 0
    capsys.readouterr()
    assert main([*demo, "list", "aufgabe"]) == 0
    assert "Ausprobiert" in capsys.readouterr().out
    assert not (tmp_path / "eigenes").exists()

    with Fieldbook.open(own):
        assert main([*demo, "--fresh", "list", "aufgabe"]) == 1, "nobody's open demo is thrown away"
    assert main([*demo, "--fresh", "list", "aufgabe"]) == 0
    assert "Ausprobiert" not in capsys.readouterr().out
