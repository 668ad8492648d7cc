"""A study made of files: names that lead nowhere, columns as the readers recognise them, and a text that says all that was chosen."""

import bz2
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as some

import written_town as w
from livingcircle import cases
from livingcircle.composing import (
    EXTRACTS,
    FIELDS,
    Part,
    compose,
    file_name,
    recognised,
    short_name,
    study_text,
    suspected_datums,
)
from livingcircle.errors import InputError, SettingsError
from livingcircle.faults import Fault
from livingcircle.settings import read_study
from livingcircle.sources.peek import peek
from livingcircle.sources.safety import check_compressed
from livingcircle.sources.streets import OSM_FORMATS

PARTS = (
    Part("network", "streets.osm"),
    Part("homes", "homes.csv", columns={"id": "id", "residents": "居民数"}),
    Part("facilities", "pharmacies.csv", columns={"service": "名称"}, service="pharmacy"),
    Part("districts", "districts.geojson", columns={"id": "code"}),
)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("住宅（2024年）.xlsx", "住宅（2024年）.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\homes.csv", "homes.csv"),
        ("..", "_"),
        (".streamlit", "streamlit"),
        ("a<b>|c:d*e.csv", "a_b__c_d_e.csv"),
        ("", "_"),
    ],
)
def test_names_from_outside_become_plain(given_name, kept):
    assert file_name(given_name) == kept


@given(some.text())
def test_no_name_leads_out_of_its_folder(tmp_path_factory, name):
    folder = tmp_path_factory.getbasetemp()
    assert (folder / file_name(name)).resolve().parent == folder.resolve()
    assert len(file_name(name)) <= 100
    assert not set(file_name(name)) & set('<>:"|?*/\\[]!$`')


def test_a_long_name_keeps_its_extension():
    assert file_name("长" * 300 + ".geojson").endswith("长.geojson")


@pytest.mark.parametrize(
    ("title", "short"),
    [("我的研究", "study"), ("Qinghe 2026!", "qinghe-2026"), ("研究1", "study"), ("—", "study"), ("É", "e")],
)
def test_titles_name_folders(title, short):
    assert short_name(title) == short


def test_the_text_reads_as_a_study_that_says_what_was_chosen(tmp_path):
    w.write_town(tmp_path)
    text = study_text(PARTS, "我的: #1 研究", standard="quarter_hour", language="en")
    settings = compose(tmp_path / "mine.yaml", text)
    assert read_study(tmp_path / "mine.yaml") == settings
    assert settings.title.zh == "我的: #1 研究"
    assert settings.homes.columns.residents == "居民数"
    assert settings.facilities[0].service == "pharmacy"
    assert settings.facilities[0].columns.service is None  # a type for all rows goes before a column
    assert settings.districts[0].columns.id == "code"
    assert settings.outputs.language == "en"
    checked = cases.check(settings)
    assert checked.faults == ()
    assert checked.study.homes.residents.sum() == w.TOTAL


def test_what_is_missing_is_the_check_s_to_say(tmp_path):
    text = study_text(PARTS[:2], "t", standard="quarter_hour", language="zh")
    with pytest.raises(SettingsError) as caught:
        compose(tmp_path / "mine.yaml", text)
    assert [fault.column for fault in caught.value.faults] == ["facilities"]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (Part("network", "a.osm.gz"), "osm_file"),
        (Part("network", "roads.gpkg", layer="道路", columns={"highway": "等级"}), "street_layer"),
        (Part("homes", "a.osm.pbf"), "osm_buildings"),
        (Part("homes", "a.shp", crs="EPSG:4549", datum=None, estimate=True), "layer"),
        (Part("facilities", "a.pbf"), "osm_tags"),
        (Part("facilities", "a.json", kind="amap"), "amap"),
        (Part("facilities", "a.json", kind="baidu", columns={"id": "uid"}), "baidu"),
        (Part("facilities", "a.csv", kind="classify", datum="gcj02"), "layer"),
        (Part("candidates", "a.csv"), "layer"),
    ],
)
def test_every_part_is_a_setting_that_is_known(tmp_path, part, kind):
    parts = [*(one for one in PARTS if one.role != part.role), part]
    settings = compose(tmp_path / "mine.yaml", study_text(parts, "t", standard="quarter_hour", language="zh"))
    found = getattr(settings, part.role)
    found = found[0] if isinstance(found, tuple) else found
    assert found.kind == kind
    assert found.path == tmp_path / part.file
    if kind == "layer":
        assert (found.datum, found.crs, found.layer) == (part.datum, part.crs, part.layer)


