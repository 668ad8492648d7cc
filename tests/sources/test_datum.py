from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.sources.datum import converted, offset_datum
from livingcircle.sources.gauss_krueger import system_named
from livingcircle.sources.layers import LayerSource, open_layer, raise_faults, read_layer
from livingcircle.sources.projection import crs_faults, ground_metres, study_crs

# coord-convert 0.2.1 and prcoords 1.0.2, which agree to the last digit; eviltransform 0.1.1 takes another ellipsoid and is 1 cm off.
PLACES = np.array(
    [[116.3913, 39.9075], [118.7780, 32.0439], [114.2472, 22.7204], [87.6168, 43.8256], [126.6424, 45.7567]]
)
GCJ02 = np.array(
    [
        [116.39754118159271, 39.90890127616531],
        [118.78320911930874, 32.04185196759779],
        [114.25203592647577, 22.717566289992032],
        [87.61964994946926, 43.82680539311119],
        [126.64836981630474, 45.75865110185797],
    ]
)
BD09 = np.array(
    [
        [116.40391394350723, 39.91524466370509],
        [118.78964968051079, 32.04807974872511],
        [114.25849896153765, 22.72384680430214],
        [87.62609977081571, 43.83294979479328],
        [126.65499932897167, 45.76434556386758],
    ]
)
PLACES_IN_CHINA = st.tuples(st.floats(73.4, 135.1), st.floats(3.4, 53.6))


@pytest.mark.parametrize(("datum", "published"), [("gcj02", GCJ02), ("bd09", BD09)])
def test_published_pairs(datum, published):
    np.testing.assert_allclose(np.column_stack(converted(*PLACES.T, "wgs84", datum)), published, atol=1e-12)
    np.testing.assert_allclose(np.column_stack(converted(*published.T, datum)), PLACES, atol=2e-10)


def test_baidu_metres_as_baidus_own_map_has_them():
    lon, lat = converted(np.array([12958160.97, 12664762.69]), np.array([4825907.72, 2619536.0]), "bd09mc", "bd09")
    np.testing.assert_allclose(lon, [116.403874, 113.768261], atol=1e-6)
    np.testing.assert_allclose(lat, [39.914889, 23.036282], atol=1e-6)
    lon, lat = converted(np.array([-12958160.97]), np.array([-4825907.72]), "bd09mc", "bd09")
    assert (round(lon[0], 6), round(lat[0], 6)) == (-116.403874, -39.914889)


@given(st.lists(PLACES_IN_CHINA, min_size=1, max_size=50))
def test_there_and_back_again_all_over_china(places):
    lon, lat = np.array(places).T
    for datum in ("gcj02", "bd09"):
        offset = converted(lon, lat, "wgs84", datum)
        moved = ground_metres(lon, lat, *offset)
        assert ((moved > 20) & (moved < 2000)).all()
        assert ground_metres(lon, lat, *converted(*offset, datum)).max() < 1e-4


def test_the_way_over_a_fine_grid_and_along_the_meridian_where_the_formula_has_a_kink():
    lon, lat = np.meshgrid(
        np.append(np.linspace(73.5, 135.0, 700), 105 + np.array([-1e-9, 0, 1e-12])), np.linspace(3.5, 53.5, 500)
    )
    lon, lat = lon.ravel(), lat.ravel()
    for datum in ("gcj02", "bd09"):
        back_lon, back_lat = converted(*converted(lon, lat, "wgs84", datum), datum)
        assert max(np.abs(back_lon - lon).max(), np.abs(back_lat - lat).max()) < 1e-9


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_outside_the_rectangle_nothing_moves(lon, lat):
    for datum in ("gcj02", "bd09"):
        if not (71.9 < lon < 137.9 and 0.8 < lat < 55.9):
            assert converted(np.array([lon]), np.array([lat]), "wgs84", datum) == (lon, lat)
            assert converted(np.array([lon]), np.array([lat]), datum) == (lon, lat)


def test_one_system_needs_no_conversion_and_arguments_stay_as_they_are():
    lon, lat = PLACES.T.copy()
    for source, target in (("wgs84", "cgcs2000"), ("cgcs2000", "wgs84"), ("bd09", "bd09")):
        assert [axis.tolist() for axis in converted(lon, lat, source, target)] == [lon.tolist(), lat.tolist()]
    converted(lon, lat, "bd09")
    assert np.array_equal(np.column_stack([lon, lat]), PLACES)
    assert np.isnan(converted(np.array([np.nan, np.inf]), np.array([32.0, 32.0]), "bd09")[0]).all()
    assert converted(np.empty(0), np.empty(0), "bd09")[0].shape == (0,)
    with pytest.raises(ValueError, match="Baidu"):
        converted(lon, lat, "wgs84", "bd09mc")


