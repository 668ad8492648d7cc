from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.model.standard import ServiceType, Words
from livingcircle.sources.facilities import facilities_from_layer, facilities_from_osm_tags, join_facilities
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.standards import read_services

CRS = "EPSG:32650"
EAST, NORTH = 500_000, 3_540_000
PHARMACY = ServiceType("pharmacy", Words("药店", "Pharmacy"), ({"amenity": "pharmacy"}, {"healthcare": "pharmacy"}))
CLINIC = ServiceType("clinic", Words("诊所", "Clinic"), ({"amenity": "clinic"},))
SENIORS = ServiceType(
    "elderly_day_care",
    Words("老年人日间照料中心", "Elderly day care"),
    ({"amenity": "social_facility", "for": "senior"},),
)
COMMITTEE = ServiceType("committee", Words("居委会", "Residents' committee"), ())
SERVICES = (PHARMACY, CLINIC, SENIORS, COMMITTEE)


def degrees(*places: tuple[float, float]) -> list[tuple[float, float]]:
    """Places in metres from a corner of the town, as longitude and latitude."""
    points = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in places], crs=CRS).to_crs("EPSG:4326")
    return [(point.x, point.y) for point in points]


def node(x: float, y: float, service: str = "pharmacy", **tags: str):
    return degrees((x, y))[0], {"amenity": service, **tags}


def area(x: float, y: float, side: float, service: str = "pharmacy", **tags: str):
    ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return degrees(*ring), {"amenity": service, **tags}


def read(write_osm, **objects):
    return facilities_from_osm_tags(write_osm(**objects), SERVICES, CRS)


def faults_of(source, columns, service=None):
    with pytest.raises(InputError) as raised:
        facilities_from_layer(source, columns, service, SERVICES, CRS)
    assert raised.value.report("zh") != raised.value.report("en")
    return raised.value.faults


# ── OpenStreetMap tags ──────────────────────────────────────────────────────


def test_columns_follow_the_order_of_services(write_osm):
    reading = read(
        write_osm,
        points={
            1: node(0, 0, name="同仁堂"),
            2: node(500, 0, "clinic", healthcare="pharmacy"),
            3: node(900, 0, "social_facility", **{"for": "senior"}),
            4: node(1200, 0, "social_facility"),
        },
    )
    facilities = reading.value
    assert facilities.ids.tolist() == ["node/1", "node/2", "node/3"]
    assert facilities.names.tolist() == ["同仁堂", "", ""]
    assert facilities.serves.tolist() == [
        [True, False, False, False],
        [True, True, False, False],
        [False, False, True, False],
    ]
    assert facilities.xy[1] == pytest.approx([EAST + 500, NORTH], abs=0.02)
    assert reading.warnings == ()


def test_nothing_found_is_an_empty_record(write_osm):
    facilities = read(write_osm, points={1: node(0, 0, "bench")}).value
    assert (len(facilities), facilities.serves.shape, facilities.xy.shape) == (0, (0, 4), (0, 2))


def merged(reading) -> int:
    return sum(int(warning.details["count"]) for warning in reading.warnings if warning.kind == "merged_duplicates")


@pytest.mark.parametrize(
    ("objects", "kept"),
    [
        # The same name at 49 m is one facility, at 51 m two; capitals do not tell them apart.
        ({"points": {1: node(0, 0, name="Abc"), 2: node(49, 0, name="ABC")}}, ["node/1"]),
        ({"points": {1: node(0, 0, name="A"), 2: node(51, 0, name="A")}}, ["node/1", "node/2"]),
        # Different names, or no names at all, are different facilities.
        ({"points": {1: node(0, 0, name="A"), 2: node(5, 0, name="B")}}, ["node/1", "node/2"]),
        ({"points": {1: node(0, 0), 2: node(5, 0)}}, ["node/1", "node/2"]),
        # Different services are, too.
        ({"points": {1: node(0, 0, name="A"), 2: node(5, 0, "clinic", name="A")}}, ["node/1", "node/2"]),
        # A point inside its own area; the area stays.
        ({"points": {1: node(5, 5)}, "areas": {9: area(0, 0, 10, name="A")}}, ["way/9"]),
        ({"points": {1: node(5, 5, name="A")}, "areas": {9: area(0, 0, 10)}}, ["way/9"]),
        ({"points": {1: node(5, 5, name="B")}, "areas": {9: area(0, 0, 10, name="A")}}, ["node/1", "way/9"]),
        ({"points": {1: node(15, 5)}, "areas": {9: area(0, 0, 10, name="A")}}, ["node/1", "way/9"]),
        # Two named points in one unnamed area: which of them it is, nobody knows.
        (
            {"points": {1: node(5, 5, name="A"), 2: node(6, 5, name="B")}, "areas": {9: area(0, 0, 10)}},
            ["node/1", "node/2", "way/9"],
        ),
        # A row of kiosks 40 m apart is not one kiosk.
        (
            {"points": {number: node(40 * number, 0, name="A") for number in range(1, 6)}},
            ["node/1", "node/3", "node/5"],
        ),
        # Two parts of one school: the larger stays.
        ({"areas": {8: area(0, 0, 10, name="A"), 9: area(30, 0, 20, name="A")}}, ["way/9"]),
    ],
)
def test_what_is_mapped_twice_is_one_facility(write_osm, objects, kept):
    reading = read(write_osm, **objects)
    assert reading.value.ids.tolist() == kept
    assert merged(reading) == sum(len(part) for part in objects.values()) - len(kept)


