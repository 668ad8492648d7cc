"""POIs of Amap and Baidu as their services answer and as people save them. All of them are invented."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.sources.datum import converted
from livingcircle.sources.facilities import classified_from_layer
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.map_pois import read_pois
from livingcircle.sources.standards import read_services

CRS = "EPSG:32650"
COLUMNS = dict.fromkeys(["id", "lon", "lat", "name", "typecode", "type_text", "address", "hours", "service", "status"])


def amap_poi(number, name="晨光幼儿园", kind="科教文化服务;学校;幼儿园", code="141204", **more):
    return {
        "id": f"B00{number:04}",
        "parent": [],
        "name": name,
        "type": kind,
        "typecode": code,
        "address": [],
        "location": f"{118.79 + number / 1e4:.6f},32.04",
        "pname": "江苏省",
        "cityname": "南京市",
        "adname": "鼓楼区",
        "adcode": "320106",
        "biz_ext": {"rating": [], "cost": []},
    } | more


def amap(*pois, count=None, **more):
    """Return one page as the Web service gives it."""
    return {
        "status": "1",
        "count": str(count or len(pois)),
        "info": "OK",
        "infocode": "10000",
        "pois": list(pois),
        **more,
    }


def baidu(*pois, **more):
    return {"status": 0, "message": "ok", "result_type": "poi_type", "results": list(pois), **more}


def baidu_poi(number, name="晨光幼儿园", **more):
    return {
        "name": name,
        "location": {"lat": 32.04, "lng": 118.79 + number / 1e4},
        "address": "虚构路1号",
        "province": "江苏省",
        "city": "南京市",
        "area": "鼓楼区",
        "adcode": 320106,
        "uid": f"uid{number}",
        "detail_info": {"tag": "教育培训;幼儿园", "classified_poi_tag": "教育培训;幼儿园", "shop_hours": "07:30-17:30"},
    } | more


def written(path, value, encoding="utf-8"):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    return path


def faults_of(path, provider="amap"):
    with pytest.raises(InputError) as caught:
        read_pois(path, provider)
    return caught.value.faults


PAGES = [amap(amap_poi(1), amap_poi(2)), amap(amap_poi(3))]


# ── Ways to save what was answered ──────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(PAGES, ensure_ascii=False),
        "\n".join(json.dumps(page) for page in PAGES) + "\n\n",
        "".join(json.dumps(page, indent=1) for page in PAGES),
        json.dumps([amap_poi(1), amap_poi(2), amap_poi(3)]),
        "\n".join(json.dumps(amap_poi(number)) for number in (1, 2, 3)),
        "\ufeff" + json.dumps({"code": 200, "data": PAGES}),
    ],
    ids=["a list of pages", "a page in each line", "pages glued together", "POIs alone", "a POI in each line", "wrapped"],
)  # fmt: skip
def test_pages_are_put_together(tmp_path, content):
    pois, notes = read_pois(written(tmp_path / "pois.json", content), "amap")
    assert pois["id"].tolist() == ["B000001", "B000002", "B000003"]
    assert pois["lon"].tolist() == pytest.approx([118.7901, 118.7902, 118.7903])
    assert pois["lat"].tolist() == [32.04] * 3
    assert pois["type_text"].tolist() == ["科教文化服务;学校;幼儿园"] * 3
    assert set(pois["address"]) == {""}  # an empty array is no address
    assert set(pois["adcode"]) == {"320106"}
    assert notes == []


def test_a_folder_of_pages_in_the_order_of_their_names(tmp_path):
    written(tmp_path / "page_2.json", PAGES[1])
    written(tmp_path / "page_1.json", PAGES[0], "gb18030")
    written(tmp_path / "说明.pdf", "%PDF")
    pois, _ = read_pois(tmp_path, "amap")
    assert pois["id"].tolist() == ["B000001", "B000002", "B000003"]
    assert set(pois["name"]) == {"晨光幼儿园"}


def test_the_newer_service_of_amap(tmp_path):
    page = amap(amap_poi(1, business={"opentime_week": "周一至周日 08:00-20:00", "business_area": []}))
    pois, _ = read_pois(written(tmp_path / "v5.json", page), "amap")
    assert pois["hours"].tolist() == ["周一至周日 08:00-20:00"]


def test_baidu_gives_places_as_objects(tmp_path):
    pois, _ = read_pois(written(tmp_path / "pois.json", baidu(baidu_poi(1), baidu_poi(2))), "baidu")
    assert pois["lon"].tolist() == pytest.approx([118.7901, 118.7902])
    assert pois["lat"].tolist() == [32.04] * 2
    assert pois["id"].tolist() == ["uid1", "uid2"]
    assert pois["type_text"].tolist() == ["教育培训;幼儿园"] * 2
    assert pois["hours"].tolist() == ["07:30-17:30"] * 2
    assert pois["adcode"].tolist() == ["320106"] * 2


def test_one_place_asked_for_by_its_uid(tmp_path):
    answer = {"status": 0, "message": "ok", "result": baidu_poi(7)}
    pois, _ = read_pois(written(tmp_path / "detail.json", answer), "baidu")
    assert pois["id"].tolist() == ["uid7"]


# ── Tables ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "table",
    [
        'name,type,typecode,address,location,adcode\n晨光幼儿园,科教文化服务;学校;幼儿园,141204,虚构路1号,"118.79,32.04",320106\n',
        "名称,大类,中类,小类,经度,纬度\n晨光幼儿园,科教文化服务,学校,幼儿园,118.79,32.04\n",
        "uid,name,poitype,lng,lat\nB1,晨光幼儿园,科教文化服务;学校;幼儿园,118.79,32.04\n",
    ],
)
def test_the_usual_tables(tmp_path, table):
    path = written(tmp_path / "pois.csv", table, "gb18030")
    facilities = read_facilities(path, "amap").value
    assert facilities.names.tolist() == ["晨光幼儿园"]
    assert served(facilities) == ["kindergarten"]


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        ("amap", "118.79,32.04"), ("baidu", "32.04,118.79"), ("baidu", "{'lng': 118.79, 'lat': 32.04}"),
        ("amap", '{"lat": 32.04, "lng": 118.79}'),
    ],
)  # fmt: skip
def test_two_numbers_in_one_cell(tmp_path, provider, place):
    quoted = place.replace('"', '""')
    pois, _ = read_pois(written(tmp_path / "pois.csv", f'name,location\n甲,"{quoted}"\n乙,\n'), provider)
    assert pois["lon"].tolist() == pytest.approx([118.79, np.nan], nan_ok=True)
    assert pois["lat"].tolist() == pytest.approx([32.04, np.nan], nan_ok=True)


def test_a_row_without_a_place_is_a_fault_at_its_row(tmp_path):
    path = written(tmp_path / "pois.csv", 'name,type,location\n甲幼儿园,幼儿园,"118.79,32.04"\n乙幼儿园,幼儿园,\n')
    with pytest.raises(InputError) as caught:
        read_facilities(path, "amap")
    assert {(fault.kind, fault.row) for fault in caught.value.faults} == {("empty_geometry", 3)}


def test_coordinates_converted_before_are_not_converted_again(tmp_path):
    path = written(tmp_path / "pois.csv", "name,type,wgs84_lng,wgs84_lat\n甲,幼儿园,118.79,32.04\n")
    (fault,) = faults_of(path)
    assert fault.kind == "pois_converted_before"
    assert "datum: wgs84" in fault.remedy("zh")


# ── What must be said ───────────────────────────────────────────────────────


def test_pois_on_several_pages_count_once(tmp_path):
    pois, (note,) = read_pois(
        written(tmp_path / "pois.json", [amap(amap_poi(1), amap_poi(2)), amap(amap_poi(2))]), "amap"
    )
    assert pois["id"].tolist() == ["B000001", "B000002"]
    assert (note.kind, note.severity, note.details["count"]) == ("pois_repeated", "note", 1)


def test_pages_that_are_missing(tmp_path):
    pages = [amap(amap_poi(1), amap_poi(2), count=899), amap(amap_poi(3), count=899)]
    _, (warning,) = read_pois(written(tmp_path / "pois.json", pages), "amap")
    assert (warning.kind, warning.details["total"], warning.details["read"]) == ("pois_missing", 899, 3)


def test_pois_of_another_city(tmp_path):
    pages = amap(amap_poi(1), amap_poi(2, adcode="320102"), amap_poi(3, adcode="310101"), amap_poi(4, adcode=[]))
    _, (note,) = read_pois(written(tmp_path / "pois.json", pages), "amap")
    assert (note.kind, note.severity) == ("pois_of_cities", "note")
    assert (note.details["count"], note.details["cities"]) == (2, "320100: 2, 310100: 1")


def test_cities_suggested_are_no_pois(tmp_path):
    answer = baidu(baidu_poi(1), {"name": "北京市", "num": 900})
    pois, (warning,) = read_pois(written(tmp_path / "pois.json", answer), "baidu")
    assert len(pois) == 1
    assert (warning.kind, warning.details["count"]) == ("pois_without_place", 1)


@pytest.mark.parametrize(
    ("provider", "answer", "reason"),
    [
        ("amap", {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}, "INVALID_USER_KEY 10001 status 0"),
        ("amap", {"status": "0", "info": "DAILY_QUERY_OVER_LIMIT", "pois": []}, "DAILY_QUERY_OVER_LIMIT status 0"),
        ("baidu", {"status": 240, "message": "APP 服务被禁用"}, "APP 服务被禁用 status 240"),
        ("baidu", {"status": 302, "message": "天配额超限", "results": []}, "天配额超限 status 302"),
    ],
)
def test_an_error_saved_as_an_answer(tmp_path, provider, answer, reason):
    good = amap(amap_poi(1)) if provider == "amap" else baidu(baidu_poi(1))
    (fault,) = faults_of(written(tmp_path / "pois.json", [good, answer, answer]), provider)
    assert (fault.kind, fault.details["reason"]) == ("provider_error", reason)
    assert fault.file.endswith("pois.json")


def test_every_bad_file_of_a_folder_is_named(tmp_path):
    written(tmp_path / "1.json", PAGES[0])
    written(tmp_path / "2.json", json.dumps(PAGES[1])[:-20])
    written(tmp_path / "3.json", {"status": "0", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT"})
    written(tmp_path / "4.json", {"type": "FeatureCollection", "features": []})
    written(tmp_path / "5.json", [1, 2, 3])
    found = [(fault.file[-6:], fault.kind) for fault in faults_of(tmp_path)]
    assert found == [
        ("2.json", "unreadable_file"), ("3.json", "provider_error"), ("4.json", "not_pois"), ("5.json", "not_pois"),
    ]  # fmt: skip


def test_an_answer_of_the_other_provider_is_no_error_of_this_one(tmp_path):
    of_baidu = {"status": 0, "message": "ok", "results": [{"name": "药店", "location": {"lng": 118.79, "lat": 32.05}}]}
    assert [fault.kind for fault in faults_of(written(tmp_path / "b.json", of_baidu))] == ["not_pois"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (amap(), "empty_layer"), ("[" * 100_000, "unreadable_file"), (amap(amap_poi(1, count="9" * 5000)), None),
        ({**amap(amap_poi(1)), "count": "9" * 5000}, None), ("[" * 20 + "]" * 20, "not_pois"),
        (amap({}, amap_poi(1, name=None, typecode=["1", []])), None),
    ],
    ids=["no POI", "deep", "long", "long count", "nested", "odd"],
)  # fmt: skip
def test_odd_answers(tmp_path, content, kind):
    path = written(tmp_path / "pois.json", content)
    if kind is None:
        assert len(read_pois(path, "amap")[0]) == 1
    else:
        assert [fault.kind for fault in faults_of(path)] == [kind]


@pytest.mark.parametrize("name", ["nothing.json", "pois.pdf", "empty"])
def test_what_cannot_be_opened(tmp_path, name):
    written(tmp_path / "pois.pdf", "%PDF")
    (tmp_path / "empty").mkdir()
    (fault,) = faults_of(tmp_path / name)
    assert fault.kind == ("missing_file" if name == "nothing.json" else "unknown_format")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["status", "pois", "results", "result", "location", "name", "id", "uid", "count", "data", "type",
                         "detail_info", "lat", "lng", "business"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(value=VALUES, provider=st.sampled_from(["amap", "baidu"]))
def test_whatever_is_in_the_file_ends_in_a_table_or_in_faults(tmp_path_factory, value, provider):
    path = written(tmp_path_factory.mktemp("fuzz") / "pois.json", json.dumps(value))
    try:
        pois, _ = read_pois(path, provider)
    except InputError as error:
        said = [fault.sentence(language) for fault in error.faults for language in ("zh", "en")]
    else:
        said = pois["name"].tolist()
    assert said


# ── As facilities ───────────────────────────────────────────────────────────


def read_facilities(path, provider, datum=None):
    source = LayerSource(path, datum=datum or {"amap": "gcj02", "baidu": "bd09"}[provider], pois=provider)
    read = classified_from_layer(source, COLUMNS, read_services(), CRS)
    return type(read)(read.value[0], read.warnings)


def served(facilities):
    return [service.id for column, service in enumerate(read_services()) if facilities.serves[:, column].any()]


@pytest.mark.parametrize(("provider", "datum"), [("amap", "gcj02"), ("baidu", "bd09"), ("baidu", "gcj02")])
def test_places_are_moved_to_where_they_are(tmp_path, provider, datum):
    """A point is put into the provider's datum by the conversion itself, and must come back within a centimetre."""
    import pyproj

    lon, lat = converted(np.array([118.79]), np.array([32.04]), "wgs84", datum)
    page = (
        amap(amap_poi(1, location=f"{lon[0]:.9f},{lat[0]:.9f}"))
        if provider == "amap"
        else baidu(baidu_poi(1, location={"lng": lon[0], "lat": lat[0]}))
    )
    facilities = read_facilities(written(tmp_path / "pois.json", page), provider, datum).value
    assert served(facilities) == ["kindergarten"]
    expected = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(118.79, 32.04)
    assert np.hypot(*(facilities.xy[0] - expected)) < 0.01
    if datum != "wgs84":
        unmoved = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon[0], lat[0])
        assert np.hypot(*(facilities.xy[0] - unmoved)) > 300


def test_types_come_from_codes_texts_and_names(tmp_path):
    pois = [
        amap_poi(1),
        amap_poi(2, "益民药店", "医疗保健服务;医药保健销售店;药房", "090601"),
        amap_poi(3, "城北加油站", "汽车服务;加油站;加油站", "010100"),
    ]
    read = read_facilities(written(tmp_path / "pois.json", amap(*pois)), "amap")
    assert set(served(read.value)) == {"kindergarten", "pharmacy"}
    assert read.value.ids.tolist() == ["B000001", "B000002"]
    assert "classified" in {note.kind for note in read.warnings}
