from __future__ import annotations

import time

import pytest
import shapely

from conftest import ROOT
from livingcircle.errors import InputError
from livingcircle.sources.dwellings import is_home, levels_above_ground
from livingcircle.sources.osm import read_buildings, read_tagged, reprojected

STEP = 0.001


def square(x: float, y: float, side: float = 1.0):
    """Corners of a square, in thousandths of a degree from 118° E, 32° N."""
    return [
        (118 + STEP * (x + right * side), 32 + STEP * (y + up * side)) for right, up in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]


def in_steps2(geometry) -> float:
    return shapely.area(geometry) / STEP**2


@pytest.mark.parametrize("name", ["town.osm.pbf", "town.osm", "town.osm.gz"])
def test_buildings_are_closed_ways_and_multipolygons(write_osm, name):
    path = write_osm(
        name,
        areas={
            1: (square(0, 0), {"building": "yes"}),
            2: (square(0, 0, 4), {}),
            3: (square(1, 1, 2), {}),
            4: (square(9, 9), {"landuse": "residential"}),
        },
        lines={5: (square(20, 20), {"building": "yes"})},
        relations={7: ([(2, "outer"), (3, "inner")], {"building": "apartments", "name": "院"})},
    )
    read = read_buildings(path)
    assert read.ids.tolist() == ["way/1", "relation/7"]
    assert read.tags[1]["name"] == "院"
    assert [round(in_steps2(shape), 6) for shape in read.geometry] == [1, 16 - 4]
    assert [shape.geom_type for shape in read.geometry] == ["Polygon", "Polygon"]


def test_an_outline_tagged_like_its_relation_is_one_building(write_osm):
    path = write_osm(
        areas={
            2: (square(0, 0, 4), {"building": "yes", "building:levels": "6"}),
            3: (square(1, 1, 2), {}),
            4: (square(8, 8), {"building": "yes"}),
        },
        relations={9: ([(2, "outer"), (3, "inner")], {"building": "apartments"})},
    )
    read = read_buildings(path)
    assert read.ids.tolist() == ["way/4", "relation/9"]
    assert read.tags[1] == {"building": "apartments", "building:levels": "6"}
    assert in_steps2(read.geometry[1]) == pytest.approx(12)


def test_nodes_may_follow_the_ways_as_the_overpass_api_writes_them(tmp_path):
    (tmp_path / "town.osm").write_text(
        """<osm version="0.6">
        <relation id="8"><member type="way" ref="7" role="outer"/><tag k="type" v="multipolygon"/>
          <tag k="building" v="apartments"/></relation>
        <way id="1"><nd ref="30"/><nd ref="4"/><nd ref="50"/><nd ref="30"/><tag k="building" v="yes"/></way>
        <way id="7"><nd ref="30"/><nd ref="4"/><nd ref="6"/><nd ref="30"/></way>
        <node id="50" lat="32.1" lon="118.1"/><node id="4" lat="32.0" lon="118.1"/>
        <node id="30" lat="32.0" lon="118.0"/><node id="6" lat="31.9" lon="118.1"/></osm>"""
    )
    assert read_buildings(tmp_path / "town.osm").ids.tolist() == ["way/1", "relation/8"]


def test_ids_are_ordered_as_numbers_by_type(write_osm):
    tags = {"amenity": "school"}
    path = write_osm(
        points={30: ((118, 32), tags), 4: ((118, 32.1), tags)},
        areas={100: (square(0, 0), tags), 20: (square(2, 2), tags)},
    )
    assert read_tagged(path, [tags]).ids.tolist() == ["node/4", "node/30", "way/20", "way/100"]


def test_all_tags_of_one_set_must_match(write_osm):
    clinic, senior = {"amenity": "clinic"}, {"amenity": "social_facility", "social_facility:for": "senior"}
    path = write_osm(
        points={
            1: ((118, 32), clinic),
            2: ((118, 32), {"amenity": "social_facility"}),
            3: ((118, 32), {**senior, "name": "颐养中心"}),
            4: ((118, 32), {"amenity": "Clinic"}),
            5: ((118, 32), {"shop": "clinic"}),
            6: ((118, 32), {**clinic, "disused": "yes"}),
        },
        areas={7: (square(0, 0), senior)},
        lines={8: (square(5, 5), clinic)},
    )
    read = read_tagged(path, [clinic, senior])
    assert read.ids.tolist() == ["node/1", "node/3", "way/7"]
    assert read.tags[1]["name"] == "颐养中心"
    assert [shape.geom_type for shape in read.geometry] == ["Point", "Point", "Polygon"]
    assert len(read_tagged(path, [])) == 0


def test_what_a_clip_cut_through_is_left_out(write_osm):
    school = {"amenity": "school"}
    path = write_osm(
        areas={1: (square(0, 0), school), 2: (square(2, 2), school)},
        relations={3: ([(99, "outer")], school)},
        absent_nodes=[1_000_002],
    )
    assert read_tagged(path, [school]).ids.tolist() == ["way/2"]


def test_crossing_rings_are_left_out(write_osm):
    corners = square(0, 0)
    corners[2], corners[3] = corners[3], corners[2]
    path = write_osm(areas={1: (corners, {"building": "yes"}), 2: (square(2, 2), {"building": "yes"})})
    read = read_buildings(path)
    assert read.ids.tolist()[-1] == "way/2"
    assert shapely.is_valid(read.geometry).all()