def test_the_facility_that_stays_takes_over_name_and_services(write_osm):
    reading = read(
        write_osm,
        points={1: node(5, 5, name="社区药房", healthcare="pharmacy")},
        areas={9: ([*area(0, 0, 10)[0]], {"amenity": "clinic", "healthcare": "pharmacy"})},
    )
    assert reading.value.ids.tolist() == ["way/9"]
    assert reading.value.names.tolist() == ["社区药房"]
    assert reading.value.serves.tolist() == [[True, True, False, False]]


def test_the_order_of_services_changes_columns_only(write_osm):
    path = write_osm(
        points={number: node(35 * number, 0, ("pharmacy", "clinic")[number % 2], name="A") for number in range(1, 9)}
    )
    forward = facilities_from_osm_tags(path, SERVICES, CRS).value
    backward = facilities_from_osm_tags(path, SERVICES[::-1], CRS).value
    assert forward.ids.tolist() == backward.ids.tolist()
    assert forward.serves.tolist() == backward.serves[:, ::-1].tolist()


def test_helsinki(helsinki_pbf):
    reading = facilities_from_osm_tags(helsinki_pbf, SERVICES, "EPSG:32635")
    assert len(reading.value) > 5
    assert reading.value.serves.any(axis=1).all()
    assert len(set(reading.value.ids)) == len(reading.value)


# ── Layers ──────────────────────────────────────────────────────────────────


def table(tmp_path, *rows: str, header: str = "id,name,lon,lat,类型") -> LayerSource:
    path = tmp_path / "facilities.csv"
    path.write_text("\n".join((header, *rows)), encoding="gb18030")
    return LayerSource(path)


COLUMNS = {"id": "id", "name": "name", "service": "类型", "lon": "lon", "lat": "lat"}


def test_a_service_is_named_by_id_or_in_either_language(tmp_path):
    source = table(
        tmp_path, "1,甲,117,32,pharmacy", "2,乙,117,32,药店", "3,丙,117,32,Elderly DAY care", "4,丁,117,32,诊所； 药店;"
    )
    facilities = facilities_from_layer(source, COLUMNS, None, SERVICES, CRS).value
    assert facilities.names.tolist() == ["甲", "乙", "丙", "丁"]
    assert facilities.serves.nonzero()[0].tolist() == [0, 1, 2, 3, 3]
    assert facilities.serves.nonzero()[1].tolist() == [0, 0, 2, 0, 1]


def test_services_the_study_does_not_ask_for_are_left_out_with_a_note(tmp_path):
    source = table(tmp_path, "1,甲,117,32,药店；银行营业网点", "2,乙,117,32,银行营业网点", "3,丙,117,32,诊所")
    reading = facilities_from_layer(source, COLUMNS, None, SERVICES, CRS)
    assert reading.value.names.tolist() == ["甲", "丙"]
    assert reading.value.serves.shape == (2, len(SERVICES))
    (note,) = (fault for fault in reading.warnings if fault.kind == "other_services_left_out")
    assert note.details == {"count": 1}