def test_a_role_that_there_is_one_of_takes_the_last(tmp_path):
    parts = [*PARTS, Part("homes", "other.csv")]
    settings = compose(tmp_path / "mine.yaml", study_text(parts, "t", standard="quarter_hour", language="zh"))
    assert settings.homes.path.name == "other.csv"


def test_facilities_of_the_extract_count_when_asked_for(tmp_path):
    text = study_text(PARTS, "t", standard="quarter_hour", language="zh", facility_tags=True)
    settings = compose(tmp_path / "mine.yaml", text)
    assert [one.kind for one in settings.facilities] == ["layer", "osm_tags"]


def test_columns_are_recognised_as_the_readers_do(tmp_path):
    found = recognised(["编号", "小区名称", "户数（2023年）", "x", "y", "面积"], "homes", has_places=False)
    assert found == {
        "id": "编号",
        "lon": "x",
        "lat": "y",
        "name": "小区名称",
        "households": "户数（2023年）",
        "floor_m2": "面积",
    }
    assert "lon" not in recognised(["x", "y"], "homes", has_places=True)
    assert recognised(["区划代码", "名称"], "districts", has_places=True) == {"id": "区划代码", "name": "名称"}


@given(
    some.sets(some.sampled_from(["id", "name", "名称", "x", "y", "编号", "类型", "面积", "人口", "户数", "层数", "z"]))
)
def test_no_column_is_two_fields(columns):
    for role in FIELDS:
        found = recognised(sorted(columns), role, has_places=False)
        assert len(set(found.values())) == len(found)
        assert set(found.values()) <= columns


def test_extracts_end_as_the_readers_know_them():
    assert {name for name in OSM_FORMATS if not name.endswith(EXTRACTS)} == set()


def test_a_look_at_a_file_shows_its_rows_and_what_there_is_to_choose(tmp_path):
    w.write_town(tmp_path)
    seen = peek(tmp_path / "homes.csv")
    assert seen.columns == ("id", "lon", "lat", "居民数")
    assert (seen.rows, len(seen.first_rows), seen.has_places, seen.layers) == (6, 5, False, ())
    assert seen.first_rows[0][3] == "1"
    areas = peek(tmp_path / "districts.geojson")
    assert areas.has_places
    assert areas.crs == "EPSG:4326"
    assert "geometry" not in areas.columns
    missing = peek(tmp_path / "none.csv")
    assert [fault.kind for fault in missing.faults] == ["missing_file"]
    assert missing.columns == ()


def test_a_suspected_datum_is_told_by_file():
    details = {"datum": "bd09", "name": "BD-09"}
    findings = [Fault("looks_like_datum", file="a.csv", details=details), Fault("missing_file", file="b.csv")]
    assert suspected_datums(findings) == {"a.csv": "bd09"}


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_compressed_extract_that_would_fill_the_memory_is_refused(tmp_path, suffix, pack):
    bomb, calm, broken = (tmp_path / f"{name}.osm{suffix}" for name in ("bomb", "calm", "broken"))
    bomb.write_bytes(pack(bytes(110 * 2**20)))
    calm.write_bytes(pack(b"<osm/>" * 1000))
    broken.write_bytes(pack(b"<osm/>" * 1000)[:-9])
    check_compressed(calm)
    check_compressed(tmp_path / "plain.osm")
    for path, kind in ((bomb, "archive_too_large"), (broken, "unreadable_file")):
        with pytest.raises(InputError) as caught:
            check_compressed(path)
        assert [fault.kind for fault in caught.value.faults] == [kind]
