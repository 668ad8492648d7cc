import json
import re
from dataclasses import replace

import numpy as np
import pytest
import shapely

from livingcircle.faults import Fault
from livingcircle.model.outcome import NO_GAPS, Assessment, Reach
from livingcircle.model.places import Districts, Facilities, Homes
from livingcircle.model.standard import Requirement, ServiceType, Words
from livingcircle.render import background, maps, squares, tables
from livingcircle.render.levels import classes_of
from livingcircle.render.outlines import frame_around
from livingcircle.render.scene import content_of, scene_of
from livingcircle.render.words import LANGUAGES, shown_share
from small_town import (
    BLOCK_METRES,
    ORIGIN,
    REQUIREMENTS,
    SCRIPT_NAME,
    UNJOINED_HOME,
    WALLED_HOME,
    anchors,
    build_town,
    coverage_of,
    grid_streets,
    grid_walk_seconds,
    isochrones_of,
    objects,
    standard,
    verdicts_of,
)
from small_town import squares as building_squares


@pytest.fixture(scope="module")
def content(town):
    return content_of(scene_of(town, "zh"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_is_one_file_equal_for_equal_runs(tmp_path, town, language):
    for name in ("one", "two"):
        maps.write_map(tmp_path / name, town, language)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").stat().st_size < 400_000


def test_no_name_can_leave_the_script(tmp_path, town):
    maps.write_map(tmp_path / "map.html", town, "zh")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert SCRIPT_NAME not in page
    assert "\\u003cscript\\u003ealert(1)" in page
    (written,) = re.findall(r"livingCircle\.draw\(map_city, (.*)\);", page)
    assert json.loads(written)["facilities"][1]["title"] == SCRIPT_NAME


def test_a_title_with_markup_is_shown_as_text(town):
    study = replace(town.study, title=replace(town.study.title, zh="</title><b>市"))
    page = maps.city_map(replace(town, study=study), "zh").get_root().render()
    assert "<title>&lt;/title&gt;&lt;b&gt;市步行可达性评估图</title>" in page


def test_classes_follow_the_one_boundary_rule():
    seconds = np.array([0.0, 300.0, np.nextafter(300.0, 1e9), 600.0, 900.1, np.inf, np.nan])
    assert classes_of(seconds, [300.0, 600.0]).tolist() == [0, 0, 1, 1, 2, 3, 4]


def test_homes_are_classed_as_they_are_counted(town, content):
    coverage = tables.coverage(town.study, town.assessment)
    limits = [300.0, 600.0, 900.0]
    for number in range(2):
        classes = [int(digit, 36) for digit in content["homes"]["classes"][number]]
        for position, limit in enumerate(limits):
            own = coverage[
                (coverage["service_id"] == town.study.standard.services[number].id)
                & (coverage["limit_minutes"] == limit / 60)
                & (coverage["scope"] == "study")
            ]
            residents = sum(
                people
                for people, found in zip(content["homes"]["residents"], classes, strict=True)
                if found <= position
            )
            assert residents == own["residents_covered"].iloc[0]
            assert content["services"][number]["limits"][position]["share_text"] == shown_share(
                own["residents_share"].iloc[0]
            )
    assert content["homes"]["classes"][1][WALLED_HOME] == "4"
    assert content["homes"]["classes"][1][UNJOINED_HOME] == "5"


def test_shown_minutes_never_fall_below_the_walk(town, content):
    seconds = town.assessment.reach.seconds[0]
    reached = np.isfinite(seconds)
    shown = np.array(content["homes"]["tenths"][0])[reached] * 6
    assert (shown >= seconds[reached]).all()
    assert (shown - seconds[reached] < 6).all()


def test_the_panel_starts_with_the_limit_of_the_standard(content):
    clinic, kindergarten, canteen = content["services"]
    assert [one["limits"][one["start"]]["limit"] for one in (clinic, kindergarten, canteen)] == [
        "15 分钟",
        "5 分钟",
        "15 分钟",
    ]
    said = kindergarten["limits"][0]
    assert (said["verdict"], said["recalled"], said["share_text"]) == ("unmet", True, "34.6 %")
    assert (canteen["known"], canteen["limits"][2]["share_text"], canteen["limits"][2]["verdict"]) == (
        False,
        "无法判定",
        "no_data",
    )
    assert content["start"] == 0
    assert not clinic["limits"][0]["required"]


def test_gaps_plans_and_facilities_belong_to_their_service(content):
    clinic, kindergarten, canteen = content["services"]
    assert [len(one["gaps"]) for one in (clinic, kindergarten, canteen)] == [0, 2, 0]
    assert [site["rank"] for site in kindergarten["plan"]] == [1, 2]
    assert kindergarten["plan"][0]["limit"] == kindergarten["start"]
    assert [one["facilities"] for one in (clinic, kindergarten, canteen)] == [[0, 1], [1, 2], []]
    assert canteen["isochrones"] == []
    assert [len(one["isochrones"]) for one in (clinic, kindergarten)] == [3, 3]


def test_notes_say_what_readers_must_know(town, content):
    texts = [note["text"] for note in content["notes"]]
    assert texts[0] == "居民数为估算"
    assert "生成日期：2026-11-22" in texts
    assert content["attribution"] == "© OpenStreetMap contributors, ODbL 1.0"
    surveyed = replace(town.study, warnings=())
    plain = content_of(scene_of(replace(town, study=surveyed), "zh"))
    assert [note["text"] for note in plain["notes"]] == texts[1:]
    spread = replace(town.study, warnings=(Fault("households_estimated", details={"residents_per_household": 2.6}),))
    assert content_of(scene_of(replace(town, study=spread), "en"))["notes"][0]["text"] == "Households are an estimate"


def test_an_unjoined_facility_says_so(town):
    joints = replace(town.study.facility_anchors, nearest_metres=np.array([10.0, 10.0, 999.0]))
    found = content_of(scene_of(replace(town, study=replace(town.study, facility_anchors=joints)), "zh"))
    assert ["未接入路网", "未接入路网，未计入"] in found["facilities"][2]["facts"]


def test_many_homes_are_gathered_into_squares(town, monkeypatch):
    monkeypatch.setattr(squares, "MOST_HOMES", 29)
    found = content_of(scene_of(town, "zh"))
    homes = found["homes"]
    assert homes["cells"]
    assert sum(homes["residents"]) == 4650
    assert len(homes["shares"][0]) == 3
    assert any("按 100 米方格汇总" in note["text"] for note in found["notes"])
    plain = content_of(scene_of(town, "zh"))
    monkeypatch.undo()
    assert plain["services"][0]["classes"] == found["services"][0]["classes"]


def test_a_town_without_districts_candidates_or_people(town):
    study = town.study
    nobody = np.zeros(0)
    bare = replace(
        study,
        candidate_anchors=anchors(0),
        districts=study.districts.take(nobody.astype(int)),
        homes=replace(study.homes, residents=np.zeros(30), district=np.full(30, -1, np.int32)),
        candidates=study.candidates.take(nobody.astype(int)),
    )  # fmt: skip
    table = town.assessment.coverage
    keep = table.district < 0
    columns = {name: getattr(table, name)[keep] for name in table.__dataclass_fields__ if name != "unaligned"}
    columns["residents"] = columns["residents_covered"] = np.zeros(keep.sum())
    whole = town.assessment.verdicts.district < 0
    verdicts = replace(
        town.assessment.verdicts,
        **{
            name: getattr(town.assessment.verdicts, name)[whole]
            for name in ("requirement", "district", "verdict", "residents_short")
        },
        row=np.array([2, 3, 8], np.int32),
    )
    assessment = replace(town.assessment, coverage=replace(table, **columns), verdicts=verdicts)
    nothing = replace(town, study=bare, assessment=assessment, gaps=NO_GAPS, plans=())
    json.dumps(content_of(scene_of(nothing, "zh")), allow_nan=False)


def test_a_city_of_22000_homes_and_12_services_stays_light(town, tmp_path):
    rng = np.random.default_rng(1)
    count, services, places, districts = 22_000, 12, 240, 4
    streets = grid_streets(70, 60)
    side = np.array([69, 59]) * BLOCK_METRES
    xy, facility_xy = ORIGIN + rng.random((count, 2)) * side, ORIGIN + rng.random((places, 2)) * side
    serves = np.arange(places)[:, None] % services == np.arange(services)
    types = tuple(
        ServiceType(f"s{number}", Words(f"设施{number}", f"Service {number}"), ()) for number in range(services)
    )
    rules = tuple(
        Requirement(f"r{number}", f"s{number}", 900.0, 0.9, REQUIREMENTS[0].citation) for number in range(services)
    )
    residents = rng.integers(1, 80, count).astype(float)
    homes = Homes(
        ids=objects([f"B{number}" for number in range(count)]),
        xy=xy,
        geometry=building_squares(xy, 20),
        residents=residents,
        households=residents / 2.6,
        floor_m2=np.full(count, np.nan),
        footprint_m2=np.full(count, 400.0),
        district=rng.integers(0, districts, count).astype(np.int32),
    )
    facilities = Facilities.plain(
        ids=objects([f"F{number}" for number in range(places)]),
        names=objects([f"设施{number}" for number in range(places)]),
        xy=facility_xy,
        geometry=shapely.points(facility_xy),
        serves=serves,
    )
    bands = ORIGIN[0] + np.linspace(0, side[0], districts + 1)
    study = replace(
        town.study,
        homes=homes,
        facilities=facilities,
        home_anchors=anchors(count),
        facility_anchors=anchors(places),
        standard=standard(types, rules),
        network=replace(town.study.network, streets=streets),
        districts=Districts(
            ids=objects([str(number) for number in range(districts)]),
            names=objects([f"第{number}街道" for number in range(districts)]),
            geometry=shapely.box(bands[:-1], ORIGIN[1], bands[1:], ORIGIN[1] + side[1]),
            level=objects([""] * districts),
            parent=np.full(districts, -1, np.int32),
        ),
    )
    seconds, nearest = grid_walk_seconds(xy, facility_xy, serves)
    coverage = coverage_of(study, seconds, [(300.0, 600.0, 900.0)] * services)
    assessment = Assessment(
        Reach(seconds, nearest, np.zeros((services, 1)), np.full((services, 1), -1, np.int32)),
        coverage,
        verdicts_of(study, coverage),
        shown_limits_seconds=(300.0, 600.0, 900.0),
    )
    areas = isochrones_of(facility_xy, serves)
    city = replace(town, study=study, assessment=assessment, isochrones=areas, gaps=NO_GAPS, plans=())
    maps.write_map(tmp_path / "city.html", city, "zh")
    assert (tmp_path / "city.html").stat().st_size < 3_000_000


def test_streets_of_a_city_become_one_picture(monkeypatch):
    streets = grid_streets(12, 12)
    frame = frame_around(streets.node_xy, streets.crs)
    lines = background.background(streets, frame)
    assert len(lines["outlines"]) == len(streets)
    monkeypatch.setattr(background, "MOST_LINES", 10)
    picture = background.background(streets, frame)
    assert picture["image"].startswith("data:image/png;base64,")
    (south, west), (north, east) = picture["bounds"]
    assert west < 118.79 < east
    assert south < 32.06 < north


def test_a_loop_smaller_than_a_pixel_does_not_stop_the_picture(monkeypatch):
    streets = grid_streets(12, 12)
    corner = streets.node_xy[0]
    loop = shapely.LineString(corner + np.array([(0, 0), (0.3, 0), (0.3, 0.3), (0, 0)]))
    lines = streets.lines.copy()
    lines[0] = loop
    monkeypatch.setattr(background, "MOST_LINES", 10)
    picture = background.background(replace(streets, lines=lines), frame_around(streets.node_xy, streets.crs))
    assert picture["image"].startswith("data:image/png;base64,")


def test_geometry_may_be_points(town):
    homes = replace(town.study.homes, geometry=shapely.points(town.study.homes.xy))
    found = content_of(scene_of(replace(town, study=replace(town.study, homes=homes)), "zh"))
    assert all(len(outline) == 1 and len(outline[0]) == 2 for outline in found["homes"]["outlines"])


def test_the_town_is_built_alike_each_time():
    assert content_of(scene_of(build_town(), "zh")) == content_of(scene_of(build_town(), "zh"))
