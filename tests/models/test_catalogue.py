"""Catalogues: reading, versions side by side, and old assessments whose version is gone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from models.catalogue import Catalogue, catalogue_for, catalogue_of, catalogues, load_catalogue
from models.catalogue_file import CatalogueDamaged, read_catalogue, read_catalogues
from models.errors import FeldbuchError, NotFound
from models.rules.assessment import level_of, progress

GOOD = """
id = "probe"
version = "1"
title = "Probe"
subject = "school"
levels = ["offen", "da"]

[[sections]]
id = "a"
title = "Abschnitt A"

  [[sections.criteria]]
  id = "a.eins"
  title = "Eins"
  goal = "Ziel eins"
  goal_beyond_top = true
  levels = ["nichts", "etwas"]
"""


def test_the_school_catalogue_has_thirteen_criteria_and_the_authority_catalogue_eleven() -> None:
    assert len(load_catalogue("schule").criteria) == 13
    assert len(load_catalogue("traeger").criteria) == 11


def test_each_subject_has_its_catalogue() -> None:
    assert catalogue_for("school").id == "schule"
    assert catalogue_for("authority").id == "traeger"
    with pytest.raises(NotFound):
        catalogue_for("planet")


@pytest.mark.parametrize("catalogue", catalogues(), ids=lambda each: f"{each.id}-{each.version}")
def test_every_level_of_every_shipped_criterion_has_a_text_and_a_name(catalogue: Catalogue) -> None:
    for criterion in catalogue.criteria:
        assert criterion.top in (3, 4)
        for level in range(1, criterion.top + 1):
            assert criterion.text(level)
            assert catalogue.level_name(level)
        assert not criterion.text(0)
        assert not criterion.text(criterion.top + 1)


def test_a_goal_beyond_the_top_adds_a_fourth_level_whose_text_is_the_goal() -> None:
    catalogue = load_catalogue("schule")
    network = catalogue.criterion("schule.ausstattung.hausnetz")
    concept = catalogue.criterion("schule.medienkonzept")
    assert network is not None
    assert concept is not None
    assert (network.top, network.text(4)) == (4, network.goal)
    assert concept.top == 3
    assert catalogue.level_name(4) == "Zielbild erreicht"


def test_a_criterion_knows_its_section_and_an_unknown_one_has_none() -> None:
    catalogue = load_catalogue("schule")
    section = catalogue.section_of("schule.ausstattung.hausnetz")
    assert section is not None
    assert section.heading == "Ressourcen · Sächliche Ausstattung"
    assert catalogue.section_of("schule.nirgends") is None
    assert catalogue.criterion("schule.nirgends") is None


def test_an_unknown_catalogue_or_version_is_refused_in_german() -> None:
    with pytest.raises(NotFound, match="hier unbekannt"):
        load_catalogue("schule", "1999.1")
    with pytest.raises(NotFound, match="hier unbekannt"):
        load_catalogue("garten")


def test_several_versions_of_a_catalogue_stand_side_by_side_and_the_newest_is_by_number() -> None:
    texts = {
        "probe-2026.9": GOOD.replace('version = "1"', 'version = "2026.9"'),
        "probe-2026.10": GOOD.replace('version = "1"', 'version = "2026.10"'),
        "probe": GOOD,
    }
    found = read_catalogues(texts)
    assert [each.version for each in sorted(found, key=lambda each: each.age)] == ["1", "2026.9", "2026.10"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Eins"', "", "„title“ fehlt"),
        ('levels = ["nichts", "etwas"]', 'levels = ["nichts"]', "genau 2 Stufentexte"),
        ('levels = ["nichts", "etwas"]', 'levels = ["nichts", 2]', "Liste von Texten"),
        ("goal_beyond_top", "goal_beyond_topp", "„goal_beyond_topp“ ist unbekannt"),
        ("goal_beyond_top = true", 'goal_beyond_top = "ja"', "„goal_beyond_top“ passt nicht"),
        ('subject = "school"', 'subject = "planet"', "school oder authority"),
        ('levels = ["offen", "da"]', 'levels = ["offen"]', "zwei bis vier Stufen"),
        ('id = "probe"', 'id = "andere"', "Dateiname"),
        ("[[sections]]", "[[sections", "TOML"),
        ("[[sections.criteria]]", "[sections.criteria]", "„criteria“ fehlt oder ist leer"),
    ],
)
def test_a_damaged_catalogue_says_in_german_where_it_is_wrong(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueDamaged) as caught:
        read_catalogue(GOOD.replace(old, new), "probe")
    assert isinstance(caught.value, FeldbuchError)
    assert said in str(caught.value)
    assert "probe" in str(caught.value)


def test_an_id_that_occurs_twice_is_refused() -> None:
    twice = GOOD + GOOD[GOOD.index("  [[sections.criteria]]") :]
    with pytest.raises(CatalogueDamaged, match="doppelt"):
        read_catalogue(twice, "probe")


def test_the_same_version_in_two_files_is_refused() -> None:
    with pytest.raises(CatalogueDamaged, match="schon in einer anderen Datei"):
        read_catalogues({"probe": GOOD, "probe-1": GOOD})


def test_what_a_terminal_would_obey_does_not_come_through_a_catalogue() -> None:
    hostile = GOOD.replace('title = "Eins"', 'title = "Eins\\u001b[2J"')
    assert "\x1b" not in read_catalogue(hostile, "probe").criteria[0].title


def test_an_assessment_against_an_unknown_version_is_read_with_its_own_ratings() -> None:
    ratings = {"schule.medienkonzept": {"level": 2}, "schule.frueher": {"level": 4}}
    document = {
        "catalogue": "schule",
        "catalogue_version": "1999.1",
        "ratings": ratings,
        "criterion_comments": {"schule.kommentiert": "Text"},
        "comments": {"alt": "Eigener Kommentar"},
    }
    catalogue = catalogue_of(document)
    assert not catalogue.known
    assert catalogue.version == "1999.1"
    assert [(each.id, each.title, each.top) for each in catalogue.criteria] == [
        ("schule.medienkonzept", "Medienkonzept", 3),
        ("schule.frueher", "schule.frueher", 4),
        ("schule.kommentiert", "schule.kommentiert", 3),
    ]
    assert [each.id for each in catalogue.sections] == ["", "alt"]
    assert level_of(ratings, "schule.frueher") == 4
    assert progress(catalogue, ratings).rated == 2


def test_an_assessment_without_a_version_is_read_with_the_newest_catalogue() -> None:
    assert catalogue_of({"catalogue": "traeger"}) is load_catalogue("traeger")


def test_no_catalogue_is_parsed_before_one_is_asked_for() -> None:
    code = "import sys, models.catalogue; print('tomllib' in sys.modules, 'models.catalogue_file' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