def test_without_numba_the_same_to_the_last_bit():
    code = (
        "import sys, numpy as np; {} from livingcircle.sources.datum import converted\n"
        "r = np.random.default_rng(3); lon, lat = r.uniform(60, 150, 5000), r.uniform(-5, 60, 5000)\n"
        "for way in (('wgs84', 'bd09'), ('bd09', 'wgs84')): print(np.column_stack(converted(lon, lat, *way)).tobytes().hex())\n"
        "print(np.column_stack(converted(lon * 111e3, lat * 110e3, 'bd09mc')).tobytes().hex())"
    )
    answers = [
        subprocess.run([sys.executable, "-c", code.format(hide)], capture_output=True, text=True, check=True).stdout
        for hide in ("", "sys.modules['numba'] = None;")
    ]
    assert answers[0]
    assert answers[0] == answers[1]


# ── Layers ──────────────────────────────────────────────────────────────────


def table(path, rows, header="lon,lat"):
    path.write_text("\n".join([header, *(",".join(f"{cell:.9f}" for cell in row) for row in rows)]), encoding="utf-8")
    return path


def faults_of(source, needed="any"):
    with pytest.raises(InputError) as raised:
        raise_faults(open_layer(source, needed=needed))
    return raised.value.faults


def kinds(reading):
    return [said.kind for said in reading.warnings]


@pytest.mark.parametrize(("datum", "numbers"), [("gcj02", GCJ02), ("bd09", BD09)])
def test_a_declared_datum_is_converted_when_read(tmp_path, datum, numbers):
    reading = read_layer(LayerSource(table(tmp_path / "a.csv", numbers), datum=datum), needed="points")
    np.testing.assert_allclose(shapely.get_coordinates(reading.value.geometry), PLACES, atol=2e-9)
    assert reading.value.crs == "EPSG:4326"
    assert "datum_converted" in kinds(reading)


def test_every_corner_of_polygons_is_converted(tmp_path):
    square = shapely.box(118.70, 32.00, 118.72, 32.02)
    corners = shapely.get_coordinates(square)
    offset = shapely.set_coordinates(shapely.box(0, 0, 1, 1), np.column_stack(converted(*corners.T, "wgs84", "bd09")))
    for name in (
        "a.gpkg",
        "a.shp",
        "a.geojson",
    ):  # programs write WGS-84 beside offset degrees, for want of another name
        gpd.GeoDataFrame(geometry=[offset], crs="EPSG:4326").to_file(tmp_path / name)
        read = read_layer(LayerSource(tmp_path / name, datum="bd09"), needed="areas").value
        assert shapely.hausdorff_distance(read.geometry.iloc[0], square) < 1e-6


def test_offset_degrees_in_web_mercator(tmp_path):
    frame = gpd.GeoDataFrame(geometry=shapely.points(GCJ02), crs="EPSG:4326").to_crs("EPSG:3857")
    frame.to_file(tmp_path / "a.gpkg")
    read = read_layer(LayerSource(tmp_path / "a.gpkg", datum="gcj02"), needed="points").value
    np.testing.assert_allclose(shapely.get_coordinates(read.geometry), PLACES, atol=1e-9)


def test_baidu_metres_in_a_table(tmp_path):
    path = table(tmp_path / "a.csv", [[12958160.97, 4825907.72]], header="x,y")
    read = read_layer(LayerSource(path, datum="bd09mc"), needed="points", lon="x", lat="y").value
    wgs84 = np.column_stack(converted(np.array([116.403874]), np.array([39.914889]), "bd09"))
    np.testing.assert_allclose(shapely.get_coordinates(read.geometry), wgs84, atol=1e-6)


@pytest.mark.parametrize(
    ("crs", "datum"), [("EPSG:4528", "gcj02"), ("EPSG:32650", "bd09"), ("EPSG:4326", "bd09mc"), ("EPSG:3857", "bd09mc")]
)
def test_statements_that_contradict_each_other(tmp_path, crs, datum):
    gpd.GeoDataFrame(geometry=shapely.points(PLACES[:1]), crs="EPSG:4326").to_crs(crs).to_file(tmp_path / "a.shp")
    (fault,) = faults_of(LayerSource(tmp_path / "a.shp", datum=datum))
    assert (fault.kind, fault.value, fault.details["own"]) == ("datum_conflict", datum, crs)