@pytest.mark.parametrize("read", [read_buildings, lambda path: read_tagged(path, [{"amenity": "school"}])])
def test_files_that_cannot_be_read(tmp_path, write_osm, read):
    areas = {way: (square(way % 50, way // 50), {"building": "yes", "name": f"楼{way}"}) for way in range(1, 3000)}
    whole = write_osm("whole.osm.pbf", areas=areas).read_bytes()
    xml = write_osm("whole.osm", areas=areas).read_bytes()
    cases = {
        "cut.osm.pbf": (whole[: len(whole) // 2], "unreadable_file"),
        "cut.osm": (xml[: len(xml) // 2], "unreadable_file"),
        "empty.osm.pbf": (b"", "unreadable_file"),
        "page.osm": (b"<html><body>504 Gateway Time-out</body></html>", "unreadable_file"),
        "text.osm.pbf": (b"id,lon,lat\n1,2,3\n" * 50, "unreadable_file"),
        "town.txt": (b"", "unknown_format"),
        "none.osm.pbf": (None, "missing_file"),
    }
    for name, (content, kind) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError) as raised:
            read(path)
        assert [(fault.kind, fault.file) for fault in raised.value.faults] == [(kind, str(path))], name


def test_reprojected_puts_the_central_meridian_at_500_km(write_osm):
    path = write_osm(points={1: ((117, 0), {"amenity": "school"})})
    (point,) = reprojected(read_tagged(path, [{"amenity": "school"}]).geometry, "EPSG:32650")
    assert (point.x, point.y) == pytest.approx((500_000, 0), abs=1e-6)


# ── What the tags of a building say ─────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("3", 3),
        ("3.5", 3.5),
        ("3,5", 3.5),
        ("2;3", 3),
        ("5-6", 6),
        ("~4", 4),
        (" 12 层", 12),
        ("", None),
        ("0", None),
        ("-1", None),
        ("ground", None),
        ("1962", None),
    ],
)
def test_levels(text, levels):
    assert levels_above_ground({"building:levels": text}) == levels
    assert levels_above_ground({}) is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"building": "apartments"}, True),
        ({"building": "apartments", "shop": "bakery"}, True),
        ({"building": "office"}, False),
        ({"building": "yes"}, True),
        ({"building": "yes", "name": "3 幢"}, True),
        ({"building": "yes", "shop": "mall"}, False),
        ({"building": "yes", "shop": "no"}, True),
        ({"building": "yes", "amenity": "school"}, False),
        ({"building": "yes", "public_transport": "station"}, False),
        ({"building": "yes", "landuse": "industrial"}, False),
        ({"building": "yes", "landuse": "residential"}, True),
        ({"building": "yes", "building:use": "office"}, False),
        ({"building": "yes", "building:use": "office; residential", "office": "company"}, True),
        ({"building": "apartments", "abandoned": "yes"}, False),
        ({}, False),
    ],
)
def test_who_lives_where(tags, expected):
    assert is_home(tags, ("apartments", "yes")) is expected


def test_unknown_use_counts_only_where_it_is_listed():
    assert not is_home({"building": "yes"}, ("apartments",))


@pytest.mark.real_city
def test_a_city_is_read_in_seconds(shared_data):
    path = shared_data / "laspalmas" / "las_palmas_20230221.osm.pbf"
    start = time.process_time()
    buildings = read_buildings(path)
    assert len(buildings) == pytest.approx(22_600, rel=0.01)
    assert len(set(buildings.ids)) == len(buildings)
    schools = read_tagged(path, [{"amenity": "school"}])
    assert len(schools) == 163
    assert time.process_time() - start < 10


def test_places_kept_between_runs_are_the_same(tmp_path):
    path = ROOT / "data" / "helsinki" / "helsinki.osm.pbf"
    tags = [{"amenity": "pharmacy"}, {"leisure": "park"}]
    for read in (lambda folder: read_buildings(path, folder), lambda folder: read_tagged(path, tags, folder)):
        plain, first, again = read(None), read(tmp_path), read(tmp_path)
        for found in (first, again):
            assert found.ids.tolist() == plain.ids.tolist()
            assert found.tags.tolist() == plain.tags.tolist()
            assert shapely.equals_identical(found.geometry, plain.geometry).all()
    assert len(list(tmp_path.iterdir())) == 2


def test_kept_places_follow_the_file_and_the_question(tmp_path):
    path = ROOT / "data" / "helsinki" / "helsinki.osm.pbf"
    assert len(read_tagged(path, [{"amenity": "pharmacy"}], tmp_path)) != len(
        read_tagged(path, [{"amenity": "bank"}], tmp_path)
    )
    with pytest.raises(InputError, match="does not exist"):
        read_buildings(tmp_path / "none.osm.pbf", tmp_path)


def test_what_an_editor_has_deleted_is_no_place(tmp_path):
    path = tmp_path / "saved.osm"
    nodes = "".join(f"<node id='{n}' version='1' lat='32.0{n}' lon='118.7{n % 2}'/>" for n in range(1, 5))
    ring = "".join(f"<nd ref='{n}'/>" for n in (1, 2, 3, 1))
    house = "<tag k='building' v='yes'/>"
    path.write_text(
        f"<?xml version='1.0'?><osm version='0.6' upload='never'>{nodes}"
        "<node id='-8' lat='32.01' lon='118.7'><tag k='amenity' v='pharmacy'/></node>"
        "<node id='9' version='1' action='delete' lat='32.02' lon='118.7'><tag k='amenity' v='pharmacy'/></node>"
        f"<way id='20'>{ring}{house}</way><way id='21' version='1' action='delete'>{ring}{house}</way></osm>",
        encoding="utf-8",
    )
    assert len(read_tagged(path, [{"amenity": "pharmacy"}])) == 1
    assert len(read_buildings(path)) == 1