def test_a_name_that_holds_a_separator_stands_beside_others(tmp_path):
    services = (*SERVICES, next(one for one in read_services() if one.id == "park_5"))
    source = table(tmp_path, "1,甲,117,32,药店；公园、游园", "2,乙,117,32,公园、游园", "3,丙,117,32,药店、诊所")
    serves = facilities_from_layer(source, COLUMNS, None, services, CRS).value.serves
    assert [row.nonzero()[0].tolist() for row in serves] == [[0, 4], [4], [0, 1]]


def test_one_service_for_all_rows(tmp_path):
    source = table(tmp_path, "1,甲,117,32,", "2,乙,117,32,")
    facilities = facilities_from_layer(source, {"id": "id"}, "clinic", SERVICES, CRS).value
    assert facilities.serves.tolist() == [[False, True, False, False]] * 2
    (fault,) = faults_of(source, {"id": "id"}, "clinics")
    assert (fault.kind, fault.row, fault.value) == ("unknown_service", None, "clinics")


def test_an_unknown_service_is_a_fault_in_every_row_with_its_nearest(tmp_path):
    source = table(
        tmp_path,
        "1,甲,117,32,药店",
        "2,乙,117,32,日间照料中心",
        "3,丙,117,32,pharmcy",
        "4,丁,117,32,日间照料中心; 药点",
        "5,戊,117,32,",
        "6,己,117,32,zzzzzz",
        "7,庚,117,32,zzzzzz",
    )
    faults = faults_of(source, COLUMNS)
    assert [(fault.kind, fault.row, fault.value) for fault in faults] == [
        ("unknown_service", 3, "日间照料中心"),
        ("unknown_service", 4, "pharmcy"),
        ("unknown_service", 5, "日间照料中心"),
        ("unknown_service", 5, "药点"),
        ("missing_value", 6, ""),
        ("unknown_service", 7, "zzzzzz"),
        ("unknown_service", 8, "zzzzzz"),
    ]
    assert faults[0].details["nearest"].startswith("elderly_day_care 老年人日间照料中心")
    assert faults[1].details["nearest"].startswith("pharmacy 药店")
    assert faults[3].details["nearest"].startswith("pharmacy 药店")
    assert faults[5].details["nearest"] == "—"
    assert (
        faults[5].details["known"]
        == "pharmacy 药店, clinic 诊所, elderly_day_care 老年人日间照料中心, committee 居委会"
    )


def test_coordinates_ids_and_services_are_one_report(tmp_path):
    source = table(tmp_path, "1,甲,32,117,药点", "1,乙,117,32,药店", "3,丙,东经117,32,药店")
    assert {(fault.kind, fault.row) for fault in faults_of(source, COLUMNS)} == {
        ("swapped_coordinates", 2),
        ("unknown_service", 2),
        ("duplicate_id", 3),
        ("bad_coordinate", 4),
    }


def test_a_missing_service_column_is_one_fault(tmp_path):
    (fault,) = faults_of(table(tmp_path, "1,甲,117,32,药店"), {**COLUMNS, "service": "服务"})
    assert (fault.kind, fault.column) == ("missing_column", "服务")


def test_areas_keep_their_shape(tmp_path):
    plot = shapely.box(EAST, NORTH, EAST + 40, NORTH + 20)
    gpd.GeoDataFrame(geometry=[plot], crs=CRS).to_file(tmp_path / "a.gpkg")
    facilities = facilities_from_layer(LayerSource(tmp_path / "a.gpkg"), {}, "clinic", SERVICES, CRS).value
    assert facilities.geometry[0].equals(plot)
    assert facilities.xy.tolist() == [[EAST + 20, NORTH + 10]]


def test_joined_sources_keep_their_ids_except_where_they_clash(tmp_path):
    first = facilities_from_layer(
        table(tmp_path, "1,甲,117,32,", "2,乙,117,32,"), {"id": "id"}, "clinic", SERVICES, CRS
    )
    second = facilities_from_layer(
        table(tmp_path, "2,丙,117,32,", "3,丁,117,32,"), {"id": "id"}, "pharmacy", SERVICES, CRS
    )
    joined = join_facilities([first.value, second.value])
    assert joined.ids.tolist() == ["1", "1:2", "2:2", "3"]
    assert joined.serves[:, :2].tolist() == [[False, True]] * 2 + [[True, False]] * 2
    assert joined.xy.shape == (4, 2)
    assert join_facilities([first.value]).ids.tolist() == ["1", "2"]