def test_a_datum_says_what_a_shapefile_without_prj_does_not(tmp_path):
    gpd.GeoDataFrame(geometry=shapely.points(PLACES[:1]), crs="EPSG:4326").to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    assert read_layer(LayerSource(tmp_path / "a.shp", datum="cgcs2000"), needed="points").value.crs == "EPSG:4490"
    assert read_layer(LayerSource(tmp_path / "a.shp", datum="wgs84"), needed="points").value.crs == "EPSG:4326"


@pytest.mark.parametrize(
    "crs", ["EPSG:2433", "EPSG:4610", "EPSG:2349", "北京1954", "Xian 1980 / 3-degree Gauss-Kruger zone 38"]
)
def test_old_datums_are_refused(tmp_path, crs):
    path = table(tmp_path / "a.csv", [[500_000, 3_540_000]])
    assert [fault.kind for fault in faults_of(LayerSource(path, crs=crs))] == ["obsolete_datum"]


def test_old_datums_with_their_parameters_are_read(tmp_path):
    path = table(tmp_path / "a.csv", [[500_000, 3_540_000]])
    crs = (
        "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +ellps=krass +towgs84=10,-150,-90,0,0,0,0 +units=m +type=crs"
    )
    layer = open_layer(LayerSource(path, crs=crs), needed="points")
    assert layer.faults == ()
    moved = shapely.get_coordinates(layer.projected("EPSG:4549"))[0] - (500_000, 3_540_000)
    assert 50 < np.hypot(*moved) < 300


# ── Zones ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CGCS2000 3-degree zone 40", 4528),
        ("CGCS2000 / 3°带 40", 4528),
        ("国家2000 三度带 40带", 4528),
        ("CGCS2000 3度带 中央经线120°", 4549),
        ("CGCS2000_3_Degree_GK_CM_120E", 4549),
        ("CGCS2000 6度带 第20带", 4498),
        ("2000国家大地坐标系", 4490),
        ("CGCS2000 6-degree zone 40", None),
        ("CGCS2000 3度带 中央经线119°", None),
        ("EPSG:4528", None),
        ("WGS 84", None),
    ],
)
def test_systems_as_offices_name_them(name, code):
    assert system_named(name) == (code and f"EPSG:{code}")
    if code not in {None, 4490}:
        assert crs_faults(name) == []
        assert study_crs(name, np.array([118.0]), np.array([32.0])) == f"EPSG:{code}"


@pytest.mark.parametrize("name", ["GCJ-02", "EPSG:2433", "CGCS2000"])
def test_what_a_study_cannot_be_measured_in(name):
    assert [fault.kind for fault in crs_faults(name)] in (["geographic_crs"], ["obsolete_datum"])


SURVEYED = np.array([[40_512_345.0, 3_542_345.0], [40_498_765.0, 3_551_000.0]])


@pytest.mark.parametrize("rows", [SURVEYED, SURVEYED[:, ::-1]])
def test_eastings_with_their_zone_need_no_crs_in_either_order(tmp_path, rows):
    reading = read_layer(LayerSource(table(tmp_path / "a.csv", rows, header="X,Y")), needed="points", lon="X", lat="Y")
    assert reading.value.crs == "EPSG:4528"
    assert shapely.get_coordinates(reading.value.geometry).tolist() == SURVEYED.tolist()
    (note,) = [said for said in reading.warnings if said.kind == "zone_inferred"]
    assert (note.details["zone"], note.details["code"]) == (40, "EPSG:4528")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([13_222_345.0, 3_772_345.0], "bd09mc"),  # zone 13, or Web Mercator at Nanjing
        ([12_958_160.0, 4_825_907.0], "EPSG:3857"),
        ([512_345.0, 3_542_345.0], "EPSG:4554"),
        ([3_542_345.0, 512_345.0], "EPSG:4554"),
    ],
)
def test_metres_that_could_be_anything_are_one_fault_with_the_remedies(tmp_path, row, said):
    (fault,) = faults_of(LayerSource(table(tmp_path / "a.csv", [row] * 3)))
    assert (fault.kind, fault.row) == ("metres_as_degrees", None)
    assert said in fault.remedy("zh")
    assert said in fault.remedy("en")


def test_a_shapefile_without_prj_whose_eastings_tell_the_zone(tmp_path):
    gpd.GeoDataFrame(geometry=shapely.points(SURVEYED), crs="EPSG:4528").to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    assert read_layer(LayerSource(tmp_path / "a.shp"), needed="points").value.crs == "EPSG:4528"


@pytest.mark.parametrize(
    ("crs", "easting", "right"),
    [("EPSG:4549", 40_512_345, "EPSG:4528"), ("EPSG:4528", 512_345, "EPSG:4549"), ("EPSG:4498", 512_345, "EPSG:4509")],
)
def test_a_zone_number_where_the_system_has_none_and_the_reverse(tmp_path, crs, easting, right):
    (fault,) = faults_of(LayerSource(table(tmp_path / "a.csv", [[easting, 3_542_345.0]] * 2), crs=crs))
    assert (fault.kind, fault.details["code"]) == ("zone_mismatch", right)


# ── Rows that cannot be meant ───────────────────────────────────────────────

GOOD = [[118.75, 32.06]] * 20


def found(path, **source):
    return [(fault.kind, fault.row) for fault in faults_of(LayerSource(path, **source))]


def test_single_rows_are_named(tmp_path):
    rows = [*GOOD, [32.06, 118.75], [0, 0], [40_512_345, 3_542_345], [118.75, 95]]
    assert found(table(tmp_path / "a.csv", rows)) == [
        ("zero_coordinate", 23),
        ("metres_as_degrees", 24),
        ("swapped_coordinates", 22),
        ("coordinate_range", 25),
    ]


def test_a_row_at_zero_is_one_fault_though_the_study_has_no_place_for_it(tmp_path):
    layer = open_layer(LayerSource(table(tmp_path / "a.csv", [*GOOD, [0, 0]])), needed="points")
    with pytest.raises(InputError) as raised:
        layer.projected("EPSG:4542")  # of 100.5°–103.5° east: there is no place in it for 0°
    assert [fault.kind for fault in raised.value.faults] == ["zero_coordinate"]


def test_a_whole_layer_is_one_fault(tmp_path):
    swapped = [[32.06, 118.75]] * 50
    assert found(table(tmp_path / "a.csv", swapped)) == [("swapped_coordinates", None)]
    assert found(table(tmp_path / "a.csv", [[0, 0]] * 50)) == [("zero_coordinate", None)]
    assert found(table(tmp_path / "a.csv", GOOD), crs="EPSG:4549") == [("degrees_as_metres", None)]
    metres = [*[[512_345.0, 3_542_345.0]] * 20, [118.75, 32.06], [0, 0]]
    assert found(table(tmp_path / "a.csv", metres), crs="EPSG:4549") == [
        ("zero_coordinate", 23),
        ("degrees_as_metres", 22),
    ]


def test_swapped_where_both_are_degrees_that_exist(tmp_path):
    """In Helsinki (25° E, 60° N) and Las Palmas (15° W, 28° N) swapped coordinates lie somewhere else on Earth."""
    for place, crs in (([24.94, 60.17], "EPSG:32635"), ([-15.43, 28.12], "EPSG:32628")):
        rows = [*[place] * 20, place[::-1]]
        layer = open_layer(LayerSource(table(tmp_path / "a.csv", rows)), needed="points")
        with pytest.raises(InputError) as raised:
            layer.projected(crs)
        assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("swapped_coordinates", 22)]
        layer = open_layer(LayerSource(table(tmp_path / "a.csv", [place[::-1]] * 5)), needed="points")
        with pytest.raises(InputError) as raised:
            layer.projected(crs)
        assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("swapped_coordinates", None)]


def test_northing_and_easting_swapped_under_a_stated_system(tmp_path):
    layer = open_layer(
        LayerSource(table(tmp_path / "a.csv", [[3_542_345.0, 512_345.0]] * 5), crs="EPSG:4549"), needed="points"
    )
    with pytest.raises(InputError) as raised:
        layer.projected("EPSG:32650")
    assert [(fault.kind, fault.row) for fault in raised.value.faults] == [("swapped_coordinates", None)]


@pytest.mark.parametrize(
    ("name", "datum"),
    [("高德坐标系", "gcj02"), ("BD-09", "bd09"), ("bd09ll", "bd09"), ("EPSG:4326", None), ("百度墨卡托", "bd09mc")],
)
def test_names_of_datums(name, datum):
    assert offset_datum(name) == datum
